import { Agent, request } from 'undici'
import { z } from 'zod'
import { notChecked, type VatIdCheck, type VatIdChecker } from './vat-id-checker.ts'

/** The European Commission's service, asked by POST; see "VIES on-the-web", technical information. */
export const VIES_URL = 'https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number'

/** A buyer waits for it. Member states often take seconds; after this the sale goes on without the answer. */
export const VIES_TIMEOUT_MS = 5_000
/** An answer has some hundred bytes. */
const ANSWER_BYTES_MAX = 64 * 1024
/** The service refuses who asks too much at once (MS_MAX_CONCURRENT_REQ). */
const CONNECTIONS_MAX = 4

const answerSchema = z.object({
  valid: z.boolean().optional(),
  requestIdentifier: z.string().max(100).nullish(),
  /** `VALID` or `INVALID`; else the fault, such as MS_UNAVAILABLE, with `valid: false` beside it. */
  userError: z.string().max(200).nullish(),
  errorWrappers: z.array(z.object({ error: z.string().max(200) })).optional(),
})
type ViesAnswer = z.infer<typeof answerSchema>

export interface ViesOptions {
  /** The seller's own VAT id; with it VIES gives a consultation number, which proves the check. Null = none. */
  readonly requesterVatId: string | null
  readonly url?: string
  readonly timeoutMs?: number
}

/** Asks VIES, which knows the VAT ids of the EU's member states and of Northern Ireland. */
export class ViesChecker implements VatIdChecker {
  private readonly options: Required<ViesOptions>
  private readonly agent = new Agent({ connections: CONNECTIONS_MAX, maxResponseSize: ANSWER_BYTES_MAX })

  constructor(options: ViesOptions) {
    this.options = { url: VIES_URL, timeoutMs: VIES_TIMEOUT_MS, ...options }
  }

  async check(vatId: string): Promise<VatIdCheck> {
    if (!/^[A-Z]{2}[0-9A-Z+*]{2,12}$/.test(vatId))
      return notChecked(vatId, 'Not a VAT ID that VIES can be asked about.')
    try {
      const { statusCode, body } = await request(this.options.url, {
        dispatcher: this.agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({
          countryCode: vatId.slice(0, 2),
          vatNumber: vatId.slice(2),
          ...requesterOf(this.options.requesterVatId),
        }),
        // Over the whole exchange: the separate limits of head and body would allow it twice.
        signal: AbortSignal.timeout(this.options.timeoutMs),
      })
      const answer = answerSchema.safeParse(await body.json())
      if (!answer.success) return notChecked(vatId, `VIES answered ${statusCode} with something unexpected.`)
      return readAnswer(vatId, statusCode, answer.data)
    } catch (error) {
      return notChecked(vatId, `VIES could not be asked: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Ends its connections; for the end of the process. */
  async close(): Promise<void> {
    await this.agent.close()
  }
}

function requesterOf(vatId: string | null): { requesterMemberStateCode?: string; requesterNumber?: string } {
  return vatId === null ? {} : { requesterMemberStateCode: vatId.slice(0, 2), requesterNumber: vatId.slice(2) }
}

/** Only a plain yes or no is an answer. `valid: false` beside a fault says that the state could not be asked. */
function readAnswer(vatId: string, statusCode: number, answer: ViesAnswer): VatIdCheck {
  const fault = answer.errorWrappers?.[0]?.error ?? answer.userError ?? null
  const isFault = fault !== null && fault !== '' && fault !== 'VALID' && fault !== 'INVALID'
  if (statusCode !== 200 || isFault || answer.valid === undefined) {
    return notChecked(vatId, `VIES answered ${statusCode} ${fault ?? 'without a result'}.`)
  }
  return {
    value: vatId,
    result: answer.valid ? 'valid' : 'invalid',
    consultation: answer.requestIdentifier || null,
    reason: null,
  }
}

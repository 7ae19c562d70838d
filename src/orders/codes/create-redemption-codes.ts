import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import type { Witness } from '../../lib/witness.ts'
import { NANO_PER_UNIT } from '../../money/nano.ts'
import { IDEMPOTENCY_KEY_LENGTH_MAX, oncePerKey } from '../idempotency.ts'
import { OrderError } from '../order-error.ts'
import { type CodeCharacters, codeHash, codeHint, printedCode, randomCode } from './code-text.ts'

/** One page to print, one transaction to write. */
const CODES_MAX = 1_000
/** A slip of the keyboard should not give away a fortune. */
const CODE_AMOUNT_MAX_NANO = 100_000n * NANO_PER_UNIT
/** Ten years. */
const CREDIT_DAYS_MAX = 3_650
/** A sentence. */
const NOTE_LENGTH_MAX = 500
/** A date far beyond any campaign, and within what a database can keep. */
const EXPIRES_AT_MAX = Date.UTC(2200, 0, 1)

const schema = z.object({
  count: z.int().min(1).max(CODES_MAX),
  /** What each code is worth. */
  amountNano: z.bigint().positive().max(CODE_AMOUNT_MAX_NANO),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** How long the credits last from the day a code is redeemed. */
  creditDays: z.int().min(1).max(CREDIT_DAYS_MAX),
  /** Until when a code may be redeemed, in milliseconds since the epoch; null = always. */
  expiresAt: z.int().positive().max(EXPIRES_AT_MAX).nullable(),
  note: z.string().trim().min(1).max(NOTE_LENGTH_MAX).nullable(),
  actorId: z.guid(),
  idempotencyKey: z.string().min(1).max(IDEMPOTENCY_KEY_LENGTH_MAX).nullish(),
})
export type NewRedemptionCodes = z.input<typeof schema>
type ParsedCodes = z.output<typeof schema>

interface NewCode {
  id: string
  characters: CodeCharacters
}

/** What is known of codes besides what they are: nothing in it redeems one. */
export type MadeCodes = Omit<ParsedCodes, 'actorId' | 'idempotencyKey'> & {
  readonly codes: readonly Omit<CreatedCode, 'code'>[]
}

export interface CreatedCode {
  readonly id: string
  /** In clear: nobody can read it again. */
  readonly code: string
  /** The end of the code, which stays readable. */
  readonly hint: string
}

export type CreatedCodes =
  | { readonly outcome: 'created'; readonly codes: readonly CreatedCode[] }
  /** This key made its codes before, and they were shown then. */
  | { readonly outcome: 'repeated' }

/**
 * Makes codes and shows them once: only their SHA-256 and a hint are kept.
 * @throws OrderError `invalid_request` naming the field, or `idempotency_conflict`.
 */
export async function createRedemptionCodes(
  { pool, clock }: { pool: Pool; clock: Clock },
  wanted: NewRedemptionCodes,
  witness?: Witness<MadeCodes>,
): Promise<CreatedCodes> {
  const asked = parse(wanted)
  const { actorId, idempotencyKey = null, ...body } = asked
  const codes: NewCode[] = Array.from({ length: asked.count }, () => ({ id: uuidV7(clock), characters: randomCode() }))
  return inTransaction(pool, async (client) => {
    const call = { scopeId: actorId, verb: 'create-redemption-codes', key: idempotencyKey, body }
    const { repeated } = await oncePerKey(client, clock, call, async () => {
      // Not before: whoever asks again, however late, is told that the codes were made.
      if (asked.expiresAt !== null && asked.expiresAt <= clock.now()) throw invalid('expiresAt', 'this is past')
      await insertCodes(client, clock, asked, codes)
      const hints = codes.map(({ id, characters }) => ({ id, hint: codeHint(characters) }))
      await witness?.(client, { before: null, after: { ...body, codes: hints } })
      // Codes are no batch of their own; the key remembers the first of them.
      return (codes[0] as NewCode).id
    })
    if (repeated) return { outcome: 'repeated' }
    return {
      outcome: 'created',
      codes: codes.map(({ id, characters }) => ({ id, code: printedCode(characters), hint: codeHint(characters) })),
    }
  })
}

function parse(wanted: NewRedemptionCodes): ParsedCodes {
  const parsed = schema.safeParse(wanted)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(String(issue?.path[0] ?? ''), issue?.message ?? 'not as it should be')
  }
  return parsed.data
}

function invalid(field: string, problem: string): OrderError {
  return new OrderError('invalid_request', `${field}: ${problem}.`, { field })
}

async function insertCodes(
  client: ClientBase,
  clock: Clock,
  { amountNano, currency, creditDays, expiresAt, note, actorId }: ParsedCodes,
  codes: readonly NewCode[],
): Promise<void> {
  await client.query(
    `INSERT INTO redemption_code (id, code_hash, hint, currency, amount_nano, credit_days, expires_at, note, created_by_id, created_at)
     SELECT made.id, made.code_hash, made.hint, $4, $5, $6, $7, $8, $9, $10
     FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS made (id, code_hash, hint)`,
    [
      codes.map(({ id }) => id),
      codes.map(({ characters }) => codeHash(characters)),
      codes.map(({ characters }) => codeHint(characters)),
      ...[currency, amountNano, creditDays, expiresAt === null ? null : new Date(expiresAt), note, actorId],
      new Date(clock.now()),
    ],
  )
}

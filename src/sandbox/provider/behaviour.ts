import { z } from 'zod'

/** Longest wait a behaviour may ask for: beyond it a forgotten setting looks like a hung provider. */
const DELAY_MS_MAX = 300_000
/** Most tokens of one reply, all its choices together; it bounds the memory that a reply takes. */
export const COMPLETION_TOKENS_MAX = 100_000

const share = z.number().min(0).max(1)
const delayMs = z.number().int().min(0).max(DELAY_MS_MAX)
const status = z.number().int().min(400).max(599)

/** What a simulated provider does to every request; a marker in a prompt overrides it for one request. */
export const behaviourSchema = z.strictObject({
  /** Wait before the first byte of a reply. */
  latencyMs: delayMs,
  /** Wait between content chunks of a stream. */
  chunkDelayMs: delayMs,
  tokensPerChunk: z.number().int().min(1).max(COMPLETION_TOKENS_MAX),
  /** Share of the requests that are refused with `errorStatus`. */
  errorRate: share,
  errorStatus: status,
  /** Share of the replies whose socket is destroyed half way. */
  disconnectRate: share,
  /** No usage at all, neither in a reply nor at the end of a stream. */
  omitUsage: z.boolean(),
  /** Streams carry usage on the last chunk that has choices, asked for or not, as some compatible providers do. */
  usageInLastChoiceChunk: z.boolean(),
  /** Produces and bills more tokens than the request allowed. */
  ignoreOutputCap: z.boolean(),
  /** Share of the prompt tokens that is reported as read from the cache. */
  cachedTokensShare: share,
  /** Length of each choice in tokens, before the output cap; null means a length derived from the messages. */
  completionTokens: z.number().int().min(0).max(COMPLETION_TOKENS_MAX).nullable(),
})

export type Behaviour = z.infer<typeof behaviourSchema>

/** A change of behaviour: what is left out stays as it is. */
export const behaviourChangeSchema = behaviourSchema.partial()
export type BehaviourChange = z.infer<typeof behaviourChangeSchema>

export const DEFAULT_BEHAVIOUR: Behaviour = {
  latencyMs: 0,
  chunkDelayMs: 0,
  tokensPerChunk: 4,
  errorRate: 0,
  errorStatus: 500,
  disconnectRate: 0,
  omitUsage: false,
  usageInLastChoiceChunk: false,
  ignoreOutputCap: false,
  cachedTokensShare: 0,
  completionTokens: null,
}

/** The behaviour after a change; throws a ZodError on unknown names and values out of range. */
export function changeBehaviour(current: Behaviour, change: unknown): Behaviour {
  const given = Object.entries(behaviourChangeSchema.parse(change)).filter(([, value]) => value !== undefined)
  return { ...current, ...Object.fromEntries(given) }
}

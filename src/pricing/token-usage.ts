/**
 * What one request used. The buckets are exclusive: a token is counted in exactly one of them, whatever the
 * provider's own report does. The protocol's edge normalizes; from here on a sum is a sum.
 */
export interface TokenUsage {
  /** Uncached input. */
  inputTokens: number
  cacheReadTokens: number
  cacheWrite5mTokens: number
  cacheWrite1hTokens: number
  /** All output, with reasoning. */
  outputTokens: number
  /** The part of `outputTokens` spent on reasoning. For display: it is never charged again. */
  reasoningTokens: number
}

export const NO_USAGE: Readonly<TokenUsage> = Object.freeze({
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
})

/**
 * No request comes within a factor of a thousand of this, and sums of such counts are still exact integers. A greater
 * count is a broken report, and must not become a charge.
 */
export const TOKENS_MAX = 1_000_000_000_000

/** Input of every kind, cached or not. This is what a tier's threshold is compared with. */
export function totalInputTokens(usage: TokenUsage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
}

/** Every token of the request once. Reasoning is already in the output. */
export function totalTokens(usage: TokenUsage): number {
  return totalInputTokens(usage) + usage.outputTokens
}

/** A negative or broken count would pay the customer: it is a bug of the meter, so it throws. */
export function assertTokenCount(count: number, name: string): void {
  if (!Number.isInteger(count) || count < 0 || count > TOKENS_MAX) {
    throw new RangeError(`Expected ${name} to be a whole number from 0 to ${TOKENS_MAX}, but got ${count}.`)
  }
}

export function assertTokenUsage(usage: TokenUsage): void {
  assertTokenCount(usage.inputTokens, 'inputTokens')
  assertTokenCount(usage.cacheReadTokens, 'cacheReadTokens')
  assertTokenCount(usage.cacheWrite5mTokens, 'cacheWrite5mTokens')
  assertTokenCount(usage.cacheWrite1hTokens, 'cacheWrite1hTokens')
  assertTokenCount(usage.outputTokens, 'outputTokens')
}

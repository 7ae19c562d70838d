import type { TokenUsage } from '../../../pricing/token-usage.ts'

/** Beyond this no model counts; a figure above it is a fault of the provider's, not a bill. */
const TOKENS_PLAUSIBLE_MAX = 1_000_000_000

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= TOKENS_PLAUSIBLE_MAX
    ? value
    : null
}

function detail(usage: Record<string, unknown>, group: string, name: string): number {
  const details = usage[group]
  if (typeof details !== 'object' || details === null) return 0
  return count((details as Record<string, unknown>)[name]) ?? 0
}

/**
 * OpenAI's usage in exclusive buckets: `prompt_tokens` includes the cached ones, `completion_tokens` the reasoning
 * (OpenAI API reference, "The chat completion object"). DeepSeek names its cache hits `prompt_cache_hit_tokens`; xAI
 * counts reasoning beside the completion, which only its total shows. Null where there are no usable figures.
 */
export function openAiUsage(value: unknown): TokenUsage | null {
  if (typeof value !== 'object' || value === null) return null
  const usage = value as Record<string, unknown>
  const prompt = count(usage.prompt_tokens)
  const completion = count(usage.completion_tokens ?? 0)
  if (prompt === null || completion === null) return null
  const cached = detail(usage, 'prompt_tokens_details', 'cached_tokens') || (count(usage.prompt_cache_hit_tokens) ?? 0)
  const cacheRead = Math.min(cached, prompt)
  const reasoning = detail(usage, 'completion_tokens_details', 'reasoning_tokens')
  const reasoningIsExtra = reasoning > 0 && count(usage.total_tokens) === prompt + completion + reasoning
  const output = reasoningIsExtra ? completion + reasoning : completion
  return {
    inputTokens: prompt - cacheRead,
    cacheReadTokens: cacheRead,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: output,
    reasoningTokens: Math.min(reasoning, output),
  }
}

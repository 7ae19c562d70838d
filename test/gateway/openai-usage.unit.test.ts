import { describe, expect, test } from 'vitest'
import { openAiUsage } from '../../src/gateway/protocols/openai/usage.ts'

const buckets = (input: number, cacheRead: number, output: number, reasoning = 0) => ({
  inputTokens: input,
  cacheReadTokens: cacheRead,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: output,
  reasoningTokens: reasoning,
})

/** As each provider documents or sends it. */
const REAL: [string, unknown, ReturnType<typeof buckets>][] = [
  [
    'OpenAI: cached tokens are part of the prompt, reasoning is part of the completion',
    {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: {
        ...{ reasoning_tokens: 128, audio_tokens: 0 },
        ...{ accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
      },
    },
    buckets(86, 1920, 300, 128),
  ],
  [
    'Azure: the same, details null',
    {
      ...{ prompt_tokens: 33, completion_tokens: 9, total_tokens: 42 },
      ...{ prompt_tokens_details: null, completion_tokens_details: null },
    },
    buckets(33, 0, 9),
  ],
  [
    'DeepSeek: hits and misses of the cache by names of its own',
    {
      ...{ prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
      ...{ prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 },
    },
    buckets(36, 64, 10),
  ],
  [
    'DeepSeek: the same cached tokens under both names are cached once',
    {
      ...{ prompt_tokens: 100, completion_tokens: 30, total_tokens: 130 },
      ...{ prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 },
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    buckets(36, 64, 30, 20),
  ],
  [
    'xAI: reasoning stands beside the completion, and is billed as output',
    {
      ...{ prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, num_sources_used: 0 },
      prompt_tokens_details: { text_tokens: 32, audio_tokens: 0, image_tokens: 0, cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 94, audio_tokens: 0 },
    },
    buckets(26, 6, 103, 94),
  ],
  [
    'Groq: times among the figures',
    {
      ...{ queue_time: 0.037, prompt_tokens: 18, prompt_time: 0.0006, completion_tokens: 556 },
      ...{ completion_time: 0.46, total_tokens: 574, total_time: 0.464 },
    },
    buckets(18, 0, 556),
  ],
  ['Mistral: three figures', { prompt_tokens: 16, total_tokens: 50, completion_tokens: 34 }, buckets(16, 0, 34)],
  ['no completion at all', { prompt_tokens: 12, total_tokens: 12 }, buckets(12, 0, 0)],
]

test.each(REAL)('%s', (_provider, usage, expected) => {
  expect(openAiUsage(usage)).toEqual(expected)
})

describe('no bucket is ever counted twice', () => {
  test.each(REAL)('%s', (_provider, usage) => {
    const { prompt_tokens } = usage as { prompt_tokens: number }
    const found = openAiUsage(usage)
    expect((found?.inputTokens ?? 0) + (found?.cacheReadTokens ?? 0)).toBe(prompt_tokens)
    expect(found?.reasoningTokens).toBeLessThanOrEqual(found?.outputTokens ?? 0)
  })
})

test.each([
  [null],
  [undefined],
  ['10'],
  [10],
  [[]],
  [{}],
  [{ completion_tokens: 5 }],
  [{ prompt_tokens: null, completion_tokens: 5 }],
  [{ prompt_tokens: '10', completion_tokens: 5 }],
  [{ prompt_tokens: -1, completion_tokens: 5 }],
  [{ prompt_tokens: 1.5, completion_tokens: 5 }],
  [{ prompt_tokens: Number.NaN, completion_tokens: 5 }],
  [{ prompt_tokens: 10, completion_tokens: -5 }],
  [{ prompt_tokens: 10, completion_tokens: 2e9 }],
  [{ prompt_tokens: 1e300, completion_tokens: 5 }],
])('%j is no usage', (usage) => {
  expect(openAiUsage(usage)).toBeNull()
})

test.each([
  ['more cached than prompted', { prompt_tokens_details: { cached_tokens: 999 } }, buckets(0, 10, 20)],
  ['a negative cache', { prompt_tokens_details: { cached_tokens: -3 } }, buckets(10, 0, 20)],
  ['a cache in words', { prompt_tokens_details: { cached_tokens: 'some' } }, buckets(10, 0, 20)],
  ['details that are no object', { prompt_tokens_details: 5, completion_tokens_details: [] }, buckets(10, 0, 20)],
  ['more reasoning than output', { completion_tokens_details: { reasoning_tokens: 50 } }, buckets(10, 0, 20, 20)],
  ['a cost in units of its own', { cost: 3_144_000, cost_in_usd_ticks: 37_756_000 }, buckets(10, 0, 20)],
])('%s beside sound figures is put right', (_what, odd, expected) => {
  expect(openAiUsage({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, ...odd })).toEqual(expected)
})

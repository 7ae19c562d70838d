import { divideHalfUp } from '../../money/divide.ts'
import type { Nano } from '../../money/nano.ts'

/** What a customer used and paid. What it cost others, and what others earned, is not here. */
export interface Spending {
  readonly requests: bigint
  /** Of them, those that failed, that the provider broke off, or that were abandoned. */
  readonly errors: bigint
  /** Everything that went in and out; reasoning is a part of the output. */
  readonly tokens: bigint
  /** Read anew, apart from what was cached. */
  readonly inputTokens: bigint
  readonly cacheReadTokens: bigint
  readonly cacheWriteTokens: bigint
  readonly outputTokens: bigint
  readonly reasoningTokens: bigint
  /** The account's own price. */
  readonly costNano: Nano
  /** What providers' public prices would have come to. Where there is none, the price itself: nothing is saved there. */
  readonly marketNano: Nano
  /** The part of the cost for which there is no public price. */
  readonly unlistedNano: Nano
  /** Market rate less cost; below zero where the price is higher. */
  readonly savedNano: Nano
  /** In 1/10,000 of the market rate, half up; null = there is none. */
  readonly savedBps: bigint | null
}

export const SPENDING_METRICS = ['cost', 'market', 'saved', 'requests', 'tokens'] as const
export type SpendingMetric = (typeof SPENDING_METRICS)[number]

type Summed = Omit<Spending, 'tokens' | 'savedNano' | 'savedBps'>

export function spendingOf(row: Readonly<Record<string, unknown>>): Spending {
  const figure = (name: string) => BigInt((row[name] as string | null) ?? 0)
  return withSaving({
    requests: figure('requests'),
    errors: figure('errors'),
    inputTokens: figure('input_tokens'),
    cacheReadTokens: figure('cache_read_tokens'),
    cacheWriteTokens: figure('cache_write_tokens'),
    outputTokens: figure('output_tokens'),
    reasoningTokens: figure('reasoning_tokens'),
    costNano: figure('price_nano'),
    marketNano: figure('market_nano'),
    unlistedNano: figure('unlisted_nano'),
  })
}

export const NO_SPENDING: Spending = spendingOf({})

function withSaving(summed: Summed): Spending {
  const { costNano, marketNano } = summed
  const savedNano = marketNano - costNano
  return {
    ...summed,
    tokens: summed.inputTokens + summed.cacheReadTokens + summed.cacheWriteTokens + summed.outputTokens,
    savedNano,
    savedBps: marketNano > 0n ? divideHalfUp(savedNano * 10_000n, marketNano) : null,
  }
}

export function addSpending(all: readonly Spending[]): Spending {
  return all.reduce((sum, one) => combine(sum, one, 1n), NO_SPENDING)
}

export function subtractSpending(whole: Spending, parts: readonly Spending[]): Spending {
  return parts.reduce((rest, part) => combine(rest, part, -1n), whole)
}

function combine(left: Spending, right: Spending, sign: 1n | -1n): Spending {
  return withSaving({
    requests: left.requests + sign * right.requests,
    errors: left.errors + sign * right.errors,
    inputTokens: left.inputTokens + sign * right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + sign * right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + sign * right.cacheWriteTokens,
    outputTokens: left.outputTokens + sign * right.outputTokens,
    reasoningTokens: left.reasoningTokens + sign * right.reasoningTokens,
    costNano: left.costNano + sign * right.costNano,
    marketNano: left.marketNano + sign * right.marketNano,
    unlistedNano: left.unlistedNano + sign * right.unlistedNano,
  })
}

import { divideHalfUp } from '../../money/divide.ts'
import type { Nano } from '../../money/nano.ts'

/** Whose business it is. A reseller sees its own customers, what it earned from them and what it paid; nothing of others. */
export type BusinessScope = 'operator' | { readonly resellerId: string }

export interface BusinessFigures {
  readonly requests: bigint
  /** Of them, those that failed, that the provider broke off, or that were abandoned. */
  readonly errors: bigint
  /** Everything that went in and out; reasoning is a part of the output. */
  readonly tokens: bigint
  readonly inputTokens: bigint
  readonly cacheReadTokens: bigint
  readonly cacheWriteTokens: bigint
  readonly outputTokens: bigint
  readonly reasoningTokens: bigint
  /** The operator's: the price of direct customers, the wholesale price of resellers'. A reseller's: its customers' price. */
  readonly revenueNano: Nano
  /** What the scope pays for it: the operator to providers, for answers (attempts that failed are apart); a reseller to the operator. */
  readonly costNano: Nano
  readonly marginNano: Nano
  /** The margin in 1/10,000 of the revenue, half up; null = no revenue. */
  readonly marginBps: bigint | null
  /** What resellers earned; null in a reseller's own figures, whose margin it is. */
  readonly resellerMarginNano: Nano | null
}

/** What PostgreSQL answers: all figures as text. */
export type FigureRow = Readonly<Record<string, unknown>>

export function figuresOf(row: FigureRow): BusinessFigures {
  const figure = (name: string) => BigInt((row[name] as string | null) ?? 0)
  return withMargin({
    requests: figure('requests'),
    errors: figure('errors'),
    inputTokens: figure('input_tokens'),
    cacheReadTokens: figure('cache_read_tokens'),
    cacheWriteTokens: figure('cache_write_tokens'),
    outputTokens: figure('output_tokens'),
    reasoningTokens: figure('reasoning_tokens'),
    revenueNano: figure('revenue_nano'),
    costNano: figure('paid_nano'),
    resellerMarginNano: row.has_resellers === false ? null : figure('reseller_margin_nano'),
  })
}

type Summed = Omit<BusinessFigures, 'tokens' | 'marginNano' | 'marginBps'>

function withMargin(summed: Summed): BusinessFigures {
  const { revenueNano, costNano } = summed
  const marginNano = revenueNano - costNano
  return {
    ...summed,
    tokens: summed.inputTokens + summed.cacheReadTokens + summed.cacheWriteTokens + summed.outputTokens,
    marginNano,
    marginBps: marginBps(marginNano, revenueNano),
  }
}

/** In 1/10,000, half up; null where nothing was earned. */
export function marginBps(marginNano: Nano, revenueNano: Nano): bigint | null {
  return revenueNano > 0n ? divideHalfUp(marginNano * 10_000n, revenueNano) : null
}

/** Figures without any usage. */
export function noFigures(scope: BusinessScope): BusinessFigures {
  return figuresOf({ has_resellers: scope === 'operator' })
}

/** The sum of figures, or what is left of the first without the others. */
export function addFigures(scope: BusinessScope, all: readonly BusinessFigures[]): BusinessFigures {
  return all.reduce((sum, one) => combine(sum, one, 1n), noFigures(scope))
}

export function subtractFigures(whole: BusinessFigures, parts: readonly BusinessFigures[]): BusinessFigures {
  return parts.reduce((rest, part) => combine(rest, part, -1n), whole)
}

function combine(left: BusinessFigures, right: BusinessFigures, sign: 1n | -1n): BusinessFigures {
  const resellerMarginNano =
    left.resellerMarginNano === null ? null : left.resellerMarginNano + sign * (right.resellerMarginNano ?? 0n)
  return withMargin({
    requests: left.requests + sign * right.requests,
    errors: left.errors + sign * right.errors,
    inputTokens: left.inputTokens + sign * right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + sign * right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + sign * right.cacheWriteTokens,
    outputTokens: left.outputTokens + sign * right.outputTokens,
    reasoningTokens: left.reasoningTokens + sign * right.reasoningTokens,
    revenueNano: left.revenueNano + sign * right.revenueNano,
    costNano: left.costNano + sign * right.costNano,
    resellerMarginNano,
  })
}

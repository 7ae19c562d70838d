import { z } from 'zod'
import { termsOfRow } from '../catalog/catalog-rows.ts'
import { describeCard, describeTerms } from '../catalog/describe-price.ts'
import { rateCardFromJson } from '../pricing/rate-card.ts'
import type { Actor, Invalid, MarginDeps } from './margin-deps.ts'
import { type HistoryRow, readHistory } from './sql/price-history.ts'

const PAGE_DEFAULT = 50
const PAGE_MAX = 200

const id = z.uuid({ error: 'expected an id' }).toLowerCase()

const request = z.strictObject({
  kind: z.enum(['COST_PROFILE', 'LIST_PRICE', 'PRICE_RULE', 'RETIRE_RULE']).optional(),
  modelId: id.optional(),
  providerId: id.optional(),
  upstreamModel: z.string().max(200).optional(),
  /** Rules of this reseller only. */
  sellerId: id.optional(),
  /** `next` of the page before. */
  before: z.strictObject({ at: z.date(), id }).optional(),
  limit: z.int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
})

export type PriceHistoryRequest = z.input<typeof request>

/** A version of a price, or the end of one. */
export interface PriceHistoryItem {
  kind: 'COST_PROFILE' | 'LIST_PRICE' | 'PRICE_RULE' | 'RETIRE_RULE'
  versionId: string
  /** Whom and what it is for, by name; null where it is for all. */
  seller: string | null
  account: string | null
  plan: string | null
  model: string | null
  provider: string | null
  upstreamModel: string | null
  /** "input 0.15, output 0.6" or "MARKUP_ON_COST 500 bps". */
  terms: string
  effectiveFrom: Date
  retiredAt: Date | null
  createdAt: Date
  /** Who wrote it here; null where it came from a catalog file. */
  actorId: string | null
  /** Why a price under the floor was meant. */
  reason: string | null
  /** What was acknowledged with the reason. */
  breaches: string[]
  /** Where the figures are from, as somebody noted. */
  source: string | null
}

export interface PriceHistory {
  ok: true
  /** Newest first. */
  items: PriceHistoryItem[]
  /** Where the next page begins; null = there is none. */
  next: { at: Date; id: string } | null
}

/** All versions that were ever written, with who, when and why. A reseller sees those of its own rules. */
export async function priceHistory(
  deps: Pick<MarginDeps, 'pool'>,
  { actor, ...asked }: PriceHistoryRequest & { actor: Actor },
): Promise<PriceHistory | Invalid> {
  const read = request.safeParse(asked)
  if (!read.success) {
    const problems = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
    return { ok: false, reason: 'invalid', problems }
  }
  const { limit, ...filter } = read.data
  const rows = await readHistory(deps.pool, { ...filter, limit: limit + 1, onlySellerId: actor.resellerId })
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next = rows.length > limit && last !== undefined ? { at: last.createdAt, id: last.itemId } : null
  return { ok: true, items: page.map(toItem), next }
}

function toItem({ itemId: _, rule, rates, ...row }: HistoryRow): PriceHistoryItem {
  const terms = rule === null ? describeCard(rateCardFromJson(rates)) : termsOf(rule)
  return { ...row, terms }
}

function termsOf(rule: NonNullable<HistoryRow['rule']>): string {
  return describeTerms(termsOfRow(rule), rule.allow_negative_margin)
}

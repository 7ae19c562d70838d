import type { Pool } from 'pg'
import type { MarginTableRow } from '../../../margins/margin-table.ts'
import { formatDecimalNano } from '../../../money/nano.ts'
import { RATE_BUCKETS, type RateCard, rateCardFromJson, type TokenRates } from '../../../pricing/rate-card.ts'

type WrittenRates = Record<keyof TokenRates, string>

/** A rate card as the form has it: decimals of the currency per million tokens. */
export interface WrittenCard extends WrittenRates {
  readonly perRequest: string
  readonly tiers: readonly (WrittenRates & { readonly aboveInputTokens: string })[]
}

/** The rule in force as the form has it. */
export interface WrittenRule {
  readonly id: string
  /** 'everything', or what the rule singles out. */
  readonly scope: Readonly<Record<'accountId' | 'planId' | 'modelId' | 'providerId', string | null>>
  readonly terms: Readonly<Record<string, unknown>>
  readonly allowNegativeMargin: boolean
}

/** What is in force, for a form to begin with; null where there is none, or none that the viewer may change. */
export interface CurrentPrices {
  readonly cost: WrittenCard | null
  readonly list: WrittenCard | null
  readonly rule: WrittenRule | null
}

interface RuleRow {
  id: string
  account_id: string | null
  plan_id: string | null
  model_id: string | null
  provider_id: string | null
  kind: string
  markup_bps: number | null
  addition_nano: string | null
  discount_bps: number | null
  rates: unknown
  allow_negative_margin: boolean
}

/** The versions that the row was computed with: of a reseller that is its own rule alone. */
export async function currentPrices(
  pool: Pool,
  { versions }: Pick<MarginTableRow, 'versions'>,
  isReseller: boolean,
): Promise<CurrentPrices> {
  const card = async (table: 'cost_profile' | 'list_price', id: string | null | undefined) => {
    if (!id) return null
    const { rows } = await pool.query<{ rates: unknown }>(`SELECT rates FROM ${table} WHERE id = $1`, [id])
    return rows[0] ? writtenCard(rateCardFromJson(rows[0].rates)) : null
  }
  const ruleId = isReseller ? versions.resellerRuleId : versions.operatorRuleId
  return {
    cost: await card('cost_profile', versions.costProfileId),
    list: await card('list_price', versions.listPriceId),
    rule: await readRule(pool, ruleId),
  }
}

async function readRule(pool: Pool, id: string | null | undefined): Promise<WrittenRule | null> {
  if (!id) return null
  const { rows } = await pool.query<RuleRow>(
    `SELECT id, account_id, plan_id, model_id, provider_id, kind, markup_bps, addition_nano::text AS addition_nano,
            discount_bps, rates, allow_negative_margin FROM price_rule WHERE id = $1`,
    [id],
  )
  const [row] = rows
  if (!row) return null
  const { account_id, plan_id, model_id, provider_id } = row
  return {
    id: row.id,
    scope: { accountId: account_id, planId: plan_id, modelId: model_id, providerId: provider_id },
    terms: writtenTerms(row),
    allowNegativeMargin: row.allow_negative_margin,
  }
}

function writtenTerms(row: RuleRow): Record<string, unknown> {
  const { kind } = row
  if (kind === 'MARKUP_ON_COST') return { kind, markup: percent(row.markup_bps ?? 0) }
  if (kind === 'DISCOUNT_OFF_LIST') return { kind, discount: percent(row.discount_bps ?? 0) }
  if (kind === 'ADDITION_PER_MILLION') return { kind, addition: formatDecimalNano(BigInt(row.addition_nano ?? 0)) }
  return { kind, rates: writtenCard(rateCardFromJson(row.rates)) }
}

/** "12.5 %" of 1,250 basis points. */
function percent(bps: number): string {
  const digits = Math.abs(bps).toString().padStart(3, '0')
  const fraction = digits.slice(-2).replace(/0+$/, '')
  return `${bps < 0 ? '-' : ''}${digits.slice(0, -2)}${fraction === '' ? '' : `.${fraction}`} %`
}

function writtenCard({ tiers, perRequestNano }: RateCard): WrittenCard {
  const [first, ...above] = tiers
  return {
    ...written(first?.rates as TokenRates),
    perRequest: formatDecimalNano(perRequestNano),
    tiers: above.map(({ aboveInputTokens, rates }) => ({
      aboveInputTokens: String(aboveInputTokens),
      ...written(rates),
    })),
  }
}

/** Cached tokens that cost as much as input are left empty: the form says so, and they go on following it. */
function written(rates: TokenRates): WrittenRates {
  const text = (bucket: keyof TokenRates) =>
    bucket.startsWith('cache') && rates[bucket] === rates.input ? '' : formatDecimalNano(rates[bucket])
  return Object.fromEntries(RATE_BUCKETS.map((bucket) => [bucket, text(bucket)])) as WrittenRates
}

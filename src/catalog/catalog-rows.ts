import { assertPriceRule, type PriceRule, type PriceRuleScope } from '../pricing/price-rule.ts'
import { rateCardFromJson } from '../pricing/rate-card.ts'
import type { PriceRuleTerms } from './catalog-file.ts'
import type { CardVersion, OutputCapParameter, ProviderProtocol } from './catalog-snapshot.ts'

/** The rows of the catalog's tables, as one JSON value holds them. Instants are milliseconds, 64-bit integers text. */

export interface ProviderRow {
  id: string
  slug: string
  name: string
  protocol: ProviderProtocol
  base_url: string
  output_cap_parameter: OutputCapParameter
}

/** The operator's own credential in force. */
export interface ProviderKeyRow {
  id: string
  provider_id: string
  /** Base64. */
  secret_sealed: string | null
  secret_env: string | null
}

export interface ModelRow {
  id: string
  name: string
  context_window: number
  max_output_tokens: number
  max_image_tokens: number | null
  is_disabled: boolean
  created_at: number
}

export interface ModelAliasRow {
  name: string
  model_id: string
}

export interface RouteRow {
  id: string
  model_id: string
  provider_id: string
  upstream_model: string
  priority: number
  weight: number
  state: 'ACTIVE' | 'DISABLED'
  allow_negative_margin: boolean
}

interface CardRow {
  id: string
  currency: string
  rates: unknown
  effective_from: number
}

export interface CostProfileRow extends CardRow {
  provider_id: string
  upstream_model: string
}

export interface ListPriceRow extends CardRow {
  model_id: string
}

/** The columns that hold a rule's figures, and whether it may sell under cost. */
export interface PriceRuleFigures {
  kind: PriceRule['kind']
  markup_bps: number | null
  addition_nano: string | null
  discount_bps: number | null
  rates: unknown
  allow_negative_margin: boolean
}

export interface PriceRuleRow extends PriceRuleFigures {
  id: string
  seller_id: string | null
  account_id: string | null
  plan_id: string | null
  model_id: string | null
  provider_id: string | null
  effective_from: number
  retired_at: number | null
}

export function toCardVersion(row: CardRow): CardVersion {
  return {
    id: row.id,
    card: naming(`the rates ${row.id}`, () => rateCardFromJson(row.rates)),
    effectiveFrom: new Date(row.effective_from),
  }
}

/** Throws for a rule that makes no sense: to leave it out would price its customers by another rule. */
export function toPriceRule(row: PriceRuleRow): PriceRule {
  const rule = {
    id: row.id,
    effectiveFrom: new Date(row.effective_from),
    ...(row.retired_at === null ? {} : { retiredAt: new Date(row.retired_at) }),
    scope: scopeOf(row),
    allowNegativeMargin: row.allow_negative_margin,
    ...naming(`price rule ${row.id}`, () => termsOfRow(row)),
  }
  naming(`price rule ${row.id}`, () => assertPriceRule(rule))
  return rule
}

function scopeOf(row: PriceRuleRow): PriceRuleScope {
  return {
    ...(row.account_id === null ? {} : { accountId: row.account_id }),
    ...(row.plan_id === null ? {} : { planId: row.plan_id }),
    ...(row.model_id === null ? {} : { modelId: row.model_id }),
    ...(row.provider_id === null ? {} : { providerId: row.provider_id }),
  }
}

export function termsOfRow(row: Omit<PriceRuleFigures, 'allow_negative_margin'>): PriceRuleTerms {
  switch (row.kind) {
    // A figure that its kind needs is never null: the table checks it (price_rule_figures_fit_kind).
    case 'MARKUP_ON_COST':
      return { kind: row.kind, markupBps: row.markup_bps! }
    case 'ADDITION_PER_MILLION':
      return { kind: row.kind, additionNano: BigInt(row.addition_nano!) }
    case 'DISCOUNT_OFF_LIST':
      return { kind: row.kind, discountBps: row.discount_bps! }
    case 'ABSOLUTE':
      return { kind: row.kind, rateCard: rateCardFromJson(row.rates) }
  }
}

/** Says which row an error is about. */
function naming<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new Error(`The catalog cannot be read at ${what}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}

import { type PriceRuleRow, termsOfRow } from '../catalog/catalog-rows.ts'
import { type CatalogState, nameRule } from '../catalog/catalog-state.ts'
import { describeTerms } from '../catalog/describe-price.ts'
import { findUnderFloor, type UnderFloor } from '../catalog/margin-floor.ts'
import type { Audience } from '../catalog/price-audience.ts'
import { compileFor, indexPrices, NO_FEES, type PriceIndex, type ProcessingFees } from '../catalog/price-index.ts'
import { losesMoney } from '../pricing/plane-rate.ts'
import type { CompiledPricePlan, MissingPrice, PriceVersions } from '../pricing/price-plan.ts'
import { type MarginTier, type MarginView, marginTiers } from './margin-figures.ts'

export type RouteRow = CatalogState['routes'][number]

/** A rule that took part, in words: "price rule for model gpt-4o", "MARKUP_ON_COST 500 bps". */
export interface RuleWords {
  id: string
  name: string
  terms: string
}

/** The price of one route for one audience at one instant. */
export interface MarginPrice {
  /** Null where the model is priced. A request is refused where it is not. */
  missing: MissingPrice | null
  /** Empty where the model is not priced. */
  tiers: MarginTier[]
  /** The operator's rule: never shown to a reseller, as it tells the cost. */
  operatorRule: RuleWords | null
  resellerRule: RuleWords | null
  /** For a reseller only its own rule. */
  versions: Partial<PriceVersions>
  /** Prices without fees under the margin floor (of a reseller: under its wholesale price). Null where there are none. */
  underFloor: UnderFloor | null
  /** Some kind is sold for less than it costs the viewer, fees included. */
  isNegative: boolean
  /** The router leaves the route out, as it would lose the operator money. Null for a reseller: it would tell the cost. */
  isSkipped: boolean | null
}

/** What prices of a state are computed with. */
export interface MarginContext {
  state: CatalogState
  prices: PriceIndex
  operatorFeeNano: bigint
  floorBps: number
  view: MarginView
}

export function marginContext(state: CatalogState, rest: Omit<MarginContext, 'state' | 'prices'>): MarginContext {
  return { state, prices: indexPrices(state), ...rest }
}

/** The fees that stand in the prices of an audience. */
export function feesOf(context: Pick<MarginContext, 'state' | 'operatorFeeNano'>, audience: Audience): ProcessingFees {
  const { operatorFeeNano, state } = context
  const reseller = state.accounts.find((row) => row.id === audience.seller?.id)
  const own = reseller?.seller_fee_nano ?? null
  return { operatorFeeNano, sellerFeeNano: own === null ? operatorFeeNano : BigInt(own) }
}

/** The compiled price of a route, as a request of the audience would be charged. */
export function compiledPrice(
  context: MarginContext,
  route: RouteRow,
  audience: Audience,
  at: Date,
): CompiledPricePlan {
  return compileFor(context.prices, { route, audience, at, fees: feesOf(context, audience) })
}

export function marginPrice(context: MarginContext, route: RouteRow, audience: Audience, at: Date): MarginPrice {
  const compiled = compiledPrice(context, route, audience, at)
  if (!compiled.ok) return { ...NOT_PRICED, missing: compiled.missing }
  const { plan } = compiled
  const { state, view } = context
  const tiers = marginTiers(plan, view)
  const { costProfileId, listPriceId, operatorRuleId, resellerRuleId } = plan.versions
  const rule = (id: string | null) =>
    ruleWords(
      state,
      state.priceRules.find((row) => row.id === id),
    )
  return {
    missing: null,
    tiers,
    operatorRule: view === 'operator' ? rule(operatorRuleId) : null,
    resellerRule: rule(resellerRuleId),
    versions: view === 'operator' ? { costProfileId, listPriceId, operatorRuleId, resellerRuleId } : { resellerRuleId },
    underFloor: underFloorOf(context, route, audience, at),
    isNegative: tiers.some((tier) => tier.figures.some((figure) => figure.isNegative)),
    isSkipped: view === 'operator' ? !route.allow_negative_margin && losesMoney(plan) : null,
  }
}

const NOT_PRICED: Omit<MarginPrice, 'missing'> = {
  tiers: [],
  operatorRule: null,
  resellerRule: null,
  versions: {},
  underFloor: null,
  isNegative: false,
  isSkipped: null,
}

/** The floor is measured without fees, as it is when a catalog is applied. */
function underFloorOf(context: MarginContext, route: RouteRow, audience: Audience, at: Date): UnderFloor | null {
  const compiled = compileFor(context.prices, { route, audience, at, fees: NO_FEES })
  if (!compiled.ok) return null
  const under = findUnderFloor(compiled.plan, audience.seller !== null, context.floorBps)
  return under.findings.length === 0 ? null : under
}

function ruleWords(state: CatalogState, row: PriceRuleRow | undefined): RuleWords | null {
  if (row === undefined) return null
  return { id: row.id, name: nameRule(state, row), terms: describeTerms(termsOfRow(row), row.allow_negative_margin) }
}

/** What a row is about. */
export interface RouteWords {
  routeId: string
  modelId: string
  model: string
  providerId: string
  provider: string
  upstreamModel: string
  isServed: boolean
}

export function routeWords(state: CatalogState, route: RouteRow): RouteWords {
  const model = state.models.find((row) => row.id === route.model_id)
  return {
    routeId: route.id,
    modelId: route.model_id,
    model: model?.name ?? route.model_id,
    providerId: route.provider_id,
    provider: state.providers.find((row) => row.id === route.provider_id)?.slug ?? route.provider_id,
    upstreamModel: route.upstream_model,
    isServed: route.state === 'ACTIVE' && model?.is_disabled === false,
  }
}

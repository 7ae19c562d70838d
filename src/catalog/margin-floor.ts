import { divideHalfUp } from '../money/divide.ts'
import { formatDecimalNano } from '../money/nano.ts'
import { compilePricePlan, type PricePlan } from '../pricing/price-plan.ts'
import type { PricePlane } from '../pricing/price-plane.ts'
import { type PriceRule, selectPriceRule, selectVersion } from '../pricing/price-rule.ts'
import { RATE_BUCKETS } from '../pricing/rate-card.ts'
import { type CostProfileRow, type RouteRow, toCardVersion, toPriceRule } from './catalog-rows.ts'
import type { CardVersion } from './catalog-snapshot.ts'
import type { CatalogState } from './catalog-state.ts'

/** Whom a price is for. Null ids stand for anybody without rules of their own. */
interface Audience {
  name: string
  accountId: string | null
  planId: string | null
  /** The reseller who sells, or null for the operator. */
  seller: { id: string; slug: string; planId: string | null } | null
}

/** No account has it, so no rule is for it. */
const NOBODY = ''
const TOKENS_PER_RATE = 1_000_000n
const BPS_PER_WHOLE = 10_000n

/**
 * Prices that a change puts under the floor, one line for each model, route, audience and instant. What was under the
 * floor before at the same figures is not reported: somebody has acknowledged it.
 *
 * Processing fees are left out of the price: they pay for the toll booth, and a change of the fee must not decide
 * whether a model sells at a loss.
 *
 * @param floorBps a price must be at least cost × (1 + floorBps / 10,000), in every bucket and tier
 */
export function marginBreaches(before: CatalogState, after: CatalogState, now: Date, floorBps: number): string[] {
  const instants = instantsOf([before, after], now)
  const known = new Set(findBreaches(before, instants, floorBps).keys())
  const found = findBreaches(after, instants, floorBps)
  const lines = [...found].filter(([key]) => !known.has(key)).map(([, line]) => line)
  return [...new Set(lines)]
}

/** Now, and every later instant at which some price changes. */
function instantsOf(states: readonly CatalogState[], now: Date): Date[] {
  const changes = states.flatMap((state) =>
    [...state.costProfiles, ...state.listPrices, ...state.priceRules].map((row) => row.effective_from),
  )
  const times = [now.getTime(), ...changes.filter((time) => time > now.getTime())]
  return [...new Set(times)].sort((a, b) => a - b).map((time) => new Date(time))
}

/** Breaches by a key that changes with every figure; the value is for people. */
function findBreaches(state: CatalogState, instants: readonly Date[], floorBps: number): Map<string, string> {
  const prices = indexPrices(state)
  const audiences = audiencesOf(state)
  // Many audiences share one set of versions: each set is compared once.
  const compared = new Map<string, string[]>()
  const found = new Map<string, string>()
  for (const route of state.routes) {
    const model = state.models.find((row) => row.id === route.model_id)!
    if (route.state !== 'ACTIVE' || model.is_disabled) continue
    for (const at of instants) {
      for (const audience of audiences) {
        const plan = planFor(prices, route, audience, at)
        if (plan === undefined) continue
        const key = Object.values(plan.versions).join()
        const findings = compared.get(key) ?? compareToFloor(plan, audience.seller !== null, BigInt(floorBps))
        compared.set(key, findings)
        const provider = state.providers.find((row) => row.id === route.provider_id)?.slug
        const name = `model ${model.name} via ${provider}/${route.upstream_model}, ${audience.name}`
        for (const finding of findings) found.set(`${name}: ${finding}`, `${name}: ${finding}`)
      }
    }
  }
  return found
}

interface PriceIndex {
  costs: Map<string, CardVersion[]>
  lists: Map<string, CardVersion[]>
  /** The rules of a seller that may be for an account or plan: sought once, then a handful for each model. */
  rulesFor(sellerId: string | null, accountId: string | null, planId: string | null): readonly PriceRule[]
}

function indexPrices(state: CatalogState): PriceIndex {
  const costKey = (row: CostProfileRow) => `${row.provider_id}\n${row.upstream_model}`
  const versions = <K, R extends Parameters<typeof toCardVersion>[0]>(groups: Map<K, R[]>) =>
    new Map([...groups].map(([key, rows]): [K, CardVersion[]] => [key, rows.map(toCardVersion)]))
  const bySeller = Map.groupBy(state.priceRules, (row) => row.seller_id)
  const rules = new Map([...bySeller].map(([seller, rows]) => [seller, rows.map(toPriceRule)]))
  const narrowed = new Map<string, readonly PriceRule[]>()
  return {
    costs: versions(Map.groupBy(state.costProfiles, costKey)),
    lists: versions(Map.groupBy(state.listPrices, (row) => row.model_id)),
    rulesFor(sellerId, accountId, planId) {
      const key = [sellerId, accountId, planId].join()
      const found =
        narrowed.get(key) ??
        (rules.get(sellerId) ?? []).filter(
          ({ scope }) =>
            (scope.accountId === undefined || scope.accountId === accountId) &&
            (scope.planId === undefined || scope.planId === planId),
        )
      narrowed.set(key, found)
      return found
    },
  }
}

/** Everybody whom some rule may single out, and one of each kind whom none does. */
function audiencesOf(state: CatalogState): Audience[] {
  const sellers = new Set(state.priceRules.map((row) => row.seller_id))
  const resellers = state.accounts.filter((account) => account.kind === 'RESELLER' && sellers.has(account.id))
  return [null, ...resellers].flatMap((reseller): Audience[] => {
    const seller = reseller && { id: reseller.id, slug: reseller.slug, planId: reseller.plan_id }
    const rules = state.priceRules.filter((row) => row.seller_id === (seller?.id ?? null))
    const plans = state.plans.filter((plan) => rules.some((row) => row.plan_id === plan.id))
    const accounts = state.accounts.filter((account) => rules.some((row) => row.account_id === account.id))
    const whose = seller === null ? '' : ` of ${seller.slug}`
    return [
      { name: `customers${whose}`, accountId: null, planId: null, seller },
      ...plans.map((plan) => ({
        name: `customers${whose} on plan ${plan.slug}`,
        accountId: null,
        planId: plan.id,
        seller,
      })),
      ...accounts.map((account) => ({
        name: `account ${account.slug}`,
        accountId: account.id,
        planId: account.plan_id,
        seller,
      })),
    ]
  })
}

/** The waterfall without fees, or undefined where the model is not priced and so refused anyway. */
function planFor(prices: PriceIndex, route: RouteRow, audience: Audience, at: Date): PricePlan | undefined {
  const ruleOf = (sellerId: string | null, accountId: string | null, planId: string | null) => {
    const place = { modelId: route.model_id, providerId: route.provider_id, at }
    return (
      selectPriceRule(prices.rulesFor(sellerId, accountId, planId), {
        accountId: accountId ?? NOBODY,
        planId,
        ...place,
      }) ?? null
    )
  }
  const { seller, accountId, planId } = audience
  const costs = prices.costs.get(`${route.provider_id}\n${route.upstream_model}`) ?? []
  const compiled = compilePricePlan({
    cost: selectVersion(costs, at) ?? null,
    list: selectVersion(prices.lists.get(route.model_id) ?? [], at) ?? null,
    operatorRule: seller === null ? ruleOf(null, accountId, planId) : ruleOf(null, seller.id, seller.planId),
    operatorFeeNano: 0n,
    reseller: seller && { rule: ruleOf(seller.id, accountId, planId), feeNano: 0n },
    ownKey: false,
  })
  return compiled.ok ? compiled.plan : undefined
}

/**
 * One line with every bucket in which somebody sells for less than it costs them. The floor is the operator's: how much
 * a reseller earns is its own affair, as long as it does not lose.
 */
function compareToFloor(plan: PricePlan, isResold: boolean, operatorFloorBps: bigint): string[] {
  const [base, sold, baseName, floorBps] = isResold
    ? ([plan.wholesale, plan.price, 'wholesale price', 0n] as const)
    : ([plan.cost, plan.wholesale, 'cost', operatorFloorBps] as const)
  const buckets = [...RATE_BUCKETS, 'perRequest'] as const
  const under = plan.thresholds.flatMap((threshold, tier) =>
    buckets.flatMap((bucket) => {
      const cost = base.tiers[tier]![bucket] * (BPS_PER_WHOLE + floorBps) * sold.denominator
      const price = sold.tiers[tier]![bucket] * BPS_PER_WHOLE * base.denominator
      if (price >= cost) return []
      const above = threshold === 0 ? '' : ` above ${threshold} input tokens`
      return [`${bucket} ${figure(sold, tier, bucket)} < ${figure(base, tier, bucket)}${above}`]
    }),
  )
  return under.length === 0
    ? []
    : [`price under ${baseName}${floorBps === 0n ? '' : ' and floor'}: ${under.join(', ')}`]
}

/** Currency units per million tokens, or per request. */
function figure(plane: PricePlane, tier: number, bucket: (typeof RATE_BUCKETS)[number] | 'perRequest'): string {
  const scale = bucket === 'perRequest' ? 1n : TOKENS_PER_RATE
  return formatDecimalNano(divideHalfUp(plane.tiers[tier]![bucket] * scale, plane.denominator))
}

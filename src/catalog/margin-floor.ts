import { formatDecimalNano, type Nano } from '../money/nano.ts'
import { isRateUnder, PRICE_KINDS, type PriceKind, planeRate } from '../pricing/plane-rate.ts'
import type { PricePlan } from '../pricing/price-plan.ts'
import type { CatalogState } from './catalog-state.ts'
import { type Audience, audiencesOf } from './price-audience.ts'
import { compileFor, indexPrices, NO_FEES } from './price-index.ts'

/**
 * Prices that a change puts under the floor, one line for each model, route, audience and instant. What was under the
 * floor before at the same figures is not reported: somebody has acknowledged it.
 *
 * Processing fees are left out of the price: they pay for the toll booth, and a change of the fee must not decide
 * whether a model sells at a loss.
 *
 * @param floorBps a price must be at least cost × (1 + floorBps / 10,000), in every bucket and tier
 * @param isAsked only these audiences are looked at
 */
export function marginBreaches(
  before: CatalogState,
  after: CatalogState,
  now: Date,
  floorBps: number,
  isAsked: (audience: Audience) => boolean = () => true,
): string[] {
  const instants = instantsOf([before, after], now)
  const known = new Set(findBreaches(before, instants, floorBps, isAsked).keys())
  const found = findBreaches(after, instants, floorBps, isAsked)
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
function findBreaches(
  state: CatalogState,
  instants: readonly Date[],
  floorBps: number,
  isAsked: (audience: Audience) => boolean,
): Map<string, string> {
  const prices = indexPrices(state)
  const audiences = audiencesOf(state).filter(isAsked)
  // Many audiences share one set of versions: each set is compared once.
  const compared = new Map<string, string[]>()
  const found = new Map<string, string>()
  for (const route of state.routes) {
    const model = state.models.find((row) => row.id === route.model_id)!
    if (route.state !== 'ACTIVE' || model.is_disabled) continue
    for (const at of instants) {
      for (const audience of audiences) {
        const compiled = compileFor(prices, { route, audience, at, fees: NO_FEES })
        // A model that is not priced is refused anyway.
        if (!compiled.ok) continue
        const { plan } = compiled
        const key = Object.values(plan.versions).join()
        const findings = compared.get(key) ?? describeFindings(findUnderFloor(plan, audience.seller !== null, floorBps))
        compared.set(key, findings)
        const provider = state.providers.find((row) => row.id === route.provider_id)?.slug
        const name = `model ${model.name} via ${provider}/${route.upstream_model}, ${audience.name}`
        for (const finding of findings) found.set(`${name}: ${finding}`, `${name}: ${finding}`)
      }
    }
  }
  return found
}

/** Prices of one plan that are under what they must at least be, and by what measure. */
export interface UnderFloor {
  /** The plane that the price is compared with. */
  measure: 'cost' | 'wholesale price'
  floorBps: number
  findings: FloorFinding[]
}

export interface FloorFinding {
  kind: PriceKind
  /** The tier: 0 for the first. */
  aboveInputTokens: number
  /** Nano per 1,000,000 tokens, or per request. */
  priceNano: Nano
  baseNano: Nano
}

/**
 * Every kind of a plan without fees that somebody sells for less than it costs them. The floor is the operator's: how
 * much a reseller earns is its own affair, as long as it does not lose.
 */
export function findUnderFloor(plan: PricePlan, isResold: boolean, operatorFloorBps: number): UnderFloor {
  const [base, sold, measure, floorBps] = isResold
    ? ([plan.wholesale, plan.price, 'wholesale price', 0] as const)
    : ([plan.cost, plan.wholesale, 'cost', operatorFloorBps] as const)
  const findings = plan.thresholds.flatMap((aboveInputTokens, tier) =>
    PRICE_KINDS.filter((kind) => isRateUnder(sold, base, tier, kind, BigInt(floorBps))).map((kind) => ({
      kind,
      aboveInputTokens,
      priceNano: planeRate(sold, tier, kind),
      baseNano: planeRate(base, tier, kind),
    })),
  )
  return { measure, floorBps, findings }
}

/** One line with every kind. */
function describeFindings({ measure, floorBps, findings }: UnderFloor): string[] {
  if (findings.length === 0) return []
  const figures = findings.map(({ kind, aboveInputTokens, priceNano, baseNano }) => {
    const above = aboveInputTokens === 0 ? '' : ` above ${aboveInputTokens} input tokens`
    return `${kind} ${formatDecimalNano(priceNano)} < ${formatDecimalNano(baseNano)}${above}`
  })
  return [`price under ${measure}${floorBps === 0 ? '' : ' and floor'}: ${figures.join(', ')}`]
}

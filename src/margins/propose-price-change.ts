import type { CatalogState } from '../catalog/catalog-state.ts'
import { marginBreaches } from '../catalog/margin-floor.ts'
import type { Audience } from '../catalog/price-audience.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { type Comparison, compareMargins } from './compare-margins.ts'
import type { Actor, Invalid, MarginDeps, NotFound } from './margin-deps.ts'
import { type PlannedChange, planPriceChange, type Same } from './plan-price-change.ts'
import { type PriceChange, type ReadPriceChange, readPriceChange } from './price-change.ts'
import { type ReadCatalog, readCatalog } from './read-catalog.ts'

export interface Proposal extends Comparison {
  ok: true
  /** What changes, for people. */
  lines: string[]
  effectiveFrom: Date
  /** To be handed back when it is saved. */
  basedOn: string[]
  floorBps: number
  /** What has to be acknowledged: prices under the floor, and models without a price. One line each. */
  breaches: string[]
}

export type ProposalRefusal = Invalid | NotFound | Same

/** What a change would do, now or at its date. Writes nothing. */
export async function proposePriceChange(
  deps: MarginDeps,
  { change, actor }: { change: PriceChange; actor: Actor },
): Promise<Proposal | ProposalRefusal> {
  const read = readPriceChange(change)
  if (!read.ok) return read
  const now = new Date(deps.clock.now())
  const catalog = await readCatalog(deps, now, accountsOf([read.change], actor))
  const planned = planPriceChange(catalog.state, read.change, { now, newId: () => uuidV7(deps.clock), actor })
  if (!planned.ok) return planned
  const { lines, effectiveFrom, basedOn } = planned.plan
  const findings = checkPlan(deps, catalog, planned.plan, actor, now)
  return { ok: true, lines, effectiveFrom, basedOn, floorBps: floorFor(actor, catalog.floorBps), ...findings }
}

/** The accounts that changes name, and the actor's own: they must be read with the catalog. */
export function accountsOf(changes: readonly ReadPriceChange[], actor: Actor): string[] {
  const named = changes.flatMap((change) =>
    change.kind === 'PRICE_RULE' ? [change.sellerId, change.scope.accountId] : [],
  )
  return [...named, actor.resellerId].filter((value) => typeof value === 'string')
}

/** The floor is the operator's affair; a reseller's is what it pays. */
export function floorFor(actor: Actor, floorBps: number): number {
  return actor.resellerId === null ? floorBps : 0
}

/** Rows of all prices that change, and what somebody has to acknowledge. */
export function checkPlan(
  deps: MarginDeps,
  { state, floorBps }: ReadCatalog,
  { after, routeIds, effectiveFrom }: PlannedChange,
  actor: Actor,
  now: Date,
): Comparison & { breaches: string[] } {
  const isAsked = ({ seller }: Audience) => actor.resellerId === null || seller?.id === actor.resellerId
  const view = actor.resellerId === null ? 'operator' : 'reseller'
  const comparison = compareMargins(
    { operatorFeeNano: deps.operatorFeeNano, floorBps, view },
    { before: state, after, routeIds, at: effectiveFrom, isAsked },
  )
  const only = (whole: CatalogState) => ({ ...whole, routes: whole.routes.filter((route) => routeIds.has(route.id)) })
  const underFloor = marginBreaches(only(state), only(after), now, floorBps, isAsked)
  return { ...comparison, breaches: [...underFloor, ...comparison.unpriced] }
}

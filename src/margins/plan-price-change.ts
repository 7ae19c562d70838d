import type { CatalogWrite } from '../catalog/catalog-plan.ts'
import type { CatalogState } from '../catalog/catalog-state.ts'
import type { Actor, Invalid, NotFound } from './margin-deps.ts'
import { planCard } from './plan-card.ts'
import { planRetirement } from './plan-retirement.ts'
import { planRule } from './plan-rule.ts'
import type { ReadPriceChange } from './price-change.ts'

/** What has to be written for a change, and the state as it will be then. Pure: nothing is written yet. */
export interface PlannedChange {
  after: CatalogState
  writes: CatalogWrite[]
  /** What changes, for people. */
  lines: string[]
  kind: ReadPriceChange['kind']
  /** The version that is new, or the rule that is retired. */
  versionId: string
  /** Whose price it is; null = the operator's. */
  sellerId: string | null
  /**
   * The versions of the same price that are in force or will be: an editor names those it saw, and hears of it when
   * they have changed meanwhile.
   */
  basedOn: string[]
  effectiveFrom: Date
  /** Ids of the routes whose prices may change. */
  routeIds: ReadonlySet<string>
  /** The version that counts until then, and the one that is new: for the audit log. */
  before: unknown
  written: unknown
}

export interface PlanTools {
  now: Date
  newId: () => string
  actor: Actor
}

/** The database says so already. */
export type Same = { ok: false; reason: 'same'; basedOn: string[] }
export type Planned = { ok: true; plan: PlannedChange } | Invalid | NotFound | Same

/** A price beyond this is a slip of the year. */
const AHEAD_MAX_MS = 10 * 366 * 24 * 3_600_000

/** Plans a change on the catalog as it is. Whose price it is has been checked when this answers ok. */
export function planPriceChange(state: CatalogState, change: ReadPriceChange, tools: PlanTools): Planned {
  const problem = 'effectiveFrom' in change ? checkDate(change.effectiveFrom, tools.now) : undefined
  if (problem !== undefined) return problem
  switch (change.kind) {
    case 'COST_PROFILE':
    case 'LIST_PRICE':
      return planCard(state, change, tools)
    case 'PRICE_RULE':
      return planRule(state, change, tools)
    case 'RETIRE_RULE':
      return planRetirement(state, change, tools)
  }
}

function checkDate(effectiveFrom: Date | undefined, now: Date): Invalid | undefined {
  if (effectiveFrom === undefined) return undefined
  const ahead = effectiveFrom.getTime() - now.getTime()
  if (ahead >= 0 && ahead <= AHEAD_MAX_MS) return undefined
  const message =
    ahead < 0
      ? `expected a time that is not past (now is ${now.toISOString()}), as requests before it have been priced; leave it out for now`
      : 'expected a time within ten years'
  return { ok: false, reason: 'invalid', problems: [{ field: 'effectiveFrom', message }] }
}

import type { CatalogWrite } from '../catalog/catalog-plan.ts'
import { type PriceRuleRow, termsOfRow } from '../catalog/catalog-rows.ts'
import { type CatalogState, isSameRuleKey, nameRule } from '../catalog/catalog-state.ts'
import { describeTerms } from '../catalog/describe-price.ts'
import { invalid, NOT_FOUND } from './margin-deps.ts'
import type { Planned, PlanTools } from './plan-price-change.ts'
import { retirement, routesInScope, withRules } from './plan-rule.ts'
import type { ReadPriceChange } from './price-change.ts'
import { versionsAhead } from './versions-ahead.ts'

/**
 * Ends a rule from now on, so that the next less specific one counts; or takes back a version that is not in force yet.
 * Only from now on: one that is to end at a date needs a version that begins then.
 */
export function planRetirement(
  state: CatalogState,
  change: ReadPriceChange & { kind: 'RETIRE_RULE' },
  { now, actor }: PlanTools,
): Planned {
  const rule = state.priceRules.find((row) => row.id === change.ruleId)
  if (rule === undefined || (actor.resellerId !== null && rule.seller_id !== actor.resellerId)) return NOT_FOUND
  const rows = state.priceRules.filter((row) => isSameRuleKey(row, rule))
  const isScheduled = rule.effective_from > now.getTime()
  if (isScheduled && rows.some((row) => row !== rule && row.retired_at === rule.effective_from)) {
    return invalid('ruleId', 'expected a rule whose predecessor goes on without it; write a new version instead')
  }
  // Earlier versions that have not been ended yet would come back.
  const ended = isScheduled ? [rule] : rows.filter((row) => row.effective_from <= now.getTime())
  return {
    ok: true,
    plan: {
      after: withRules(state, ended, now),
      writes: ended.map((row): CatalogWrite => retirement(row, now)),
      lines: [`- ${nameRule(state, rule)} ${described(rule)} (from ${now.toISOString()})`],
      kind: change.kind,
      versionId: rule.id,
      sellerId: rule.seller_id,
      basedOn: versionsAhead(rows, now),
      effectiveFrom: now,
      routeIds: routesInScope(state, rule),
      before: rule,
      written: { id: rule.id, retiredAt: now.toISOString() },
    },
  }
}

const described = (row: PriceRuleRow) => describeTerms(termsOfRow(row), row.allow_negative_margin)

import type { CatalogWrite } from '../catalog/catalog-plan.ts'
import { type PriceRuleRow, termsOfRow } from '../catalog/catalog-rows.ts'
import { type CatalogState, isSameRuleKey, nameRule, type RuleKey } from '../catalog/catalog-state.ts'
import { describeTerms } from '../catalog/describe-price.ts'
import { decideVersion } from '../catalog/plan-versions.ts'
import { figuresOf, isSameFigures } from '../catalog/price-rule-figures.ts'
import type { PriceRuleScope } from '../pricing/price-rule.ts'
import { invalid, NOT_FOUND } from './margin-deps.ts'
import type { Planned, PlanTools } from './plan-price-change.ts'
import type { ReadPriceChange } from './price-change.ts'
import { versionsAhead } from './versions-ahead.ts'

/** A new version of a price rule, or a rule where there was none. */
export function planRule(
  state: CatalogState,
  change: ReadPriceChange & { kind: 'PRICE_RULE' },
  { now, newId, actor }: PlanTools,
): Planned {
  const sellerId = change.sellerId === undefined ? actor.resellerId : change.sellerId
  if (actor.resellerId !== null && sellerId !== actor.resellerId) return NOT_FOUND
  if (!isThere(state, sellerId, change.scope)) return NOT_FOUND
  const key = keyOf(sellerId, change.scope)
  const figures = figuresOf(change)
  const rows = state.priceRules.filter((row) => isSameRuleKey(row, key))
  const decided = decideVersion(
    rows.map((row) => ({ id: row.id, effectiveFrom: new Date(row.effective_from), row })),
    { effectiveFrom: change.effectiveFrom, isSameAs: ({ row }) => isSameFigures(row, figures) },
    now,
  )
  if (decided.decision === 'refused') return invalid('effectiveFrom', decided.reason)
  if (decided.decision === 'same') return { ok: false, reason: 'same', basedOn: versionsAhead(rows, now) }
  const { effectiveFrom } = decided
  const replaced = decided.replaces?.row
  const columns = { id: newId(), ...key, ...figures }
  const ended = effectiveFrom.getTime() <= now.getTime() + 1 ? endedBy(rows, effectiveFrom) : []
  const name = nameRule(state, key)
  const terms = describeTerms(change.terms, change.allowNegativeMargin)
  const from = effectiveFrom.toISOString()
  return {
    ok: true,
    plan: {
      after: withRules(state, ended, effectiveFrom, {
        ...columns,
        effective_from: effectiveFrom.getTime(),
        retired_at: null,
      }),
      writes: [
        { write: 'insert', table: 'price_rule', values: { ...columns, effective_from: effectiveFrom } },
        ...ended.map((row): CatalogWrite => retirement(row, effectiveFrom)),
      ],
      lines: [
        replaced === undefined
          ? `+ ${name} ${terms} (from ${from})`
          : `~ ${name} ${describeTerms(termsOfRow(replaced), replaced.allow_negative_margin)} -> ${terms} (new version from ${from})`,
      ],
      kind: change.kind,
      versionId: columns.id,
      sellerId,
      basedOn: versionsAhead(rows, now),
      effectiveFrom,
      routeIds: routesInScope(state, key),
      before: replaced ?? null,
      written: { ...columns, effectiveFrom: from },
    },
  }
}

/** Everybody named is there, and somebody that the seller sells to: another's customer is as good as nobody. */
function isThere(state: CatalogState, sellerId: string | null, scope: PriceRuleScope): boolean {
  const seller = state.accounts.find((row) => row.id === sellerId)
  if (sellerId !== null && seller?.kind !== 'RESELLER') return false
  const account = state.accounts.find((row) => row.id === scope.accountId)
  if (scope.accountId !== undefined && (account === undefined || account.reseller_id !== sellerId)) return false
  return (
    (scope.planId === undefined || state.plans.some((row) => row.id === scope.planId)) &&
    (scope.modelId === undefined || state.models.some((row) => row.id === scope.modelId)) &&
    (scope.providerId === undefined || state.providers.some((row) => row.id === scope.providerId))
  )
}

function keyOf(sellerId: string | null, scope: PriceRuleScope): RuleKey {
  return {
    seller_id: sellerId,
    account_id: scope.accountId ?? null,
    plan_id: scope.planId ?? null,
    model_id: scope.modelId ?? null,
    provider_id: scope.providerId ?? null,
  }
}

/**
 * The versions that a new one ends. One that begins later ends none yet: should it be taken back before, what counts now
 * goes on.
 */
function endedBy(rows: readonly PriceRuleRow[], effectiveFrom: Date): PriceRuleRow[] {
  const at = effectiveFrom.getTime()
  return rows.filter((row) => row.effective_from <= at && (row.retired_at === null || row.retired_at > at))
}

export function retirement(row: PriceRuleRow, at: Date): CatalogWrite {
  return { write: 'update', table: 'price_rule', where: { id: row.id }, values: { retired_at: at } }
}

export function withRules(
  state: CatalogState,
  ended: readonly PriceRuleRow[],
  at: Date,
  added?: PriceRuleRow,
): CatalogState {
  const kept = state.priceRules.map((row) => (ended.includes(row) ? { ...row, retired_at: at.getTime() } : row))
  return { ...state, priceRules: added === undefined ? kept : [...kept, added] }
}

export function routesInScope(state: CatalogState, key: RuleKey): Set<string> {
  const routes = state.routes.filter(
    (route) =>
      (key.model_id === null || key.model_id === route.model_id) &&
      (key.provider_id === null || key.provider_id === route.provider_id),
  )
  return new Set(routes.map((route) => route.id))
}

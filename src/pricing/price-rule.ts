import type { Nano } from '../money/nano.ts'
import { assertRate, assertRateCard, type RateCard } from './rate-card.ts'

/** 10,000 basis points are the whole. */
export const BPS_PER_WHOLE = 10_000

/** A hundredfold price. Above it, somebody has typed a price where a rate was asked for. */
export const MARKUP_BPS_MAX = 1_000_000

/** Whom and what a rule is for. Only the combinations of `PRECEDENCE` are allowed; nothing named means everything. */
export interface PriceRuleScope {
  accountId?: string
  planId?: string
  modelId?: string
  providerId?: string
}

interface PriceRuleBase {
  id: string
  /** In force from this instant on, until a newer rule of the same scope is. */
  effectiveFrom: Date
  /** From this instant on it prices nothing, whatever comes after it. Never where it is not set. */
  retiredAt?: Date
  scope: PriceRuleScope
  /** The router may use a route whose cost exceeds the price. Somebody has acknowledged that. */
  allowNegativeMargin: boolean
}

/** How a price is made. "Cost" is the provider's cost to the operator, and the whole wholesale price to a reseller. */
export type PriceRule = PriceRuleBase &
  (
    | { kind: 'MARKUP_ON_COST' /** cost × (1 + bps / 10,000) */; markupBps: number }
    | { kind: 'ADDITION_PER_MILLION' /** cost + this for each 1,000,000 tokens of any bucket */; additionNano: Nano }
    | { kind: 'DISCOUNT_OFF_LIST' /** list × (1 − bps / 10,000) */; discountBps: number }
    | { kind: 'ABSOLUTE'; rateCard: RateCard }
  )

/**
 * One bit for each name in a scope, so chosen that the greater number is the more specific scope:
 * account+model 10, account 8, plan+model 6, plan 4, model 2, provider 1, global 0.
 */
const PRECEDENCE: ReadonlySet<number> = new Set([10, 8, 6, 4, 2, 1, 0])

const SCOPE_NAMES: ReadonlySet<string> = new Set(['accountId', 'planId', 'modelId', 'providerId'])

/** How specific a scope is; greater wins. Throws for a combination that has no place in the order. */
export function scopePrecedence(scope: PriceRuleScope): number {
  const precedence =
    (scope.accountId === undefined ? 0 : 8) +
    (scope.planId === undefined ? 0 : 4) +
    (scope.modelId === undefined ? 0 : 2) +
    (scope.providerId === undefined ? 0 : 1)
  if (!PRECEDENCE.has(precedence)) {
    throw new RangeError(
      `Expected a scope of account and model, account, plan and model, plan, model, provider or nothing, but got ${JSON.stringify(scope)}.`,
    )
  }
  return precedence
}

/**
 * Throws a RangeError that says what is wrong with a rule. A valid rule never makes a negative price: selling under
 * cost is a negative markup, and needs `allowNegativeMargin`; an addition below zero is refused, as it would pay the
 * customer for buckets that cost less.
 */
export function assertPriceRule(rule: PriceRule): void {
  if (rule.id === '') throw new RangeError('Expected a price rule to have an id.')
  if (Number.isNaN(rule.effectiveFrom.getTime())) throw new RangeError('Expected effectiveFrom to be a valid date.')
  scopePrecedence(rule.scope)
  for (const [name, value] of Object.entries(rule.scope)) {
    // A misspelt name would silently make a rule for everybody.
    if (!SCOPE_NAMES.has(name)) throw new RangeError(`Expected a scope to name only ids, but got ${name}.`)
    if (typeof value !== 'string' || value === '') throw new RangeError(`Expected ${name} of a scope to be an id.`)
  }
  assertTerms(rule)
}

function assertTerms(rule: PriceRule): void {
  switch (rule.kind) {
    case 'MARKUP_ON_COST':
      assertBps(rule.markupBps, rule.allowNegativeMargin ? -BPS_PER_WHOLE : 0, MARKUP_BPS_MAX, 'markupBps')
      break
    case 'DISCOUNT_OFF_LIST':
      assertBps(rule.discountBps, 0, BPS_PER_WHOLE, 'discountBps')
      break
    case 'ADDITION_PER_MILLION':
      assertRate(rule.additionNano, 'additionNano')
      break
    case 'ABSOLUTE':
      assertRateCard(rule.rateCard)
      break
    default:
      throw new RangeError(`Expected a known kind of price rule, but got ${(rule satisfies never as PriceRule).kind}.`)
  }
}

function assertBps(bps: number, min: number, max: number, name: string): void {
  if (!Number.isInteger(bps) || bps < min || bps > max) {
    throw new RangeError(`Expected ${name} to be a whole number from ${min} to ${max}, but got ${bps}.`)
  }
}

/** The request that a rule is sought for. A customer without a plan has none of the plans' rules. */
export interface PriceRuleTarget {
  accountId: string
  planId: string | null
  modelId: string
  providerId: string
  /** When the request was authorized. */
  at: Date
}

/** The rule in force for the target: the most specific scope wins, then its newest version. */
export function selectPriceRule(rules: readonly PriceRule[], target: PriceRuleTarget): PriceRule | undefined {
  let best = -1
  let candidates: PriceRule[] = []
  for (const rule of rules) {
    if (rule.effectiveFrom > target.at || !isInScope(rule.scope, target)) continue
    if (rule.retiredAt !== undefined && rule.retiredAt <= target.at) continue
    const precedence = scopePrecedence(rule.scope)
    if (precedence < best) continue
    if (precedence > best) candidates = []
    best = precedence
    candidates.push(rule)
  }
  return selectVersion(candidates, target.at)
}

function isInScope(scope: PriceRuleScope, target: PriceRuleTarget): boolean {
  return (
    (scope.accountId === undefined || scope.accountId === target.accountId) &&
    (scope.planId === undefined || scope.planId === target.planId) &&
    (scope.modelId === undefined || scope.modelId === target.modelId) &&
    (scope.providerId === undefined || scope.providerId === target.providerId)
  )
}

/**
 * The version in force: the newest whose `effectiveFrom` is not after `at`. Of two from the same instant the greater id
 * wins, which with time-ordered ids is the later correction.
 */
export function selectVersion<T extends { effectiveFrom: Date; id: string }>(
  versions: readonly T[],
  at: Date,
): T | undefined {
  let newest: T | undefined
  for (const version of versions) {
    if (version.effectiveFrom > at) continue
    const lead = newest === undefined ? 1 : version.effectiveFrom.getTime() - newest.effectiveFrom.getTime()
    if (lead > 0 || (lead === 0 && newest !== undefined && version.id > newest.id)) newest = version
  }
  return newest
}

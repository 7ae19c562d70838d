import type { Nano } from '../money/nano.ts'
import { addForms, formOfCard, formOfFlatRate, type PriceForm, scaleForm } from './price-form.ts'
import { compilePlane, type PricePlane } from './price-plane.ts'
import { BPS_PER_WHOLE, type PriceRule } from './price-rule.ts'
import type { RateCard } from './rate-card.ts'

export interface PricePlanInput {
  /** The operator's CostProfile; null when nobody has recorded one. */
  cost: { id: string; card: RateCard } | null
  list: { id: string; card: RateCard } | null
  operatorRule: PriceRule | null
  /** Processing fee, nano per 1,000,000 tokens of any bucket. */
  operatorFeeNano: Nano
  /** Null for a direct customer of the operator. */
  reseller: { rule: PriceRule | null; feeNano: Nano } | null
  /** The customer's own provider key: the provider bills the customer, and only the fees are charged. */
  ownKey: boolean
}

/** Which part of the price nobody has set. */
export type MissingPrice = 'cost_profile' | 'list_price' | 'operator_rule' | 'reseller_rule'

/** The versions a request was priced by; null where none took part. */
export interface PriceVersions {
  costProfileId: string | null
  listPriceId: string | null
  operatorRuleId: string | null
  resellerRuleId: string | null
}

/** A compiled waterfall. Immutable, and good for every request under the same versions: keep it. */
export interface PricePlan {
  /** The thresholds of all cards, rising from 0. Tier i is for more than thresholds[i] input tokens. */
  thresholds: readonly number[]
  list: PricePlane | null
  cost: PricePlane
  wholesale: PricePlane
  /** The same object as `wholesale` for a direct customer. */
  price: PricePlane
  operatorFee: PricePlane
  /** The same object as `operatorFee` for a direct customer. */
  sellerFee: PricePlane
  ownKey: boolean
  versions: Readonly<PriceVersions>
}

export type CompiledPricePlan =
  | { ok: true; plan: PricePlan }
  | { ok: false; reason: 'model_not_priced'; missing: MissingPrice }

/**
 * Turns cost, list price, rules and fees into one exact form a plane. A model whose price or margin cannot be known is
 * refused, never free. The parts must have passed their own asserts.
 */
export function compilePricePlan(input: PricePlanInput): CompiledPricePlan {
  const missing = input.ownKey ? null : missingPart(input)
  if (missing !== null) return { ok: false, reason: 'model_not_priced', missing }

  const thresholds = mergeThresholds(input)
  const list = input.list === null ? null : formOfCard(input.list.card, thresholds)
  const operatorFee = formOfFlatRate(input.operatorFeeNano, thresholds.length)
  const resellerFee = input.reseller && formOfFlatRate(input.reseller.feeNano, thresholds.length)

  let cost = formOfFlatRate(0n, thresholds.length)
  let wholesale = operatorFee
  let price = resellerFee ?? operatorFee
  if (!input.ownKey) {
    cost = formOfCard(input.cost!.card, thresholds)
    wholesale = addForms(applyRule(input.operatorRule!, cost, list, thresholds), operatorFee)
    // The reseller builds on the unrounded wholesale price, so that its rate is not rounded twice.
    price = resellerFee
      ? addForms(applyRule(input.reseller!.rule!, wholesale, list, thresholds), resellerFee)
      : wholesale
  }

  const wholesalePlane = compilePlane(wholesale)
  const operatorFeePlane = compilePlane(operatorFee)
  const plan: PricePlan = {
    thresholds,
    list: list && compilePlane(list),
    cost: compilePlane(cost),
    wholesale: wholesalePlane,
    price: price === wholesale ? wholesalePlane : compilePlane(price),
    operatorFee: operatorFeePlane,
    sellerFee: resellerFee ? compilePlane(resellerFee) : operatorFeePlane,
    ownKey: input.ownKey,
    versions: versionsOf(input),
  }
  return { ok: true, plan }
}

/** The first part that is needed and not there, or null. The cost is needed even for a price that ignores it: without it no margin is known. */
function missingPart({ cost, list, operatorRule, reseller }: PricePlanInput): MissingPrice | null {
  if (cost === null) return 'cost_profile'
  if (operatorRule === null) return 'operator_rule'
  if (reseller !== null && reseller.rule === null) return 'reseller_rule'
  const isListNeeded = operatorRule.kind === 'DISCOUNT_OFF_LIST' || reseller?.rule?.kind === 'DISCOUNT_OFF_LIST'
  return isListNeeded && list === null ? 'list_price' : null
}

/** All cards of the input. One that turns out unused only splits a tier into two equal ones. */
function cardsOf({ cost, list, operatorRule, reseller }: PricePlanInput): RateCard[] {
  const cards = list === null ? [] : [list.card]
  if (cost !== null) cards.push(cost.card)
  for (const rule of [operatorRule, reseller?.rule]) if (rule?.kind === 'ABSOLUTE') cards.push(rule.rateCard)
  return cards
}

function mergeThresholds(input: PricePlanInput): number[] {
  const all = cardsOf(input).flatMap((card) => card.tiers.map((tier) => tier.aboveInputTokens))
  return [...new Set([0, ...all])].sort((a, b) => a - b)
}

function applyRule(rule: PriceRule, base: PriceForm, list: PriceForm | null, thresholds: readonly number[]): PriceForm {
  switch (rule.kind) {
    case 'MARKUP_ON_COST':
      return scaleForm(base, BPS_PER_WHOLE + rule.markupBps)
    case 'ADDITION_PER_MILLION':
      return addForms(base, formOfFlatRate(rule.additionNano, thresholds.length))
    case 'DISCOUNT_OFF_LIST':
      return scaleForm(list!, BPS_PER_WHOLE - rule.discountBps)
    case 'ABSOLUTE':
      return formOfCard(rule.rateCard, thresholds)
  }
}

function versionsOf({ cost, list, operatorRule, reseller, ownKey }: PricePlanInput): PriceVersions {
  return {
    costProfileId: ownKey ? null : (cost?.id ?? null),
    listPriceId: list?.id ?? null,
    operatorRuleId: ownKey ? null : (operatorRule?.id ?? null),
    resellerRuleId: ownKey ? null : (reseller?.rule?.id ?? null),
  }
}

import { describe, expect, test } from 'vitest'
import {
  assertPriceRule,
  type PriceRule,
  type PriceRuleScope,
  selectPriceRule,
  selectVersion,
} from '../../src/pricing/price-rule.ts'
import { absolute, addition, discount, flatCard, markup } from './price-fixtures.ts'

const at = new Date('2026-03-01T00:00:00Z')
const target = { accountId: 'acme', planId: 'growth', modelId: 'small', providerId: 'north', at }

const rule = (id: string, scope: PriceRuleScope, effectiveFrom = '2026-01-01T00:00:00Z'): PriceRule => ({
  ...markup(0),
  id,
  scope,
  effectiveFrom: new Date(effectiveFrom),
})

/** Most specific first. */
const BY_SPECIFICITY: PriceRule[] = [
  rule('account+model', { accountId: 'acme', modelId: 'small' }),
  rule('account', { accountId: 'acme' }),
  rule('plan+model', { planId: 'growth', modelId: 'small' }),
  rule('plan', { planId: 'growth' }),
  rule('model', { modelId: 'small' }),
  rule('provider', { providerId: 'north' }),
  rule('global', {}),
]

describe('selectPriceRule', () => {
  test.each(BY_SPECIFICITY.map(({ id }, index) => [id, index] as const))(
    '%s wins over everything less specific, whatever the order and age',
    (id, index) => {
      const newer = BY_SPECIFICITY.slice(index + 1).map((r) => ({ ...r, effectiveFrom: at }))
      const rules = [BY_SPECIFICITY[index]!, ...newer]
      expect(selectPriceRule(rules, target)?.id).toBe(id)
      expect(selectPriceRule(rules.toReversed(), target)?.id).toBe(id)
    },
  )

  test.each<PriceRuleScope>([
    { accountId: 'other' },
    { accountId: 'acme', modelId: 'large' },
    { planId: 'other', modelId: 'small' },
    { planId: 'other' },
    { modelId: 'large' },
    { providerId: 'south' },
  ])('a rule for %j is not for this request', (scope) => {
    expect(selectPriceRule([rule('stranger', scope)], target)).toBeUndefined()
    expect(selectPriceRule([rule('stranger', scope), rule('global', {})], target)?.id).toBe('global')
  })

  test('a customer without a plan has no plan rules', () => {
    expect(selectPriceRule(BY_SPECIFICITY.slice(2), { ...target, planId: null })?.id).toBe('model')
  })

  test('a specific rule of the future leaves the general one in force', () => {
    const soon = rule('soon', { accountId: 'acme' }, '2026-03-01T00:00:00.001Z')
    expect(selectPriceRule([soon, rule('global', {})], target)?.id).toBe('global')
  })

  test('within a scope the newest version in force wins', () => {
    const old = rule('z-old', { modelId: 'small' }, '2026-01-01T00:00:00Z')
    const now = rule('a-now', { modelId: 'small' }, '2026-03-01T00:00:00Z')
    expect(selectPriceRule([now, old], target)?.id).toBe('a-now')
    expect(selectPriceRule([old, now], { ...target, at: new Date('2026-02-01T00:00:00Z') })?.id).toBe('z-old')
  })

  test('no rule is no price', () => {
    expect(selectPriceRule([], target)).toBeUndefined()
  })
})

describe('selectVersion', () => {
  const version = (id: string, effectiveFrom: string) => ({ id, effectiveFrom: new Date(effectiveFrom) })

  test('of two versions from the same instant the greater id wins, in any order', () => {
    const pair = [version('b', '2026-01-01T00:00:00Z'), version('a', '2026-01-01T00:00:00Z')]
    expect(selectVersion(pair, at)?.id).toBe('b')
    expect(selectVersion(pair.toReversed(), at)?.id).toBe('b')
  })

  test('a version is in force from its very instant, and not a millisecond before', () => {
    const only = [version('a', '2026-03-01T00:00:00Z')]
    expect(selectVersion(only, at)?.id).toBe('a')
    expect(selectVersion(only, new Date(at.getTime() - 1))).toBeUndefined()
  })
})

describe('assertPriceRule', () => {
  const losing = { ...markup(-10_000), allowNegativeMargin: true }
  test.each<[string, PriceRule]>([
    ['markup', markup(2_000)],
    ['acknowledged loss', losing],
    ['addition', addition(0n)],
    ['discount', discount(10_000)],
    ['absolute price', absolute(flatCard())],
    ...BY_SPECIFICITY.map((r): [string, PriceRule] => [r.id, r]),
  ])('accepts %s', (_, accepted) => {
    expect(() => assertPriceRule(accepted)).not.toThrow()
  })

  test.each<PriceRuleScope>([
    { modelId: 'small', providerId: 'north' },
    { accountId: 'acme', planId: 'growth' },
    { accountId: 'acme', providerId: 'north' },
    { planId: 'growth', providerId: 'north' },
    { accountId: 'acme', planId: 'growth', modelId: 'small' },
    { accountId: '' },
    { modelid: 'small' } as PriceRuleScope,
  ])('refuses the scope %j', (scope) => {
    expect(() => assertPriceRule({ ...markup(0), scope })).toThrow(RangeError)
  })

  test.each<[string, PriceRule]>([
    ['a markup of half a basis point', markup(0.5)],
    ['a markup that is not a number', markup(Number.NaN)],
    ['a markup of more than a hundredfold', markup(1_000_001)],
    ['a loss nobody acknowledged', markup(-1)],
    ['a price below zero', { ...losing, markupBps: -10_001 } as PriceRule],
    ['an addition below zero', { ...addition(-1n), allowNegativeMargin: true }],
    ['a negative discount', discount(-1)],
    ['a discount of more than everything', discount(10_001)],
    ['a broken rate card', absolute({ tiers: [], perRequestNano: 0n })],
    ['no date', { ...markup(0), effectiveFrom: new Date(Number.NaN) }],
    ['no id', markup(0, '')],
    ['an unknown kind', { ...markup(0), kind: 'GIFT' } as unknown as PriceRule],
  ])('refuses %s', (_, refused) => {
    expect(() => assertPriceRule(refused)).toThrow(RangeError)
  })
})

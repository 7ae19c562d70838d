import { expect, test } from 'vitest'
import { selectPriceRule } from '../../src/pricing/price-rule.ts'
import { markup } from './price-fixtures.ts'

const AT = new Date('2026-06-01T00:00:00Z')
const target = (at: Date) => ({ accountId: 'account', planId: null, modelId: 'model', providerId: 'provider', at })
const forModel = { ...markup(2_000, 'rule-2'), scope: { modelId: 'model' } }
const forAll = markup(1_000)

test('a rule counts until the instant at which it is retired, and from then on the next less specific one does', () => {
  const rules = [forAll, { ...forModel, retiredAt: AT }]
  expect(selectPriceRule(rules, target(new Date(AT.getTime() - 1)))?.id).toBe('rule-2')
  expect(selectPriceRule(rules, target(AT))?.id).toBe('rule-1')
})

test('a rule that is retired before it begins never counts', () => {
  const late = { ...forModel, effectiveFrom: AT, retiredAt: new Date(AT.getTime() - 1) }
  expect(selectPriceRule([forAll, late], target(new Date(AT.getTime() + 1)))?.id).toBe('rule-1')
})

test('where nothing else is, nothing is in force any more', () => {
  expect(selectPriceRule([{ ...forModel, retiredAt: AT }], target(AT))).toBeUndefined()
})

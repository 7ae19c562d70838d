import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assertRateCard,
  RATE_NANO_MAX,
  type RateCard,
  rateCardFromJson,
  rateCardToJson,
  rateTierFor,
} from '../../src/pricing/rate-card.ts'
import { anyCard } from './price-arbitraries.ts'
import { flatCard, SMALL_RATES } from './price-fixtures.ts'

const tiered = (...thresholds: number[]): RateCard => ({
  tiers: thresholds.map((aboveInputTokens) => ({ aboveInputTokens, rates: SMALL_RATES })),
  perRequestNano: 0n,
})

describe('assertRateCard', () => {
  test.each<[string, RateCard]>([
    ['no tiers', tiered()],
    ['a first tier above 0', tiered(1)],
    ['falling thresholds', tiered(0, 200, 100)],
    ['the same threshold twice', tiered(0, 100, 100)],
    ['a broken threshold', tiered(0, 0.5)],
    ['endless tiers', tiered(...Array.from({ length: 17 }, (_, index) => index))],
    ['a negative rate', flatCard({ output: -1n })],
    ['a float rate', flatCard({ output: 0.6 as unknown as bigint })],
    ['a per-million price entered as a per-token one', flatCard({ output: RATE_NANO_MAX + 1n })],
    ['a negative request price', flatCard({}, -1n)],
  ])('refuses %s', (_, card) => {
    expect(() => assertRateCard(card)).toThrow(RangeError)
  })

  test('accepts free and very dear cards', () => {
    assertRateCard(flatCard({ input: 0n, output: RATE_NANO_MAX }))
    assertRateCard(tiered(0, 128_000, 200_000))
  })
})

test.each([
  [0, 0],
  [128_000, 0],
  [128_001, 128_000],
  [200_000, 128_000],
  [200_001, 200_000],
])('%d input tokens are in the tier above %d', (tokens, aboveInputTokens) => {
  expect(rateTierFor(tiered(0, 128_000, 200_000), tokens).aboveInputTokens).toBe(aboveInputTokens)
})

describe('JSON', () => {
  test('returns every card unchanged, through real JSON text', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        expect(rateCardFromJson(JSON.parse(JSON.stringify(rateCardToJson(card))))).toEqual(card)
      }),
    )
  })

  test('keeps nano as strings of digits', () => {
    expect(rateCardToJson(flatCard({}, 5n))).toEqual({
      tiers: [
        {
          aboveInputTokens: 0,
          rates: {
            input: '150000000',
            cacheRead: '75000000',
            cacheWrite5m: '150000000',
            cacheWrite1h: '150000000',
            output: '600000000',
          },
        },
      ],
      perRequestNano: '5',
    })
  })

  const good = rateCardToJson(flatCard())
  const [tier] = good.tiers
  const { output: _output, ...withoutOutput } = tier!.rates
  const withRates = (rates: unknown) => ({ ...good, tiers: [{ aboveInputTokens: 0, rates }] })
  test.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['text', JSON.stringify(good)],
    ['a missing key', { tiers: good.tiers }],
    ['a surplus key', { ...good, perImageNano: '1' }],
    ['tiers that are no list', { ...good, tiers: {} }],
    ['a missing rate', withRates(withoutOutput)],
    ['a misspelt rate', withRates({ ...withoutOutput, ouput: '1' })],
    ['a number as a rate', withRates({ ...tier!.rates, output: 600_000_000 })],
    ['a decimal as a rate', withRates({ ...tier!.rates, output: '0.6' })],
    ['a negative rate', withRates({ ...tier!.rates, output: '-1' })],
    ['an exponent', withRates({ ...tier!.rates, output: '6e8' })],
    ['an empty rate', withRates({ ...tier!.rates, output: '' })],
    ['a threshold as text', { ...good, tiers: [{ ...tier, aboveInputTokens: '0' }] }],
    ['a card that is not valid', { ...good, tiers: [{ ...tier, aboveInputTokens: 1 }] }],
  ])('refuses %s', (_, value) => {
    expect(() => rateCardFromJson(value)).toThrow(RangeError)
  })
})

import { describe, expect, test } from 'vitest'
import { createFormats } from '../../templates/invoice/v1/formats.ts'
import { addressLines } from '../../templates/invoice/v1/party-text.ts'
import { NO_ADDRESS } from './document-fixtures.ts'

describe('numbers and days are written as in the language', () => {
  test.each([
    ['en', '€1,234.56', '1,234.56', '19%', '5.5%', '1 March 2026'],
    ['de', '1.234,56\u00a0€', '1.234,56', '19\u00a0%', '5,5\u00a0%', '1. März 2026'],
    ['fr', '1\u202f234,56\u00a0€', '1\u202f234,56', '19\u202f%', '5,5\u202f%', '1er mars 2026'],
    ['es', '1234,56\u00a0€', '1234,56', '19\u00a0%', '5,5\u00a0%', '1 de marzo de 2026'],
  ] as const)('%s', (language, money, amount, rate, halfRate, day) => {
    const formats = createFormats(language, 'EUR')
    expect(formats.money(123_456n)).toBe(money)
    expect(formats.amount(123_456n)).toBe(amount)
    expect(formats.rate(1_900)).toBe(rate)
    expect(formats.rate(550)).toBe(halfRate)
    expect(formats.day('2026-03-01')).toBe(day)
  })

  test('Spanish groups from five digits on', () => {
    expect(createFormats('es', 'EUR').amount(1_234_567n)).toBe('12.345,67')
  })

  test('amounts of any size are exact', () => {
    expect(createFormats('en', 'EUR').amount(9_007_199_254_740_993_01n)).toBe('9,007,199,254,740,993.01')
    expect(createFormats('en', 'EUR').money(-5n)).toBe('−€0.05')
    expect(createFormats('de', 'EUR').money(0n)).toBe('0,00\u00a0€')
  })

  test('the digits are those of the currency, and a sign that many use is written as a code', () => {
    expect(createFormats('en', 'JPY').money(15_000n)).toBe('JPY\u00a015,000')
    expect(createFormats('de', 'KWD').money(1_234n)).toBe('1,234\u00a0KWD')
    expect(createFormats('fr', 'USD').money(100n)).toBe('1,00\u00a0USD')
    expect(createFormats('en', 'GBP').money(100n)).toBe('£1.00')
  })

  test('rates lose no digit that counts', () => {
    const { rate } = createFormats('en', 'EUR')
    expect([0, 5, 100, 1_000, 2_050, 10_000].map(rate)).toEqual(['0%', '0.05%', '1%', '10%', '20.5%', '100%'])
  })
})

describe('addresses', () => {
  const base = { ...NO_ADDRESS, line1: '1 Road', city: 'Town', region: 'RG', postalCode: '12345' }

  test.each([
    ['DE', ['1 Road', '12345 Town, RG', 'Germany']],
    ['US', ['1 Road', 'Town, RG 12345', 'United States of America']],
    ['GB', ['1 Road', 'Town', 'RG', '12345', 'United Kingdom']],
  ])('follow the custom of %s', (country, lines) => {
    expect(addressLines({ ...base, country }, 'en')).toEqual(lines)
  })

  test('name the country in the language of the document', () => {
    const names = (['en', 'de', 'fr', 'es'] as const).map((language) =>
      addressLines({ ...NO_ADDRESS, country: 'ES' }, language),
    )
    expect(names).toEqual([['Spain'], ['Spanien'], ['Espagne'], ['España']])
  })

  test('leave out what is not known', () => {
    expect(addressLines(NO_ADDRESS, 'en')).toEqual([])
    expect(addressLines({ ...NO_ADDRESS, city: 'Town', country: 'ZZ' }, 'en')).toEqual(['Town', 'ZZ'])
  })
})

import SalesTax from 'sales-tax'
import otherRates from 'sales-tax/res/sales_tax_rates.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { EU_COUNTRIES } from '../../src/invoicing/tax/country-code.ts'
import { SHIPPED_TAX_TABLE, tableWith, taxRateRowSchema } from '../../src/invoicing/tax/tax-rate-table.ts'
import { SPECIAL_TERRITORIES } from '../../src/invoicing/tax/tax-territory.ts'
import { systemClock } from '../../src/lib/clock.ts'

const COUNTRIES = [...EU_COUNTRIES, 'GB', 'CH', 'NO'] as const
const TODAY = new Date(systemClock.now()).toISOString().slice(0, 10)

/** Where `sales-tax` 2.23.0 and our table differ, and who is right. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  // Its instant is 2025-08-01T21:00Z, which is midnight of the second of August in Bucharest.
  'RO 2025-08-02': 'Law 141/2025 has the new rate from 2025-08-01; sales-tax has it a day late.',
}

describe('the shipped rates', () => {
  test.each(COUNTRIES)('of %s today are those of sales-tax', async (country) => {
    const other = await SalesTax.getSalesTax(country)
    expect(other.type).toBe('vat')
    expect(SHIPPED_TAX_TABLE.rateOn(country, TODAY)).toBe(Math.round(other.rate * 10_000))
  })

  test('changed on the days that sales-tax knows, but for the differences listed', () => {
    const changes = COUNTRIES.flatMap((country) => {
      const known = otherRates[country]
      return 'before' in known ? Object.keys(known.before).map((instant) => `${country} ${localDay(instant)}`) : []
    })
    expect(changes.length).toBeGreaterThan(10)
    const ours = new Set(SHIPPED_TAX_TABLE.rows.map(({ territory, from }) => `${territory} ${from}`))
    expect(changes.filter((change) => !ours.has(change))).toEqual(Object.keys(KNOWN_DIFFERENCES))
    expect(ours.has('RO 2025-08-01')).toBe(true)
  })

  test.each(COUNTRIES)('of %s reach back to 2015', (country) => {
    expect(SHIPPED_TAX_TABLE.rateOn(country, '2015-01-01')).toBeGreaterThan(0)
  })

  test('are sorted, change at every row, and have no two rows of one day', () => {
    for (const [index, row] of SHIPPED_TAX_TABLE.rows.entries()) {
      expect(taxRateRowSchema.parse(row)).toEqual(row)
      const before = SHIPPED_TAX_TABLE.rows[index - 1]
      if (before === undefined) continue
      expect([before.territory, before.from] < [row.territory, row.from]).toBe(true)
      if (before.territory !== row.territory) continue
      expect(before.from < row.from).toBe(true)
      expect(before.rateBps).not.toBe(row.rateBps)
    }
  })

  test.each([
    ['DE', '2020-06-30', 1900],
    ['DE', '2020-07-01', 1600],
    ['EE', '2023-12-31', 2000],
    ['EE', '2024-01-01', 2200],
    ['EE', '2025-07-01', 2400],
    ['FI', '2024-09-01', 2550],
    ['GR', '2016-05-31', 2300],
    ['GR', '2016-06-01', 2400],
    ['LU', '2024-01-01', 1700],
    ['RO', '2015-12-31', 2400],
    ['RO', '2016-06-01', 2000],
    ['RO', '2025-07-31', 1900],
    ['SK', '2024-12-31', 2000],
    ['CH', '2017-12-31', 800],
    ['PT-20', '2021-06-30', 1800],
  ])('of %s on %s are %d basis points', (territory, day, rateBps) => {
    expect(SHIPPED_TAX_TABLE.rateOn(territory, day)).toBe(rateBps)
  })

  test('have none for a state of the US', () => {
    expect(SHIPPED_TAX_TABLE.rows.filter(({ territory }) => territory.startsWith('US'))).toEqual([])
  })

  test('exist for each part of a state that is taxed', () => {
    const taxed = SPECIAL_TERRITORIES.filter(({ isEu, taxedBy, area }) => isEu || taxedBy || area)
    for (const { rateTerritory, code } of taxed) {
      expect(SHIPPED_TAX_TABLE.rateOn(rateTerritory ?? code, '2015-01-01')).toBeGreaterThan(0)
    }
  })
})

/** sales-tax gives the local midnight in UTC, which lies at most three hours before the day. */
function localDay(instant: string): string {
  return new Date(Date.parse(instant) + 3 * 3_600_000).toISOString().slice(0, 10)
}

describe("the operator's rows", () => {
  const row = { territory: 'DE', rateBps: 2000, from: '2030-01-01', source: 'A law to come' }

  test('add a rate from a day on, and leave the time before as it was', () => {
    const table = tableWith([row])
    expect(table.rateOn('DE', '2029-12-31')).toBe(1900)
    expect(table.rateOn('DE', '2030-01-01')).toBe(2000)
    expect(SHIPPED_TAX_TABLE.rateOn('DE', '2030-01-01')).toBe(1900)
  })

  test('replace a shipped row of the same day', () => {
    const table = tableWith([{ ...row, from: '2021-01-01', rateBps: 1950 }])
    expect(table.rateOn('DE', '2021-01-01')).toBe(1950)
    expect(table.rateOn('DE', '2020-12-31')).toBe(1600)
    expect(table.rows.length).toBe(SHIPPED_TAX_TABLE.rows.length)
  })

  test('may add a country', () => {
    const table = tableWith([{ ...row, territory: 'JP', rateBps: 1000, from: '2019-10-01' }])
    expect(table.rateOn('JP', '2019-09-30')).toBeNull()
    expect(table.rateOn('JP', '2019-10-01')).toBe(1000)
  })

  test.each([
    ['two of one day', [row, { ...row, rateBps: 2100 }], 'has two from 2030-01-01'],
    ['a fraction of a basis point', [{ ...row, rateBps: 0.19 }], 'int'],
    ['more than all', [{ ...row, rateBps: 10_001 }], '10000'],
    ['less than nothing', [{ ...row, rateBps: -1 }], '>=0'],
    ['a day that does not exist', [{ ...row, from: '2030-02-30' }], 'Expected a day'],
    ['a country by its name', [{ ...row, territory: 'Germany' }], 'Expected a country'],
    ['no source', [{ ...row, source: ' ' }], 'source'],
    ['a misspelt key', [{ ...row, until: '2031-01-01' }], 'until'],
    ['no list', row, 'array'],
  ])('are refused with %s', (_name, rows, message) => {
    expect(() => tableWith(rows)).toThrow(message)
  })
})

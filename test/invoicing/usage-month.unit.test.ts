import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayIn } from '../../src/invoicing/issue-document.ts'
import { considerationOf } from '../../src/invoicing/usage/consideration.ts'
import { lastDayOf, monthIn, nextMonth, startOf } from '../../src/invoicing/usage/usage-month.ts'

describe('a calendar month', () => {
  test.each([
    ['UTC', '2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['Europe/Berlin', '2026-11-01', '2026-10-31T23:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['America/Los_Angeles', '2026-11-01', '2026-11-01T07:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-01', '2026-10-31T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-11-01', '2026-11-01T11:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-01', '2026-10-31T18:15:00.000Z'],
  ])('in %s, %s begins at %s', (timeZone, month, instant) => {
    expect(new Date(startOf(timeZone, month)).toISOString()).toBe(instant)
  })

  test('begins with the first instant of its first day, whatever the zone, and follows the one before', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Cairo')
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 1_000 }), (timeZone, count) => {
        const month = new Date(Date.UTC(2000, count, 1)).toISOString().slice(0, 10)
        const start = startOf(timeZone, month)
        expect([dayIn(timeZone, start), monthIn(timeZone, start)]).toEqual([month, month])
        expect(nextMonth(monthIn(timeZone, start - 1))).toBe(month)
        expect(dayIn(timeZone, start - 1) < month).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('ends with its last day', () => {
    const days = ['2026-02-01', '2028-02-01', '2026-11-01', '2026-12-01'].map(lastDayOf)
    expect(days).toEqual(['2026-02-28', '2028-02-29', '2026-11-30', '2026-12-31'])
    expect(nextMonth('2026-12-01')).toBe('2027-01-01')
  })
})

test('what was paid for vouchers is invoiced to the cent, in however many parts they are used', () => {
  const amounts = fc.record({ paidMinor: fc.bigInt(1n, 10n ** 12n), creditNano: fc.bigInt(1n, 10n ** 18n) })
  fc.assert(
    fc.property(amounts, fc.array(fc.bigInt(0n, 10n ** 18n), { maxLength: 50 }), (sold, asked) => {
      const used = [...asked.map((nano) => nano % (sold.creditNano + 1n)), sold.creditNano].sort((left, right) =>
        left < right ? -1 : 1,
      )
      let invoiced = 0n
      for (const nano of used) {
        const amount = considerationOf(sold, nano) - invoiced
        expect(amount >= 0n).toBe(true)
        invoiced += amount
      }
      expect(invoiced).toBe(sold.paidMinor)
    }),
  )
})

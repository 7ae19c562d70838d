import { expect, test } from 'vitest'
import { monthPeriod } from '../../src/reports/statement-period.ts'

test.each([
  ['UTC', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  ['Europe/Berlin', '2026-01-31T23:00:00.000Z', '2026-02-28T23:00:00.000Z'],
  ['America/New_York', '2026-02-01T05:00:00.000Z', '2026-03-01T05:00:00.000Z'],
  ['Pacific/Kiritimati', '2026-01-31T10:00:00.000Z', '2026-02-28T10:00:00.000Z'],
  ['Asia/Kathmandu', '2026-01-31T18:15:00.000Z', '2026-02-28T18:15:00.000Z'],
])('a month begins and ends at midnight in %s', (zone, from, to) => {
  const period = monthPeriod(2026, 2, zone)
  expect([new Date(period.from).toISOString(), new Date(period.to).toISOString()]).toEqual([from, to])
})

test('months chain without a gap through summer time and new year, in every zone', () => {
  for (const zone of Intl.supportedValuesOf('timeZone').filter((_, index) => index % 40 === 0)) {
    for (let month = 1; month <= 12; month += 1) {
      const next = month === 12 ? monthPeriod(2027, 1, zone) : monthPeriod(2026, month + 1, zone)
      expect(monthPeriod(2026, month, zone).to).toBe(next.from)
    }
  }
})

test('where clocks are put forward at midnight, the month begins at the first instant that there is', () => {
  // In Paraguay 2023-10-01 began at 01:00, three hours behind UTC.
  expect(new Date(monthPeriod(2023, 10, 'America/Asuncion').from).toISOString()).toBe('2023-10-01T04:00:00.000Z')
})

test('a month that there is not, and a zone that there is not, are refused', () => {
  expect(() => monthPeriod(2026, 13)).toThrow(RangeError)
  expect(() => monthPeriod(2026, 0)).toThrow(RangeError)
  expect(() => monthPeriod(2026, 1, 'Mars/Olympus')).toThrow(RangeError)
})

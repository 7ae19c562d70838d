import { describe, expect, test } from 'vitest'
import { uuidV7, uuidV7Time } from '../../src/lib/uuid-v7.ts'

const at = (time: number) => ({ now: () => time })
const NOW = Date.parse('2026-11-21T12:34:56.789Z')

test('an id has the version and the variant of RFC 9562, whatever chance brings', () => {
  for (let index = 0; index < 2_000; index += 1) {
    expect(uuidV7(at(NOW))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})

describe('an id tells its millisecond', () => {
  test.each([0, 1, NOW, 2 ** 31 * 1_000, 2 ** 48 - 1])('%i', (time) => {
    expect(uuidV7Time(uuidV7(at(time)))).toBe(time)
  })

  test('as in the example of RFC 9562, appendix A.6', () => {
    expect(uuidV7Time('017F22E2-79B0-7CC3-98C4-DC0C0C07398F')).toBe(Date.parse('2022-02-22T19:22:22Z'))
  })
})

test('ids of a later millisecond sort after those of an earlier one', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => uuidV7(at(NOW + index)))
  expect(ids.toSorted()).toEqual(ids)
})

test('no two ids are the same, also within one millisecond and across draws of chance', () => {
  const ids = Array.from({ length: 50_000 }, () => uuidV7(at(NOW)))
  expect(new Set(ids).size).toBe(ids.length)
})

test('all 74 random bits vary', () => {
  const ids = Array.from({ length: 500 }, () => BigInt(`0x${uuidV7(at(NOW)).replaceAll('-', '')}`))
  const [everSet, everClear] = ids.reduce(([or, and], id) => [or | id, and & id], [0n, (1n << 128n) - 1n])
  const varying = (everSet & ~everClear).toString(2).replaceAll('0', '').length
  expect(varying).toBe(74)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestAdjustmentFor } from '../../src/back-office/adjust.ts'
import {
  CLEAN,
  creditFor,
  DAY_MS,
  debitFor,
  extensionFor,
  type OfficeWorld,
  openOfficeWorld,
  UNIT,
} from '../back-office/office-world.ts'

let world: OfficeWorld
beforeAll(async () => {
  world = await openOfficeWorld()
})
afterAll(() => world.close())

/** Debits less credits of each account of the chart, in units. */
async function balances(accountId: string): Promise<Record<string, number>> {
  const rows = await world.select<{ code: string; nano: string }>(
    `SELECT account_code AS code, sum(debit_nano - credit_nano)::text AS nano FROM journal_line WHERE account_id = $1
     GROUP BY 1 HAVING sum(debit_nano - credit_nano) <> 0 ORDER BY 1`,
    accountId,
  )
  return Object.fromEntries(rows.map(({ code, nano }) => [code, Number(BigInt(nano)) / 1e9]))
}

test('what is given and taken by hand is an expense of its kind, and each entry sums to zero', async () => {
  const finance = await world.operator('FINANCE')
  const accountId = await world.customer()
  const adjust = (input: Parameters<typeof requestAdjustmentFor>[2]) => requestAdjustmentFor(world.deps, finance, input)
  await adjust(creditFor(accountId, 100n * UNIT, { promotional: false }))
  expect(await balances(accountId)).toEqual({ '2000': -100, '6200': 100 })
  await adjust(creditFor(accountId, 30n * UNIT, { creditDays: 10 }))
  expect(await balances(accountId)).toEqual({ '2000': -100, '2100': -30, '6100': 30, '6200': 100 })
  // The promotional credit goes first.
  await adjust(debitFor(accountId, 50n * UNIT))
  expect(await balances(accountId)).toEqual({ '2000': -80, '6200': 80 })
  await adjust(creditFor(accountId, 7n * UNIT, { creditDays: 10 }))
  const [lot] = await world.select<{ id: string; expires_at: Date }>(
    'SELECT id, expires_at FROM credit_lot WHERE account_id = $1 AND open AND promotional',
    accountId,
  )
  await adjust(extensionFor(accountId, lot?.id ?? '', (lot?.expires_at.getTime() ?? 0) + DAY_MS))
  expect(await balances(accountId)).toEqual({ '2000': -80, '2100': -7, '6100': 7, '6200': 80 })
  world.clock.advance(12 * DAY_MS)
  await world.ledger.sweepExpired()
  expect(await balances(accountId)).toEqual({ '2000': -80, '6200': 80 })
  const unbalanced = 'SELECT entry_id FROM journal_line GROUP BY 1 HAVING sum(debit_nano) <> sum(credit_nano)'
  expect(await world.select(unbalanced)).toEqual([])
  expect(await world.verify()).toBe(CLEAN)
})

test('promotional credit that repays debt is still a promotion, and leaves no debt in the books', async () => {
  const finance = await world.operator('FINANCE')
  const accountId = await world.customer({ creditNano: 2n * UNIT })
  await (await world.hold(accountId, 2n * UNIT))(5n * UNIT)
  await requestAdjustmentFor(world.deps, finance, creditFor(accountId, 2n * UNIT))
  expect(await balances(accountId)).toMatchObject({ '1100': 1, '6100': 4 })
  await requestAdjustmentFor(world.deps, finance, creditFor(accountId, 2n * UNIT))
  expect(await balances(accountId)).toEqual({ '2100': -1, '4000': -5, '6100': 6 })
  expect(await world.verify()).toBe(CLEAN)
})

test("what a reseller's people give their customers, the reseller bears", async () => {
  const resellerId = await world.reseller()
  const owner = await world.member(resellerId, 'OWNER')
  const accountId = await world.customer({ resellerId })
  await requestAdjustmentFor(world.deps, owner, creditFor(accountId, 10n * UNIT))
  expect(await balances(accountId)).toEqual({ '2100': -10, '2500': 10 })
  await requestAdjustmentFor(world.deps, owner, debitFor(accountId, 4n * UNIT))
  expect(await balances(accountId)).toEqual({ '2100': -6, '2500': 6 })
  expect(await world.verify()).toBe(CLEAN)
})

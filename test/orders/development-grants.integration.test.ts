import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type DevelopmentGrant, grantDevelopmentCredits } from '../../src/orders/grant-development-credits.ts'
import { type LedgerFixture, openLedger } from '../ledger/ledger-fixture.ts'

const YEAR_MS = 365 * 86_400_000
const MAXIMUM_MINOR = 1_000_000n

let world: LedgerFixture
beforeAll(async () => {
  world = await openLedger()
})
afterAll(() => world.close())

const grant = (wanted: Pick<DevelopmentGrant, 'accountId'> & Partial<DevelopmentGrant>, isSandbox = true) =>
  grantDevelopmentCredits(
    { pool: world.pool, clock: world.clock, isSandbox, maximumMinor: MAXIMUM_MINOR },
    { amountMinor: 5_000n, idempotencyKey: null, actorId: null, ...wanted },
  )

async function developmentAccount(): Promise<string> {
  const accountId = await world.account()
  await world.pool.query('UPDATE account SET development = true WHERE id = $1', [accountId])
  return accountId
}

async function entries(accountId: string) {
  const { rows } = await world.pool.query(
    `SELECT entry.kind, entry.amount_nano, entry.actor_id, lot.promotional, lot.expires_at
     FROM ledger_entry entry JOIN credit_lot lot ON lot.account_id = entry.account_id AND lot.source_id = entry.source_id
     WHERE entry.account_id = $1`,
    [accountId],
  )
  return rows
}

describe('a development grant', () => {
  test('gives promotional credits that last a year, in the name of who asked', async () => {
    const accountId = await developmentAccount()
    const actorId = uuidV7(world.clock)
    const granted = await grant({ accountId, actorId })
    const expiresAt = world.clock.now() + YEAR_MS
    expect(granted).toMatchObject({ amountNano: 50_000_000_000n, currency: 'USD', expiresAt })
    expect(await entries(accountId)).toEqual([
      {
        kind: 'GRANT',
        amount_nano: '50000000000',
        actor_id: actorId,
        promotional: true,
        expires_at: new Date(expiresAt),
      },
    ])
  })

  test('is given once per key, however many ask at once, with one answer to all', async () => {
    const accountId = await developmentAccount()
    const granted = await Promise.all(Array.from({ length: 20 }, () => grant({ accountId, idempotencyKey: 'one' })))
    expect(new Set(granted.map(({ lotId }) => lotId)).size).toBe(1)
    world.clock.advance(86_400_000)
    expect(await grant({ accountId, idempotencyKey: 'one' })).toEqual(granted[0])
    expect(await entries(accountId)).toHaveLength(1)
  })

  test('of another amount under a known key is refused', async () => {
    const accountId = await developmentAccount()
    await grant({ accountId, idempotencyKey: 'two' })
    await expect(grant({ accountId, idempotencyKey: 'two', amountMinor: 5_001n })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
    expect(await entries(accountId)).toHaveLength(1)
  })

  test('with the key of another account is a grant of its own', async () => {
    const [first, second] = await Promise.all([developmentAccount(), developmentAccount()])
    await grant({ accountId: first, idempotencyKey: 'shared' })
    await grant({ accountId: second, idempotencyKey: 'shared' })
    expect(await entries(first)).toHaveLength(1)
    expect(await entries(second)).toHaveLength(1)
  })

  test('without a key stands for itself each time', async () => {
    const accountId = await developmentAccount()
    await grant({ accountId })
    await grant({ accountId })
    expect(await entries(accountId)).toHaveLength(2)
  })

  test.each([
    ['nothing', 0n, 'amount_below_minimum'],
    ['less than nothing', -1n, 'amount_below_minimum'],
    ['a cent more than a purchase may come to', MAXIMUM_MINOR + 1n, 'amount_above_maximum'],
  ])('of %s is refused', async (_what, amountMinor, code) => {
    const accountId = await developmentAccount()
    await expect(grant({ accountId, amountMinor })).rejects.toMatchObject({ code, field: 'amountMinor' })
    expect(await entries(accountId)).toEqual([])
  })

  test('is refused outside the sandbox, and to an account that is not for development', async () => {
    const [development, ordinary] = await Promise.all([developmentAccount(), world.account()])
    const refused = { name: 'OrderError', code: 'not_a_development_account', field: 'accountId' }
    await expect(grant({ accountId: development }, false)).rejects.toMatchObject(refused)
    await expect(grant({ accountId: ordinary })).rejects.toMatchObject(refused)
    await expect(grant({ accountId: uuidV7(world.clock) })).rejects.toMatchObject(refused)
    expect(await entries(development)).toEqual([])
    expect(await entries(ordinary)).toEqual([])
  })
})

test('the ledger is clean after all of it', async () => {
  expect((await verifyLedger(world.database.connectionString)).findings).toEqual([])
})

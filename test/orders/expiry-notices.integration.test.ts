import type { PoolClient } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { queueExpiryNotices } from '../../src/orders/expiry-notices.ts'
import { type MailWorld, openMailWorld } from '../mail/mail-world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const UNIT = 1_000_000_000n

let world: MailWorld

beforeEach(async () => {
  world = await openMailWorld()
})
afterEach(() => world.close())

const run = () => queueExpiryNotices(world)

/** An account with one owner, whose address begins with `name`. */
async function account(name: string): Promise<string> {
  const id = await world.account(name)
  await world.member(id, 'OWNER', `${name}@example.com`)
  return id
}

interface LotOptions {
  nano?: bigint
  heldNano?: bigint
  frozenNano?: bigint
}

/** `expiresAt` in milliseconds since the epoch; null = never. Ten units unless told otherwise. */
async function lot(accountId: string, expiresAt: number | null, options: LotOptions = {}): Promise<string> {
  const id = uuidV7(world.clock)
  const { nano = 10n * UNIT, heldNano = 0n, frozenNano = 0n } = options
  await world.pool.query(
    `INSERT INTO credit_lot (id, account_id, source_kind, source_id, priority, granted_nano, remaining_nano, held_nano,
                             frozen_nano, open, expires_at, created_at)
     VALUES ($1, $2, 'PURCHASE', $1, 20, 1000000000000, $3::bigint, $4, $5, $3::bigint > 0, $6, now())`,
    [id, accountId, nano, heldNano, frozenNano, expiresAt === null ? null : new Date(expiresAt)],
  )
  return id
}

async function noticesOf(lotId: string): Promise<number[]> {
  const { rows } = await world.pool.query<{ days_before: number }>(
    'SELECT days_before FROM expiry_notice WHERE lot_id = $1 ORDER BY days_before',
    [lotId],
  )
  return rows.map((row) => row.days_before)
}

/** What was told to whom, in the order of the mails. */
async function told(): Promise<string[]> {
  return (await world.rows()).map(({ recipient, data }) => `${recipient.split('@')[0]}: ${data.amount} in ${data.days}`)
}

/** Midday of the day after today (UTC), so that an hour more or less stays on one day. */
function midday(): number {
  return Math.ceil(world.clock.now() / DAY_MS) * DAY_MS + DAY_MS / 2
}

function advanceTo(instant: number): void {
  world.clock.advance(instant - world.clock.now())
}

test('in a year of four runs a day, a lot is told 30, 7 and 1 days before its expiry and never again', async () => {
  const start = midday()
  const ada = await account('ada')
  const end = start + 365 * DAY_MS
  await lot(ada, end)
  await lot(ada, null)
  const seen: number[] = []
  for (let at = start; at <= end + 2 * DAY_MS; at += 6 * HOUR_MS) {
    advanceTo(at)
    if ((await run()) > 0) seen.push((end - at) / DAY_MS)
  }
  expect(seen).toEqual([30, 7, 1])
  expect(await told()).toEqual(['ada: $10.00 in 30', 'ada: $10.00 in 7', 'ada: $10.00 in 1'])
})

describe('a lot', () => {
  test('is not told at 31 days, and is told once at exactly 30', async () => {
    const ada = await account('ada')
    const id = await lot(ada, world.clock.now() + 31 * DAY_MS)
    expect(await run()).toBe(0)
    world.clock.advance(DAY_MS - 1)
    expect(await run()).toBe(0)
    world.clock.advance(1)
    expect(await run()).toBe(1)
    expect(await run()).toBe(0)
    expect(await noticesOf(id)).toEqual([30])
    const [mail] = await world.rows()
    expect(mail).toMatchObject({ account_id: ada, template: 'credits-expiring', state: 'PENDING' })
    expect(mail?.data.expiresAt).toBe(new Date(world.clock.now() + 30 * DAY_MS).toISOString())
  })

  test('that was never announced gets only the nearest notice, and the farther ones are passed', async () => {
    const [ada, bob] = [await account('ada'), await account('bob')]
    const six = await lot(ada, world.clock.now() + 6 * DAY_MS)
    const half = await lot(bob, world.clock.now() + DAY_MS / 2)
    expect(await run()).toBe(2)
    expect((await told()).sort()).toEqual(['ada: $10.00 in 6', 'bob: $10.00 in 1'])
    expect(await noticesOf(six)).toEqual([7, 30])
    expect(await noticesOf(half)).toEqual([1, 7, 30])
  })

  test('of less than a cent that can be spent, that is spent, or that has expired is not told', async () => {
    const ada = await account('ada')
    const soon = world.clock.now() + DAY_MS
    const cent = UNIT / 100n
    await lot(ada, soon, { nano: cent - 1n })
    await lot(ada, soon, { nano: 0n })
    await lot(ada, soon, { nano: UNIT, heldNano: UNIT - cent + 1n })
    await lot(ada, soon, { nano: UNIT, frozenNano: 2n * UNIT })
    await lot(ada, world.clock.now())
    await lot(ada, world.clock.now() - 1)
    expect(await run()).toBe(0)
    expect(await told()).toEqual([])
    await lot(ada, soon, { nano: UNIT, heldNano: UNIT / 2n, frozenNano: UNIT / 2n - cent })
    expect(await run()).toBe(1)
    expect(await told()).toEqual(['ada: $0.01 in 1'])
  })

  test('whose expiry was put off is announced again for the new one', async () => {
    const ada = await account('ada')
    const id = await lot(ada, world.clock.now() + DAY_MS)
    await run()
    const later = world.clock.now() + 91 * DAY_MS
    await world.pool.query('UPDATE credit_lot SET expires_at = $2 WHERE id = $1', [id, new Date(later)])
    for (const days of [40, 30, 7, 1]) {
      advanceTo(later - days * DAY_MS)
      await run()
    }
    expect(await told()).toEqual(['1', '30', '7', '1'].map((days) => `ada: $10.00 in ${days}`))
  })
})

describe('one mail', () => {
  test('tells all lots of an account that expire on one day (UTC), and another day has its own', async () => {
    const [ada, bob] = [await account('ada'), await account('bob')]
    const day = midday() + 20 * DAY_MS
    await lot(ada, day - 11 * HOUR_MS)
    await lot(ada, day + 11 * HOUR_MS, { nano: UNIT / 2n })
    await lot(ada, day + 13 * HOUR_MS, { nano: 3n * UNIT })
    await lot(bob, day)
    expect(await run()).toBe(3)
    const mails = (await world.rows()).map(({ recipient, data }) => [
      recipient.split('@')[0],
      data.amount,
      data.expiresAt,
    ])
    expect(mails.sort()).toEqual([
      ['ada', '$10.50', new Date(day - 11 * HOUR_MS).toISOString()],
      ['ada', '$3.00', new Date(day + 13 * HOUR_MS).toISOString()],
      ['bob', '$10.00', new Date(day).toISOString()],
    ])
  })

  test('tells a day whose lots become due at different hours, once for each notice', async () => {
    const ada = await account('ada')
    const day = midday() + 40 * DAY_MS
    const early = await lot(ada, day - 11 * HOUR_MS)
    const late = await lot(ada, day + 11 * HOUR_MS)
    for (let at = world.clock.now(); at < day + DAY_MS; at += 6 * HOUR_MS) {
      advanceTo(at)
      await run()
    }
    // Past the first expiry, what is left of the day was told with it.
    expect(await told()).toEqual(['30', '7', '1'].map((days) => `ada: $20.00 in ${days}`))
    expect(await noticesOf(early)).toEqual([1, 7, 30])
    expect(await noticesOf(late)).toEqual([1, 7, 30])
  })

  test('is written for credit that joins a day already told, with the whole day’s amount', async () => {
    const ada = await account('ada')
    const day = midday() + 5 * DAY_MS
    const first = await lot(ada, day)
    await run()
    world.clock.advance(1)
    const second = await lot(ada, day + HOUR_MS)
    expect(await run()).toBe(1)
    expect(await run()).toBe(0)
    expect((await world.rows()).map(({ data }) => data.amount)).toEqual(['$10.00', '$20.00'])
    expect([await noticesOf(first), await noticesOf(second)]).toEqual([
      [7, 30],
      [7, 30],
    ])
  })

  test('goes to owners and billing members; an account without them is marked all the same', async () => {
    const ada = await account('ada')
    await world.member(ada, 'BILLING', 'bill@example.com')
    await world.member(ada, 'VIEWER', 'view@example.com')
    const orphan = await world.account('orphan')
    await lot(ada, world.clock.now() + DAY_MS)
    const unread = await lot(orphan, world.clock.now() + DAY_MS)
    expect(await run()).toBe(2)
    expect((await told()).sort()).toEqual(['ada: $10.00 in 1', 'bill: $10.00 in 1'])
    expect(await noticesOf(unread)).toEqual([1, 7, 30])
    expect(await run()).toBe(0)
  })

  test('shows the wallet’s own currency', async () => {
    const ada = await account('ada')
    await world.pool.query(`UPDATE wallet SET currency = 'EUR' WHERE account_id = $1`, [ada])
    await lot(ada, world.clock.now() + DAY_MS)
    await run()
    expect(await told()).toEqual(['ada: €10.00 in 1'])
  })
})

describe('many runs at once', () => {
  test('tell each account once', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `user${index}`)
    for (const name of names) {
      const id = await account(name)
      await lot(id, midday() + 5 * DAY_MS)
      await lot(id, midday() + 5 * DAY_MS + HOUR_MS)
    }
    const counts = await Promise.all(Array.from({ length: 8 }, run))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40)
    expect((await world.rows()).map(({ recipient }) => recipient).sort()).toEqual(
      names.map((name) => `${name}@example.com`).sort(),
    )
    const { rows } = await world.pool.query('SELECT FROM expiry_notice')
    expect(rows).toHaveLength(40 * 2 * 2)
  })

  test('take more accounts than one batch holds', async () => {
    await world.pool.query(
      `INSERT INTO account (id, kind, name, slug, created_at)
       SELECT gen_random_uuid(), 'CUSTOMER', 'Many', 'many-' || number, now() FROM generate_series(1, 1100) number`,
    )
    await world.pool.query(
      `INSERT INTO wallet (account_id, entry_hash) SELECT id, decode(repeat('00', 32), 'hex') FROM account`,
    )
    await world.pool.query(
      `INSERT INTO credit_lot (id, account_id, source_kind, source_id, priority, granted_nano, remaining_nano, expires_at, created_at)
       SELECT gen_random_uuid(), id, 'GRANT', id, 20, 1000000000, 1000000000, $1, now() FROM account`,
      [new Date(world.clock.now() + DAY_MS)],
    )
    const counts = await Promise.all([run(), run()])
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1100)
    expect(await run()).toBe(0)
  })

  test('wait for no request: a wallet and a lot in somebody’s hands are told all the same', async () => {
    const ada = await account('ada')
    const id = await lot(ada, world.clock.now() + DAY_MS)
    const spender = await world.pool.connect()
    try {
      await spend(spender, ada, id)
      expect(await run()).toBe(1)
      await spender.query('COMMIT')
    } finally {
      spender.release()
    }
    expect(await told()).toEqual(['ada: $10.00 in 1'])
  })

  test('make no request wait: credit is spent while its notice is being written', async () => {
    const ada = await account('ada')
    const id = await lot(ada, world.clock.now() + DAY_MS)
    const [gate, spender] = [await world.pool.connect(), await world.pool.connect()]
    try {
      await gate.query('BEGIN; LOCK TABLE mail IN EXCLUSIVE MODE')
      const running = run()
      await untilSomebodyWaits()
      await spender.query(`SET lock_timeout = '1s'`)
      await spend(spender, ada, id)
      await spender.query('COMMIT')
      await gate.query('COMMIT')
      expect(await running).toBe(1)
    } finally {
      gate.release(true)
      spender.release(true)
    }
  })
})

/** What a charge locks and changes, in a transaction that is left open. */
async function spend(client: PoolClient, accountId: string, lotId: string): Promise<void> {
  await client.query('BEGIN')
  await client.query('SELECT FROM wallet WHERE account_id = $1 FOR UPDATE', [accountId])
  await client.query('UPDATE credit_lot SET remaining_nano = remaining_nano - 1 WHERE id = $1', [lotId])
}

/** Until the database says that a session of ours waits for a lock: asked again and again, with no pause of our own. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rowCount } = await world.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    if (rowCount !== null && rowCount > 0) return
  }
}

test('a notice whose mail cannot be written is not written either', async () => {
  const ada = await account('ada')
  const id = await lot(ada, world.clock.now() + DAY_MS)
  await world.pool.query('ALTER TABLE mail ADD CONSTRAINT no_mail CHECK (false) NOT VALID')
  await expect(run()).rejects.toThrow('no_mail')
  expect(await noticesOf(id)).toEqual([])
  await world.pool.query('ALTER TABLE mail DROP CONSTRAINT no_mail')
  expect(await run()).toBe(1)
})

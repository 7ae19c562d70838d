import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { CLEAN, type Farebox, PATIENCE } from '../support/farebox.ts'
import { queueBackends } from '../support/queue-backends.ts'
import { cents, customerWithOwner, entriesOf, mailsOf } from './paying-customer-world.ts'
import { type JobsWorld, openJobsWorld } from './real-jobs-world.ts'
import { outboxOf } from './work-world.ts'

const DAY_MS = 86_400_000
const DAYS = 365
const WALLETS = 1_000

describe.each(queueBackends)('what time brings, with the queues on $name', (backendUnderTest) => {
  let world: JobsWorld
  let farebox: Farebox

  beforeAll(async () => {
    world = await openJobsWorld(backendUnderTest)
    farebox = world.farebox
  })
  afterAll(() => world.close())

  /** Accounts with one lot of 1.00 each that expires then. */
  async function walletsExpiringAt(count: number, expiresAt: number): Promise<string[]> {
    const accounts = await farebox.rows<{ id: string }>(
      `INSERT INTO account (id, kind, name, slug, created_at)
       SELECT gen_random_uuid(), 'CUSTOMER', 'Many', 'many-' || number, now() FROM generate_series(1, $1::int) number
       RETURNING id`,
      count,
    )
    const ids = accounts.map(({ id }) => id)
    await farebox.rows(
      `INSERT INTO wallet (account_id, entry_hash) SELECT id, decode($2, 'hex') FROM unnest($1::uuid[]) id`,
      ids,
      GENESIS_HASH,
    )
    await Promise.all(ids.map((id) => farebox.credit(id, cents(100), expiresAt)))
    return ids
  }

  /** Keeps a wallet in hand, so that whoever would book in it waits. */
  async function lockWallet(accountId: string): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: farebox.database.connectionString })
    await client.connect()
    await client.query('BEGIN')
    await client.query('SELECT FROM wallet WHERE account_id = $1 FOR UPDATE', [accountId])
    return async () => {
      await client.query('COMMIT')
      await client.end()
    }
  }

  test('a thousand wallets that expire in the same minute, swept by two processes at once, each expire once', async () => {
    const other = await farebox.another()
    const expiresAt = farebox.clock.now() + DAY_MS
    const ids = await walletsExpiringAt(WALLETS, expiresAt)
    const unlock = await lockWallet(ids[WALLETS / 2] as string)
    farebox.clock.advance(DAY_MS)
    const sweeps = await Promise.all([world.addSweep('expiry-sweep'), world.addSweep('expiry-sweep')])
    // A process sweeps once at a time, so these are two processes, both among the same wallets.
    await expect.poll(() => world.queues['expiry-sweep'].getActiveCount(), PATIENCE).toBe(2)
    await unlock()
    await Promise.all(sweeps.map((id) => world.completed('expiry-sweep', id)))
    await world.settled(other)
    const expired = await farebox.rows(
      `SELECT account_id FROM ledger_entry WHERE kind = 'EXPIRY' AND amount_nano = $1 AND account_id = ANY ($2::uuid[])`,
      -cents(100),
      ids,
    )
    expect(expired).toHaveLength(WALLETS)
    expect(new Set(expired.map(({ account_id }) => account_id)).size).toBe(WALLETS)
    const left = await farebox.rows('SELECT FROM wallet WHERE balance_nano <> 0 AND account_id = ANY ($1::uuid[])', ids)
    expect(left).toEqual([])
    await other.stop()
    expect(await farebox.verify()).toBe(CLEAN)
  })

  test('in a year a lot is announced 30, 7 and 1 days ahead, expires once, and requests are served as before', async () => {
    const customer = await customerWithOwner(farebox)
    const ask = () =>
      customer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
    await farebox.credit(customer.accountId, cents(500))
    await ask()
    // Half a day off, so that the few seconds of this test change no day.
    await farebox.credit(customer.accountId, cents(700), farebox.clock.now() + (DAYS - 0.5) * DAY_MS)
    const sweepAll = async () => {
      await world.sweep('expiry-sweep')
      await world.sweep('expiry-notices')
      await world.sweep('mail')
      await world.settled()
    }
    farebox.clock.advance((DAYS - 33) * DAY_MS)
    await sweepAll()
    const mailedAt: number[] = []
    for (let daysLeft = 32; daysLeft >= -2; daysLeft -= 1) {
      farebox.clock.advance(DAY_MS)
      const before = (await mailsOf(farebox, customer)).length
      await sweepAll()
      if ((await mailsOf(farebox, customer)).length > before) mailedAt.push(daysLeft)
    }
    expect(mailedAt).toEqual([30, 7, 1])
    const mails = await mailsOf(farebox, customer)
    expect(mails.map(({ template, state, attempts, data }) => [template, state, attempts, data.days])).toEqual([
      ['credits-expiring', 'SENT', 1, 30],
      ['credits-expiring', 'SENT', 1, 7],
      ['credits-expiring', 'SENT', 1, 1],
    ])
    expect((await outboxOf(farebox)).map(({ name }) => name)).toEqual(mails.map(({ id }) => `${id}.eml`))
    expect(await entriesOf(farebox, customer)).toEqual(['GRANT 500', 'GRANT 700', 'EXPIRY -700'])
    await ask()
    await world.sweep('usage-rollup')
    expect(await usageMonthsOf(customer.accountId)).toHaveLength(2)
    expect(await farebox.verify()).toBe(CLEAN)
  })

  /** The partitions that an account's usage is in, with what the sums say of the same months. */
  async function usageMonthsOf(accountId: string): Promise<string[]> {
    const rows = await farebox.rows<{ partition: string; summed: string | null }>(
      `SELECT tableoid::regclass::text AS partition,
         (SELECT sum(requests)::text FROM usage_rollup
          WHERE usage_rollup.account_id = $1 AND date_trunc('month', hour) = date_trunc('month', usage_event.created_at)) AS summed
       FROM usage_event WHERE account_id = $1`,
      accountId,
    )
    expect(rows.map(({ summed }) => summed)).toEqual(rows.map(() => '1'))
    return [...new Set(rows.map(({ partition }) => partition))]
  }
})

import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type SandboxProvider, startSandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'
import { type EndlessLoad, type SeenReply, startLoad } from './endless-load.ts'
import { createFareboxHome, type FareboxHome } from './farebox-process.ts'

const KILLS = 10
/** It is killed at some moment of this long after it has begun to serve again. */
const ALIVE_MS_MIN = 100
const ALIVE_MS_MAX = 700

/** Outside of the process that is killed, as real providers are. */
let provider: SandboxProvider
let home: FareboxHome
let seen: readonly SeenReply[]
let broken: number

beforeAll(async () => {
  provider = await startSandboxProvider()
  home = await createFareboxHome({ FAREBOX_SANDBOX_PROVIDER_URL: provider.baseUrl })
  let farebox = await home.start()
  const load = startLoad(home.url, await home.accessKey())
  for (let kill = 0; kill < KILLS; kill += 1) {
    await someRepliesAfter(load)
    await setTimeout(ALIVE_MS_MIN + Math.random() * (ALIVE_MS_MAX - ALIVE_MS_MIN))
    farebox.child.kill('SIGKILL')
    await farebox.ended
    farebox = await home.start()
  }
  await someRepliesAfter(load)
  await load.stop()
  seen = load.seen
  broken = load.broken
}, 120_000)
afterAll(async () => {
  await home.clear()
  await provider.close()
})

async function someRepliesAfter(load: EndlessLoad): Promise<void> {
  const before = load.seen.length
  await vi.waitFor(() => expect(load.seen.length).toBeGreaterThan(before + 20), { timeout: 20_000, interval: 5 })
}

test('the kills hit requests in flight, and between them there was service, streaming and not', () => {
  expect(broken).toBeGreaterThan(KILLS)
  expect(seen.filter(({ streaming }) => streaming).length).toBeGreaterThan(100)
  expect(seen.filter(({ streaming }) => !streaming).length).toBeGreaterThan(100)
})

test('every reply that was seen complete is charged exactly once, as its client was told', async () => {
  const events = await home.query<{ id: string; price_nano: string; status: string }>(
    'SELECT id, price_nano, status FROM usage_event',
  )
  const debits = await home.query<{ source_id: string; amount_nano: string }>(
    `SELECT source_id, amount_nano FROM ledger_entry WHERE kind = 'USAGE_DEBIT'`,
  )
  const eventsById = Map.groupBy(events, ({ id }) => id)
  const debitsById = Map.groupBy(debits, ({ source_id }) => source_id)
  const wrong = seen.filter(({ requestId, chargeNano }) => {
    const [event, ...moreEvents] = eventsById.get(requestId) ?? []
    const [debit, ...moreDebits] = debitsById.get(requestId) ?? []
    const charged = event?.status === 'COMPLETED' && BigInt(event.price_nano) === chargeNano
    const debited = BigInt(debit?.amount_nano ?? 0) === -chargeNano
    return !(charged && debited && moreEvents.length === 0 && moreDebits.length === 0)
  })
  expect(wrong).toEqual([])
  expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(seen.length)
})

test('no request is charged twice, seen complete or not', async () => {
  const doubled = await home.query(
    `SELECT source_id FROM ledger_entry WHERE kind = 'USAGE_DEBIT' GROUP BY source_id, account_id HAVING count(*) > 1
     UNION ALL SELECT id FROM usage_event GROUP BY id HAVING count(*) > 1`,
  )
  expect(doubled).toEqual([])
})

test('no hold is left; what was in flight is remembered as abandoned, charged nothing', async () => {
  await expect.poll(() => home.query('SELECT request_id FROM hold'), { timeout: 20_000 }).toEqual([])
  expect(await home.query('SELECT account_id FROM wallet WHERE held_nano <> 0')).toEqual([])
  const [abandoned] = await home.query<{ count: number; charged: string; exposure: string }>(
    `SELECT count(*)::integer AS count, sum(price_nano) AS charged, min(exposure_nano) AS exposure
     FROM usage_event WHERE status = 'ABANDONED'`,
  )
  expect(abandoned?.count).toBeGreaterThan(KILLS)
  expect(abandoned?.charged).toBe('0')
  expect(Number(abandoned?.exposure)).toBeGreaterThan(0)
})

test('ledger verify is clean and exits 0', async () => {
  expect(await home.verify()).toMatch(/ledger is clean$/)
  const { code, output } = await home.cli('ledger', 'verify')
  expect(output).toMatch(/ledger is clean$/m)
  expect(code).toBe(0)
})

test('an entry that is changed behind our back is named by ledger verify, which exits 1', async () => {
  const [entry] = await home.query<{ account_id: string; seq: string }>(
    `SELECT account_id, seq FROM ledger_entry WHERE kind = 'USAGE_DEBIT' ORDER BY seq OFFSET 50 LIMIT 1`,
  )
  await home.query('ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only')
  await home.query(
    'UPDATE ledger_entry SET amount_nano = amount_nano + 1 WHERE account_id = $1 AND seq = $2',
    entry?.account_id,
    entry?.seq,
  )
  await home.query('ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_append_only')
  const { code, output } = await home.cli('ledger', 'verify')
  expect(output).toContain(`ledger_entry ${entry?.account_id}/${entry?.seq}`)
  expect(code).toBe(1)
})

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded/start-embedded-postgres.ts'
import { migrate } from '../../src/db/migrate.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { ask, chargeOf, debitsOf, errorOf, eventsOf, post } from './gateway-reads.ts'

/** A server of this file's own that can be killed and comes back at the same address. */
let home: string
let port: number
let server: EmbeddedPostgres
let farebox: Farebox
let customer: Customer

const startServer = () => startEmbeddedPostgres({ directory: join(home, 'postgres'), port, settings: { fsync: 'off' } })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'farebox-away-'))
  // As root the server runs under another account, which has to pass through here.
  await chmod(home, 0o711)
  port = await freePort()
  server = await startServer()
  await server.createDatabase('away')
  const url = new URL(server.connectionString('away'))
  // The socket's directory may move; the port stays.
  url.searchParams.delete('host')
  await migrate(url.href)
  farebox = await startFarebox({ database: { connectionString: url.href, drop: () => Promise.resolve() } })
  customer = await farebox.customer({ creditNano: 100_000_000_000n })
})
afterAll(async () => {
  await farebox.close()
  await server.stop()
  await rm(home, { recursive: true, force: true })
})
afterEach(async () => {
  const holds = async () => await farebox.rows('SELECT request_id FROM hold')
  await expect.poll(holds, PATIENCE).toEqual([])
  expect(await farebox.verify()).toBe(CLEAN)
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number }
      probe.close(() => resolve(free))
    })
  })
}

/** An immediate shutdown: sessions are cut, nothing is written down, and the next start has to recover. */
async function killServer(): Promise<void> {
  process.kill(server.pid, 'SIGQUIT')
  await server.stop()
}

async function startAgain(): Promise<void> {
  server = await startServer()
}

const status = async (path: string) =>
  (await fetch(`${farebox.url}${path}`, { headers: { authorization: `Bearer ${customer.secret}` } })).status

async function servesAgain(): Promise<void> {
  const served = async () => (await post(farebox, customer.secret, ask('hi'))).status
  await expect.poll(served, PATIENCE).toBe(200)
}

test('without a database requests are 503 with retry-after, and nothing is forwarded; then it serves again by itself', async () => {
  await servesAgain()
  await killServer()
  const { started } = farebox.provider.requests()
  for (const body of [ask('hi'), ask('hi', { stream: true })]) {
    const response = await post(farebox, customer.secret, body)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await errorOf(response)).toMatchObject({ type: 'server_error', code: 'service_unavailable' })
  }
  const unknownKey = await post(farebox, 'sk-farebox-never-seen', ask('hi'))
  expect([unknownKey.status, unknownKey.headers.get('retry-after')]).toEqual([503, '2'])
  expect(await status('/credits/balance')).toBe(503)
  expect(await status('/readyz')).toBe(503)
  expect(await status('/healthz')).toBe(200)
  expect(farebox.provider.requests().started).toBe(started)

  await startAgain()
  await servesAgain()
  await expect.poll(() => status('/readyz'), PATIENCE).toBe(200)
})

test('after an outage a change of a key is heard again at once', async () => {
  await killServer()
  await startAgain()
  await servesAgain()
  await farebox.rows('UPDATE access_key SET disabled_at = now() WHERE id = $1', customer.keyId)
  const served = async () => (await post(farebox, customer.secret, ask('hi'))).status
  await expect.poll(served, PATIENCE).toBe(401)
  await farebox.rows('UPDATE access_key SET disabled_at = NULL WHERE id = $1', customer.keyId)
  await servesAgain()
})

interface Outcome {
  requestId: string
  complete: boolean
  /** What a complete whole reply says it cost. */
  charge: bigint | null
}

/** Reads a reply to its end, or to where it broke off. */
async function outcomeOf(response: Response): Promise<Outcome> {
  const requestId = response.headers.get('x-request-id') ?? ''
  const text = await response.text().catch(() => '')
  const isStream = response.headers.get('content-type')?.includes('event-stream') === true
  if (isStream) return { requestId, complete: text.includes('[DONE]'), charge: null }
  return { requestId, complete: response.status === 200, charge: response.status === 200 ? chargeOf(response) : null }
}

test('what was in flight when the database died is charged and complete, or neither', async () => {
  const slow = '[[sandbox:latency=400]] [[sandbox:chunk-delay=60]] [[sandbox:tokens=40]]'
  const { started } = farebox.provider.requests()
  const replies = Array.from({ length: 40 }, (_, index) =>
    post(farebox, customer.secret, ask(slow, { stream: index % 2 === 0, max_tokens: 40 })).then(outcomeOf),
  )
  await expect.poll(() => farebox.provider.requests().started, PATIENCE).toBe(started + 40)
  await killServer()
  // The answers end while there is no database to charge them in.
  await vi.waitFor(() => expect(farebox.provider.requests().completed).toBeGreaterThanOrEqual(started + 40), PATIENCE)
  await startAgain()
  const outcomes = await Promise.all(replies)
  const debits = await debitsOf(farebox, customer)
  const events = await eventsOf(farebox, customer)
  for (const { requestId, complete, charge } of outcomes) {
    const debited = debits.filter((debit) => debit.requestId === requestId)
    expect(debited.length, `debits of ${requestId}`).toBe(complete ? 1 : 0)
    if (charge !== null) expect(debited[0]?.nano).toBe(charge)
    expect(events.filter(({ id }) => id === requestId).length).toBeLessThanOrEqual(1)
  }
  await servesAgain()
})

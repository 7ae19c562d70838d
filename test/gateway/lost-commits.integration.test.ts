import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { formatDecimalNano } from '../../src/money/nano.ts'
import { type CuttingProxy, startCuttingProxy } from '../ledger/cutting-proxy.ts'
import { CLEAN, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { ask, balanceOf, chargeOf, debitsOf, eventsIn, onlyEventOf, post } from './gateway-reads.ts'

/** Between Farebox and its database stands a proxy that can swallow the answer to a COMMIT that has succeeded. */
let proxy: CuttingProxy
let farebox: Farebox
beforeAll(async () => {
  const database = await createTestDatabase()
  proxy = await startCuttingProxy(database.connectionString)
  farebox = await startFarebox({ database: { connectionString: proxy.connectionString, drop: () => proxy.close() } })
})
afterAll(() => farebox.close())
afterEach(async () => {
  await expect.poll(() => farebox.rows('SELECT request_id FROM hold'), PATIENCE).toEqual([])
  expect(await farebox.verify()).toBe(CLEAN)
})

/** Sends a request whose charge is committed without our hearing of it. */
async function withLostCapture(stream: boolean) {
  const customer = await farebox.customer()
  const { started } = farebox.provider.requests()
  const lostBefore = proxy.lost
  const reply = post(farebox, customer.secret, ask('[[sandbox:latency=300]]', { stream }))
  await expect.poll(() => farebox.provider.requests().started, PATIENCE).toBe(started + 1)
  proxy.loseNextCommit()
  const response = await reply
  await expect.poll(() => proxy.lost, PATIENCE).toBe(lostBefore + 1)
  return { customer, response }
}

test('a reply whose charge was committed unseen arrives whole, charged once', async () => {
  const { customer, response } = await withLostCapture(false)
  expect(response.status).toBe(200)
  const event = await onlyEventOf(farebox, customer)
  expect(await debitsOf(farebox, customer)).toEqual([{ requestId: event.id, nano: chargeOf(response) }])
})

test('and names no balance that is not true', async () => {
  const { customer, response } = await withLostCapture(false)
  const balance = formatDecimalNano(await balanceOf(farebox, customer))
  expect([null, balance]).toContain(response.headers.get('x-farebox-balance'))
})

test('a stream whose charge was committed unseen ends with its end mark, charged once', async () => {
  const { customer, response } = await withLostCapture(true)
  expect((await eventsIn(response)).at(-1)).toBe('[DONE]')
  expect(await debitsOf(farebox, customer)).toHaveLength(1)
})

test('a request whose reservation was committed unseen is 503, forwarded nowhere, and reserves nothing', async () => {
  const customer = await farebox.customer()
  const { started } = farebox.provider.requests()
  // Warm: the key is known, and the next COMMIT is that of the reservation.
  expect((await post(farebox, customer.secret, ask('hi'))).status).toBe(200)
  proxy.loseNextCommit()
  const response = await post(farebox, customer.secret, ask('hi'))
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  expect(farebox.provider.requests().started).toBe(started + 1)
  expect(await debitsOf(farebox, customer)).toHaveLength(1)
})

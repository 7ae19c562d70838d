import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CLEAN, type Customer, type Farebox, PATIENCE, PRICE, startFarebox } from '../support/farebox.ts'
import { ask, chargeOf, errorOf, eventsOf, post, priceOf, walletOf } from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())
afterEach(async () => {
  farebox.provider.setBehaviour({ cachedTokensShare: 0 })
  expect(await farebox.verify()).toBe(CLEAN)
})

interface HoldRow {
  amount: bigint
  cap: number
}

/** Sends a request and tells of its hold as it stood while the provider was thinking, and of the cap it was sent. */
async function inFlight(customer: Customer, more: Record<string, unknown> = {}) {
  const reply = post(farebox, customer.secret, ask('[[sandbox:latency=300]]', more))
  const hold = await vi.waitFor(async () => {
    const [row] = await farebox.rows<{ amount_nano: string; output_tokens_max: number }>(
      'SELECT amount_nano, output_tokens_max FROM hold WHERE account_id = $1',
      customer.accountId,
    )
    if (!row) throw new Error('no hold yet')
    return { amount: BigInt(row.amount_nano), cap: row.output_tokens_max } satisfies HoldRow
  }, PATIENCE)
  const response = await reply
  expect(response.status).toBe(200)
  return { hold, sentCap: farebox.provider.requests().recent.at(-1)?.outputCap, charge: chargeOf(response) }
}

test('tokens read from the cache are charged once, at the cache’s rate', async () => {
  const customer = await farebox.customer()
  farebox.provider.setBehaviour({ cachedTokensShare: 0.5 })
  const response = await post(farebox, customer.secret, ask(`${'word '.repeat(200)}[[sandbox:tokens=7]]`))
  const { usage } = (await response.json()) as {
    usage: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } }
  }
  const cached = usage.prompt_tokens_details.cached_tokens
  expect(cached).toBeGreaterThan(100)
  expect(chargeOf(response)).toBe(priceOf({ input: usage.prompt_tokens - cached, cached, output: 7 }))
  expect(await eventsOf(farebox, customer)).toMatchObject([{ input: usage.prompt_tokens - cached, cached, output: 7 }])
})

test('the cap that the client named is held, and sent upstream', async () => {
  const customer = await farebox.customer()
  const { hold, sentCap, charge } = await inFlight(customer, { max_tokens: 321 })
  expect(hold.cap).toBe(321)
  expect(sentCap).toBe(321)
  expect(hold.amount).toBeGreaterThanOrEqual(321n * PRICE.output)
  expect(charge).toBeLessThanOrEqual(hold.amount)
})

test('of two caps the lesser one counts, in both places', async () => {
  const customer = await farebox.customer()
  const { hold, sentCap } = await inFlight(customer, { max_tokens: 900, max_completion_tokens: 90 })
  expect([hold.cap, sentCap]).toEqual([90, 90])
})

test('a cap above the model’s own is lowered to it', async () => {
  const customer = await farebox.customer()
  const { hold, sentCap } = await inFlight(customer, { max_tokens: 99_999 })
  expect([hold.cap, sentCap]).toEqual([10_000, 10_000])
})

test('the key’s own cap is held and sent, named or not', async () => {
  const customer = await farebox.customer()
  await farebox.rows('UPDATE access_key SET max_output_tokens = 50 WHERE id = $1', customer.keyId)
  expect(await inFlight(customer)).toMatchObject({ hold: { cap: 50 }, sentCap: 50 })
  expect(await inFlight(customer, { max_tokens: 900 })).toMatchObject({ hold: { cap: 50 }, sentCap: 50 })
})

test('several choices are held together, and each is sent the cap of one', async () => {
  const customer = await farebox.customer()
  const { hold, sentCap } = await inFlight(customer, { max_tokens: 100, n: 4 })
  expect(sentCap).toBe(100)
  expect(hold.amount).toBeGreaterThanOrEqual(400n * PRICE.output)
})

test('without a cap, on a large balance, the model’s own maximum is held and none is sent', async () => {
  const customer = await farebox.customer({ creditNano: 10_000_000_000n })
  const { hold, sentCap } = await inFlight(customer)
  expect([hold.cap, sentCap]).toEqual([10_000, null])
})

test('without a cap, on a small balance, a quarter of it is held at most, and the cap it covers is sent', async () => {
  const customer = await farebox.customer({ creditNano: 100_000_000n })
  const { hold, sentCap } = await inFlight(customer)
  expect(hold.amount).toBeLessThanOrEqual(25_000_000n)
  expect(hold.amount).toBeGreaterThan(25_000_000n - PRICE.output)
  expect(hold.cap).toBeGreaterThan(1_024)
  expect(sentCap).toBe(hold.cap)
})

test('but no less than 1,024 tokens while they can be afforded', async () => {
  const customer = await farebox.customer({ creditNano: 12_000_000n })
  expect(await inFlight(customer)).toMatchObject({ hold: { cap: 1_024 }, sentCap: 1_024 })
})

test('and where fewer can be afforded, as many as can', async () => {
  const customer = await farebox.customer({ creditNano: 5_000_000n })
  const { hold, sentCap } = await inFlight(customer)
  expect(hold.amount).toBeGreaterThan(5_000_000n - PRICE.output)
  expect(hold.cap).toBeLessThan(1_024)
  expect(sentCap).toBe(hold.cap)
})

test('a provider that ignores the cap is charged in full; the debt is counted and blocks until it is repaid', async () => {
  const customer = await farebox.customer({ creditNano: 1_500_000n })
  const overdraft = async () => (await farebox.running.gateway.metrics.overdraftNano.get()).values[0]?.value ?? 0
  const before = await overdraft()
  const body = ask('[[sandbox:cap=ignore]] [[sandbox:tokens=500]]', { max_tokens: 100 })
  const response = await post(farebox, customer.secret, body)
  const [event] = await eventsOf(farebox, customer)
  expect(event?.output).toBe(600)
  expect(chargeOf(response)).toBe(priceOf({ input: event?.input ?? 0, output: 600 }))
  const debt = chargeOf(response) - 1_500_000n
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: -debt, held: 0n, debt })
  expect((await overdraft()) - before).toBe(Number(debt))

  const sent = farebox.provider.requests().started
  const blocked = await post(farebox, customer.secret, ask('hi', { max_tokens: 1 }))
  expect([blocked.status, (await errorOf(blocked)).code]).toEqual([402, 'debt_outstanding'])
  expect(farebox.provider.requests().started).toBe(sent)

  await farebox.credit(customer.accountId, debt + 1_000_000n)
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: 1_000_000n, held: 0n, debt: 0n })
  expect((await post(farebox, customer.secret, ask('hi', { max_tokens: 1 }))).status).toBe(200)
})

test('an image is bounded by the model’s own limit, not by the bytes it is written in', async () => {
  const customer = await farebox.customer()
  const url = `data:image/png;base64,${'A'.repeat(200_000)}`
  const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }]
  expect((await post(farebox, customer.secret, { model: 'priced', messages, max_tokens: 1 })).status).toBe(200)
  const poor = await farebox.customer({ creditNano: 1_500n * PRICE.input })
  expect((await post(farebox, poor.secret, { model: 'priced', messages, max_tokens: 1 })).status).toBe(200)
  const poorer = await farebox.customer({ creditNano: 999n * PRICE.input })
  expect((await post(farebox, poorer.secret, { model: 'priced', messages, max_tokens: 1 })).status).toBe(402)
})

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parseDecimalNano } from '../../src/money/nano.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, chargeOf, errorOf, eventsOf, post, priceOf, walletOf } from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())
afterEach(async () => expect(await farebox.verify()).toBe(CLEAN))

const DAY_MS = 24 * 3_600_000

/** Sends a request that is refused for money, and proves that nothing moved. */
async function refused(customer: Customer, body: unknown) {
  const booksBefore = await farebox.books()
  const sentBefore = farebox.provider.requests().started
  const response = await post(farebox, customer.secret, body)
  const error = await errorOf(response)
  expect(await farebox.books()).toEqual(booksBefore)
  expect(farebox.provider.requests().started).toBe(sentBefore)
  return { status: response.status, ...error }
}

test('too little credit is 402 that names the balance and what it would afford; with that cap it passes', async () => {
  const customer = await farebox.customer({ creditNano: 10_000_000n })
  const error = await refused(customer, ask('hi', { max_tokens: 5_000 }))
  expect(error).toMatchObject({ status: 402, type: 'insufficient_quota', code: 'insufficient_credits' })
  expect(error.balance).toBe('0.01')
  const affordable = error.affordable_output_tokens ?? 0
  expect(affordable).toBeGreaterThan(0)
  expect(affordable).toBeLessThan(5_000)
  expect(error.message).toContain(String(affordable))
  // The bodies are of the same length, so that they bound the input alike.
  expect(String(affordable)).toHaveLength(4)
  expect(await refused(customer, ask('hi', { max_tokens: affordable + 1 }))).toMatchObject({ status: 402 })
  expect((await post(farebox, customer.secret, ask('hi', { max_tokens: affordable }))).status).toBe(200)
})

test('an empty balance affords nothing', async () => {
  const customer = await farebox.customer({ creditNano: 0n })
  const error = await refused(customer, ask('hi'))
  expect(error).toMatchObject({ status: 402, code: 'insufficient_credits', balance: '0', affordable_output_tokens: 0 })
})

test('expired credit is not spendable from that instant', async () => {
  const customer = await farebox.customer({ creditNano: 0n })
  await farebox.credit(customer.accountId, 1_000_000_000n, farebox.clock.now() + DAY_MS)
  expect((await post(farebox, customer.secret, ask('hi'))).status).toBe(200)
  farebox.clock.advance(DAY_MS)
  const response = await post(farebox, customer.secret, ask('hi'))
  expect([response.status, (await errorOf(response)).code]).toEqual([402, 'insufficient_credits'])
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: 0n, held: 0n, debt: 0n })
})

test('a budget of a key refuses when it is spent, names itself, and opens again with its next period', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:tokens=100]]', { max_tokens: 100 })
  const budgetId = await farebox.budget(customer, 'DAY', 1_200_000n)
  const first = await post(farebox, customer.secret, body)
  expect(first.status).toBe(200)
  const error = await refused(customer, body)
  expect(error).toMatchObject({ status: 402, code: 'budget_exceeded', budget_id: budgetId })
  expect(parseDecimalNano(error.balance ?? '')).toBe(1_200_000n - chargeOf(first))
  farebox.clock.advance(DAY_MS)
  expect((await post(farebox, customer.secret, body)).status).toBe(200)
  const [budget] = await farebox.rows('SELECT spent_nano, held_nano FROM budget WHERE id = $1', budgetId)
  expect(budget).toEqual({ spent_nano: String(chargeOf(first)), held_nano: '0' })
})

test('a budget of one key leaves the account’s other keys alone', async () => {
  const [limited, free] = [await farebox.customer(), await farebox.customer()]
  await farebox.rows('UPDATE access_key SET account_id = $2 WHERE id = $1', free.keyId, limited.accountId)
  await farebox.budget(limited, 'TOTAL', 1n)
  expect(await refused(limited, ask('hi'))).toMatchObject({ code: 'budget_exceeded' })
  expect((await post(farebox, free.secret, ask('hi'))).status).toBe(200)
})

test('requests at the same moment cannot overspend a budget together', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:tokens=100]] [[sandbox:latency=200]]', { max_tokens: 100 })
  const budgetId = await farebox.budget(customer, 'MONTH', 3_700_000n)
  const replies = await Promise.all(Array.from({ length: 20 }, () => post(farebox, customer.secret, body)))
  const statuses = replies.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0)
  expect(new Set(statuses)).toEqual(new Set([200, 402]))
  const [budget] = await farebox.rows<{ spent_nano: string }>('SELECT spent_nano FROM budget WHERE id = $1', budgetId)
  expect(Number(budget?.spent_nano)).toBeLessThanOrEqual(3_700_000)
})

test('a reseller without credits is 402, and its customer’s own credits stay untouched', async () => {
  const customer = await farebox.customer({ resellerId: farebox.resellerId })
  const error = await refused(customer, ask('hi'))
  expect(error).toMatchObject({ status: 402, code: 'reseller_credits_exhausted' })
  expect(error.message).toContain('Your own credits are untouched')
  expect(error).not.toHaveProperty('balance')
})

test('through a reseller both wallets pay, each its own price', async () => {
  const customer = await farebox.customer({ resellerId: farebox.resellerId })
  await farebox.credit(farebox.resellerId, 1_000_000_000n)
  const before = await walletOf(farebox, farebox.resellerId)
  const response = await post(farebox, customer.secret, ask('hi'))
  const [event] = await eventsOf(farebox, customer)
  const wholesale = priceOf({ input: event?.input ?? 0, output: event?.output ?? 0 })
  expect(chargeOf(response)).toBeGreaterThan(wholesale)
  expect((await walletOf(farebox, customer.accountId)).balance).toBe(1_000_000_000n - chargeOf(response))
  expect((await walletOf(farebox, farebox.resellerId)).balance).toBe(before.balance - wholesale)
})

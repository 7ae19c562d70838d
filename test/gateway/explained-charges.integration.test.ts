import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CLEAN, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { ask, balanceOf, chargeOf, debitsOf, eventsIn, onlyEventOf, post } from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())
afterEach(async () => expect(await farebox.verify()).toBe(CLEAN))

const DAY_MS = 24 * 3_600_000

test('every debit names its request, key, model, provider, tokens and the versions of its price, and margins add up', async () => {
  const customer = await farebox.customer()
  const response = await post(farebox, customer.secret, ask('hi'), { headers: { 'user-agent': 'toll-client/1' } })
  const [row] = await farebox.rows<Record<'tokens' | `${'fee' | 'cost' | 'list'}_nano`, string>>(
    `SELECT event.access_key_id, event.model, event.upstream_model, event.surface, event.user_agent, event.client_ip,
            provider.slug, cost.upstream_model AS costed, list.model_id = model.id AS listed, rule.kind,
            event.list_nano, event.cost_nano, event.wholesale_nano, event.price_nano, event.operator_fee_nano AS fee_nano,
            event.input_tokens + event.output_tokens AS tokens
     FROM ledger_entry entry JOIN usage_event event ON event.id = entry.source_id
     JOIN provider ON provider.id = event.provider_id JOIN cost_profile cost ON cost.id = event.cost_profile_id
     JOIN list_price list ON list.id = event.list_price_id JOIN price_rule rule ON rule.id = event.operator_rule_id
     JOIN model ON model.name = event.model
     WHERE entry.account_id = $1 AND entry.kind = 'USAGE_DEBIT'`,
    customer.accountId,
  )
  expect(row).toMatchObject({
    ...{ access_key_id: customer.keyId, model: 'priced', upstream_model: 'upstream-priced', slug: 'first' },
    ...{ surface: 'openai.chat_completions', user_agent: 'toll-client/1', client_ip: '127.0.0.1' },
    ...{ costed: 'upstream-priced', listed: true, kind: 'MARKUP_ON_COST' },
    ...{ price_nano: String(chargeOf(response)), wholesale_nano: String(chargeOf(response)) },
  })
  const fee = BigInt(row?.fee_nano ?? 0)
  expect(fee).toBe(BigInt(row?.tokens ?? 0) * 50n)
  expect(BigInt(row?.cost_nano ?? 0) * 2n + fee).toBe(chargeOf(response))
  expect(BigInt(row?.list_nano ?? 0)).toBeGreaterThan(chargeOf(response))
})

test('a debit says which lots it drew: the one that expires first, then the next', async () => {
  const customer = await farebox.customer({ creditNano: 0n })
  await farebox.credit(customer.accountId, 1_000_000_000n, farebox.clock.now() + 2 * DAY_MS)
  await farebox.credit(customer.accountId, 100_000n, farebox.clock.now() + DAY_MS)
  const charge = chargeOf(await post(farebox, customer.secret, ask('[[sandbox:tokens=100]]')))
  const movements = await farebox.rows(
    `SELECT lot_movement.amount_nano FROM lot_movement JOIN ledger_entry entry
       ON entry.account_id = lot_movement.account_id AND entry.seq = entry_seq
     WHERE entry.account_id = $1 AND entry.kind = 'USAGE_DEBIT' ORDER BY ordinal`,
    customer.accountId,
  )
  expect(movements).toEqual([{ amount_nano: '-100000' }, { amount_nano: String(100_000n - charge) }])
})

test('a new price counts from the next request on, and what was charged before stays as it was', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:tokens=10]]', { model: 'doubled' })
  const before = chargeOf(await post(farebox, customer.secret, body))
  farebox.clock.advance(DAY_MS)
  await farebox.rows(
    `INSERT INTO price_rule (id, model_id, kind, markup_bps, effective_from, created_at)
     SELECT gen_random_uuid(), id, 'MARKUP_ON_COST', 30000, to_timestamp($1::float8 / 1000), now() FROM model WHERE name = 'doubled'`,
    farebox.clock.now(),
  )
  const charge = async () => chargeOf(await post(farebox, customer.secret, body))
  await expect.poll(charge, PATIENCE).toBeGreaterThan(before)
  expect((await debitsOf(farebox, customer))[0]?.nano).toBe(before)
})

test('a process that stops lets its requests finish and charges them, takes no new ones, and is soon gone', async () => {
  const customer = await farebox.customer()
  const stopping = await farebox.another()
  const url = `http://127.0.0.1:${stopping.port}`
  const { started } = farebox.provider.requests()
  const body = '[[sandbox:tokens=20]] [[sandbox:latency=200]] [[sandbox:chunk-delay=30]]'
  const replies = [false, true].map((stream) => post(farebox, customer.secret, ask(body, { stream }), { url }))
  await expect.poll(() => farebox.provider.requests().started, PATIENCE).toBe(started + 2)
  const stoppedAt = performance.now()
  const stopped = stopping.stop()
  await expect(post(farebox, customer.secret, ask('hi'), { url })).rejects.toThrow('fetch failed')
  const [whole, stream] = await Promise.all(replies)
  const charge = chargeOf(whole as Response)
  expect((await eventsIn(stream as Response)).at(-1)).toBe('[DONE]')
  await stopped
  expect(performance.now() - stoppedAt).toBeLessThan(10_000)
  const debits = await debitsOf(farebox, customer)
  expect(debits).toHaveLength(2)
  expect(debits.map(({ nano }) => nano)).toContain(charge)
})

test('ten thousand tokens of quiet thinking do not outlive the balance: a second request waits for no hold but its own', async () => {
  const customer = await farebox.customer({ creditNano: 100_000_000n })
  const slow = Array.from({ length: 3 }, () => post(farebox, customer.secret, ask('[[sandbox:latency=300]]')))
  const statuses = (await Promise.all(slow)).map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 200])
  const spent = (await debitsOf(farebox, customer)).reduce((sum, { nano }) => sum + nano, 0n)
  expect(await balanceOf(farebox, customer)).toBe(100_000_000n - spent)
})

test('the metrics tell what was charged, in what way requests ended, and hold nothing of a customer’s', async () => {
  const customer = await farebox.customer()
  await post(farebox, customer.secret, ask('hi'))
  await onlyEventOf(farebox, customer)
  const text = await (await fetch(`${farebox.url}/metrics`)).text()
  expect(text).toMatch(/farebox_requests_total\{surface="openai.chat_completions",status="COMPLETED"\} \d+/)
  expect(text).toMatch(/farebox_charged_nano_total \d+/)
  for (const word of [customer.accountId, customer.keyId, customer.secret]) expect(text.includes(word)).toBe(false)
})

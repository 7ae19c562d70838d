import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeBillingProfile, readBillingProfile } from '../../src/accounts/billing-profile.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { balanceCents, callApi, startedCheckout } from './money-in-calls.ts'

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  await ensureDefaultPackages(farebox.pool, farebox.clock, 'USD')
})
afterAll(() => farebox.close())

const customer = () => farebox.customer({ creditNano: 0n })
const orders = (of: Customer) =>
  farebox.rows('SELECT * FROM payment_order WHERE account_id = $1 ORDER BY id', of.accountId)

test('the API answers with the id and the address of a payment page, and nothing is credited by that', async () => {
  const buyer = await customer()
  const { status, body } = await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 500 })
  expect(status).toBe(200)
  expect(Object.keys(body).sort()).toEqual(['id', 'url'])
  expect(body.id).toMatch(/^cs_/)
  expect((await fetch(body.url as string)).status).toBe(200)
  expect(await balanceCents(farebox, buyer)).toBe(0)
  expect(await orders(buyer)).toMatchObject([
    { state: 'AWAITING_PAYMENT', total_minor: '500', credit_nano: '5000000000' },
  ])
})

test('credits appear once the signed confirmation has come, not when the buyer has pressed Pay', async () => {
  const buyer = await customer()
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 2_500 })
  farebox.stripe.control.deliver({ mode: 'hold' })
  expect(await farebox.stripe.control.pay(id, { card: '4242424242424242' })).toMatchObject({ status: 'paid' })
  expect(await balanceCents(farebox, buyer)).toBe(0)
  expect(await (await fetch(`${farebox.url}/credits/orders/${orderId}/receipt`)).text()).toContain(
    'Waiting for the payment',
  )
  farebox.stripe.control.deliver({ mode: 'normal' })
  await farebox.stripe.control.release()
  await expect.poll(() => balanceCents(farebox, buyer), PATIENCE).toBe(2_500)
  expect(await (await fetch(`${farebox.url}/credits/orders/${orderId}/receipt`)).text()).toContain('Credits added')
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a package brings its bonus as promotional credits and its plan, which a smaller package does not take back', async () => {
  const buyer = await customer()
  for (const slug of ['enterprise', 'starter']) {
    const { id } = await startedCheckout(farebox, buyer, { package: slug })
    await farebox.stripe.control.pay(id, { card: '4242424242424242' })
    await farebox.stripe.control.idle()
  }
  expect(await balanceCents(farebox, buyer)).toBe(222_000)
  const lots = await farebox.rows(
    'SELECT granted_nano, promotional, source_kind FROM credit_lot WHERE account_id = $1 ORDER BY granted_nano DESC',
    buyer.accountId,
  )
  expect(lots).toEqual([
    { granted_nano: '2000000000000', promotional: false, source_kind: 'PURCHASE' },
    { granted_nano: '200000000000', promotional: true, source_kind: 'GRANT' },
    { granted_nano: '20000000000', promotional: false, source_kind: 'PURCHASE' },
  ])
  const [account] = await farebox.rows(
    'SELECT plan.slug FROM plan JOIN account ON plan_id = plan.id WHERE account.id = $1',
    buyer.accountId,
  )
  expect(account).toEqual({ slug: 'enterprise' })
  expect(await farebox.verify()).toBe(CLEAN)
})

test('credits expire a year after they were paid', async () => {
  const buyer = await customer()
  const { id } = await startedCheckout(farebox, buyer, { amount: 500 })
  await farebox.stripe.control.pay(id, { card: '4242424242424242' })
  await farebox.stripe.control.idle()
  const [order] = await orders(buyer)
  const [lot] = await farebox.rows<{ expires_at: Date }>(
    'SELECT expires_at FROM credit_lot WHERE id = $1',
    order?.lot_id,
  )
  const paidAt = order?.paid_at as Date
  expect(lot?.expires_at.getTime()).toBe(paidAt.getTime() + 365 * 86_400_000)
})

test('the same Idempotency-Key gets the same page, also many times at once, and there is one order', async () => {
  const buyer = await customer()
  const ask = () =>
    callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 700 }, { 'idempotency-key': 'once' })
  const answers = await Promise.all(Array.from({ length: 8 }, ask))
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  expect(await orders(buyer)).toHaveLength(1)
})

test('the same Idempotency-Key with another amount is a conflict, and nothing is opened', async () => {
  const buyer = await customer()
  const headers = { 'idempotency-key': 'conflicting' }
  await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 700 }, headers)
  const { status, body } = await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 800 }, headers)
  expect({ status, body }).toMatchObject({
    status: 409,
    body: { errorCode: 'idempotency_conflict', details: { field: 'Idempotency-Key' } },
  })
  expect(await orders(buyer)).toHaveLength(1)
})

test('the Idempotency-Key of one account is nothing to another', async () => {
  const [first, second] = [await customer(), await customer()]
  const headers = { 'idempotency-key': 'shared' }
  const one = await callApi(farebox, first, 'POST', '/credits/checkout-session', { amount: 700 }, headers)
  const other = await callApi(farebox, second, 'POST', '/credits/checkout-session', { amount: 900 }, headers)
  expect(other.status).toBe(200)
  expect(other.body.id).not.toBe(one.body.id)
})

test.each([
  [{ amount: 499 }, 400, 'amount_below_minimum', 'amount'],
  [{ amount: 0 }, 400, 'amount_below_minimum', 'amount'],
  [{ amount: -500 }, 400, 'amount_below_minimum', 'amount'],
  [{ amount: 1_000_001 }, 400, 'amount_above_maximum', 'amount'],
  [{ amount: 9e15 }, 400, 'amount_above_maximum', 'amount'],
  [{ amount: 500.5 }, 400, 'invalid_request', 'amount'],
  [{ amount: '500' }, 400, 'invalid_request', 'amount'],
  [{ amount: 1e300 }, 400, 'invalid_request', 'amount'],
  [{ amount: null }, 400, 'invalid_request', 'amount'],
  [{}, 400, 'invalid_request', 'amount'],
  [{ amount: 500, currency: 'EUR' }, 400, 'currency_not_supported', 'currency'],
  [{ amount: 500, livemode: true }, 400, 'invalid_request', 'livemode'],
  [{ package: 'golden' }, 404, 'package_not_found', 'package'],
  [{ package: 'growth', amount: 500 }, 400, 'invalid_request', 'amount'],
  [[500], 400, 'invalid_request', 'body'],
])('a purchase of %j is refused with %i %s, naming %s', async (asked, status, errorCode, field) => {
  const buyer = await customer()
  const before = await farebox.books()
  const answer = await callApi(farebox, buyer, 'POST', '/credits/checkout-session', asked)
  expect(answer).toMatchObject({ status, body: { errorCode, statusCode: status, details: { field } } })
  expect(await farebox.books()).toEqual(before)
})

test('broken JSON and a body over the limit are refused in the API’s own shape', async () => {
  const buyer = await customer()
  const send = (body: string) =>
    fetch(`${farebox.url}/credits/checkout-session`, {
      method: 'POST',
      headers: { authorization: `Bearer ${buyer.secret}`, 'content-type': 'application/json' },
      body,
    })
  expect(await (await send('{"amount":')).json()).toMatchObject({ errorCode: 'invalid_json', statusCode: 400 })
  expect(await (await send(`{"amount":500,"note":"${'x'.repeat(100_000)}"}`)).json()).toMatchObject({
    errorCode: 'body_too_large',
  })
})

test('an order shows to its own account alone', async () => {
  const [owner, stranger] = [await customer(), await customer()]
  const { orderId } = await startedCheckout(farebox, owner, { amount: 500 })
  expect(await callApi(farebox, owner, 'GET', `/credits/orders/${orderId}`)).toMatchObject({
    status: 200,
    body: { id: orderId, state: 'AWAITING_PAYMENT', totalCents: 500, creditCents: 500 },
  })
  for (const id of [orderId, 'nonsense', '019aa000-0000-7000-8000-000000000001']) {
    const answer = await callApi(farebox, stranger, 'GET', `/credits/orders/${id}`)
    expect(answer).toMatchObject({ status: 404, body: { errorCode: 'order_not_found' } })
  }
})

test('without a key, and with one that may not buy, no order is opened', async () => {
  const buyer = await customer()
  await farebox.rows(`UPDATE access_key SET scopes = '{inference,balance}' WHERE id = $1`, buyer.keyId)
  await expect
    .poll(
      async () => (await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 500 })).body.errorCode,
      PATIENCE,
    )
    .toBe('scope_missing')
  const anonymous = await fetch(`${farebox.url}/credits/checkout-session`, { method: 'POST', body: '{"amount":500}' })
  expect(anonymous.status).toBe(401)
  expect(await orders(buyer)).toEqual([])
})

test('a reply of the payment provider that gets lost leads to the same page, not to a second one', async () => {
  const buyer = await customer()
  farebox.stripe.control.outage({ status: 'disconnect', count: 1, path: '/v1/checkout/sessions', after: true })
  const { status } = await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 500 })
  expect(status).toBe(200)
  const sessions = farebox.stripe.control.events().filter(({ type }) => type === 'checkout.session.completed')
  expect(sessions.filter(({ object }) => JSON.stringify(object).includes(buyer.accountId))).toEqual([])
  expect(await orders(buyer)).toHaveLength(1)
})

test('while the payment provider is away the buyer is told, and the same key goes on later with the same order', async () => {
  const buyer = await customer()
  farebox.stripe.control.outage({ status: 500, count: 3, path: '/v1/checkout/sessions' })
  const headers = { 'idempotency-key': 'through-the-outage' }
  const away = await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 500 }, headers)
  expect(away).toMatchObject({ status: 503, body: { errorCode: 'payment_provider_unavailable' } })
  const back = await callApi(farebox, buyer, 'POST', '/credits/checkout-session', { amount: 500 }, headers)
  expect(back.status).toBe(200)
  expect(await orders(buyer)).toMatchObject([{ state: 'AWAITING_PAYMENT' }])
})

test('what the buyer tells at the payment page becomes the billing profile, in versions', async () => {
  const buyer = await customer()
  const buy = async (city: string) => {
    const { id } = await startedCheckout(farebox, buyer, { amount: 500 })
    const address = { line1: 'Hauptstr. 1', city, postalCode: '10115', country: 'DE' }
    const taxId = { type: 'eu_vat', value: 'DE123456789' }
    await farebox.stripe.control.pay(id, { card: '4242424242424242', name: 'Erika Muster', address, taxId })
    await farebox.stripe.control.idle()
  }
  await buy('Berlin')
  await buy('Berlin')
  await buy('Potsdam')
  const profiles = await farebox.rows(
    'SELECT version, name, city, country, tax_id_type, tax_id_value, source FROM billing_profile WHERE account_id = $1 ORDER BY version',
    buyer.accountId,
  )
  const same = { country: 'DE', tax_id_type: 'eu_vat', tax_id_value: 'DE123456789', source: 'checkout' }
  expect(profiles).toMatchObject([
    { version: 1, city: 'Berlin', ...same },
    { version: 2, city: 'Potsdam', ...same },
  ])
})

test('a billing profile that the account has written stands, whoever holds the card', async () => {
  const buyer = await customer()
  const written = {
    ...{ name: 'Acme GmbH', email: null, line1: 'Hafenstr. 7', line2: null, city: 'Hamburg', region: null },
    ...{ postalCode: '20457', country: 'DE', taxIdType: 'eu_vat', taxIdValue: 'DE129273398' },
  }
  const by = { source: 'portal', actorId: null } as const
  await changeBillingProfile(farebox, buyer.accountId, written, by, () => true)
  const { id } = await startedCheckout(farebox, buyer, { amount: 500 })
  const address = { line1: '1 rue de la Paix', city: 'Paris', postalCode: '75002', country: 'FR' }
  await farebox.stripe.control.pay(id, { card: '4242424242424242', name: 'Jean Porteur', address })
  await farebox.stripe.control.idle()
  expect(await orders(buyer)).toMatchObject([{ state: 'PAID' }])
  expect(await readBillingProfile(farebox.pool, buyer.accountId)).toMatchObject({ ...written, version: 1 })
})

test('a page that is not used in time expires with its order', async () => {
  const buyer = await customer()
  const { orderId } = await startedCheckout(farebox, buyer, { amount: 500 })
  farebox.clock.advance(5 * 3_600_000)
  farebox.stripe.control.sweep()
  await farebox.stripe.control.idle()
  expect((await orders(buyer)).find(({ id }) => id === orderId)).toMatchObject({ state: 'EXPIRED' })
})

test('the buyer is mailed what they bought, once', async () => {
  const buyer = await customer()
  await farebox.rows(
    `WITH person AS (INSERT INTO "user" (id, email, name, created_at) VALUES (gen_random_uuid(), $2, 'Erika', now()) RETURNING id)
     INSERT INTO membership (id, user_id, account_id, role, created_at) SELECT gen_random_uuid(), id, $1, 'OWNER', now() FROM person`,
    buyer.accountId,
    `${buyer.accountId}@example.test`,
  )
  farebox.stripe.control.duplicate(3)
  const { id } = await startedCheckout(farebox, buyer, { amount: 500 })
  await farebox.stripe.control.pay(id, { card: '4242424242424242' })
  await farebox.stripe.control.idle()
  farebox.stripe.control.duplicate(1)
  const mails = await farebox.rows('SELECT template, data FROM mail WHERE account_id = $1', buyer.accountId)
  expect(mails).toMatchObject([{ template: 'credits-added', data: { amount: '$5.00', credits: '$5.00' } }])
})

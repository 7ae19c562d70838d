import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  clientFor,
  creditsSession,
  customerWithCard,
  errorOf,
  START_MS,
  startWorld,
  type World,
} from './stripe-support.ts'

let world: World
beforeEach(async () => {
  world = await startWorld({ webhook: null })
})
afterEach(async () => {
  await world.close()
  expect(world.reports).toEqual([])
})

/** A call without the SDK, which would refuse some of these itself. */
async function raw(path: string, body: string, headers: Record<string, string> = {}) {
  const { url, secretKey } = world.sandbox
  const authorization = `Bearer ${secretKey}`
  const type = 'application/x-www-form-urlencoded'
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { authorization, 'content-type': type, ...headers },
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

describe('a call', () => {
  test('needs the right key, as a bearer or as the user of basic authentication', async () => {
    const error = await errorOf(clientFor(world.sandbox, 'sk_test_someone_else').customers.list())
    expect(error).toMatchObject({ statusCode: 401, type: 'StripeAuthenticationError' })
    expect(error.message).not.toContain('someone')
    const basic = `Basic ${Buffer.from(`${world.sandbox.secretKey}:`).toString('base64')}`
    expect((await raw('/v1/customers', 'name=Ada', { authorization: basic })).status).toBe(200)
    expect((await raw('/v1/customers', 'name=Ada', { authorization: '' })).status).toBe(401)
  })

  test('is answered with the version that was asked for and an id of its own', async () => {
    const { lastResponse } = await world.stripe.customers.create({ name: 'Ada' })
    expect(lastResponse.apiVersion).toBe(Stripe.API_VERSION)
    expect(lastResponse.requestId).toMatch(/^req_/)
  })

  test('tells time in seconds of the clock', async () => {
    expect((await world.stripe.customers.create()).created).toBe(START_MS / 1000)
  })

  test('keeps odd names and values of metadata as they are, and an empty value takes a key away', async () => {
    const metadata = { '0': 'zero', __proto__x: 'a&b=c', 'key with space': 'ü + %' }
    const { id } = await world.stripe.customers.create({ metadata })
    expect((await world.stripe.customers.retrieve(id)) as Stripe.Customer).toMatchObject({ metadata })
    const updated = await world.stripe.customers.update(id, { metadata: { '0': '', added: '1' } })
    expect(updated.metadata).toEqual({ __proto__x: 'a&b=c', 'key with space': 'ü + %', added: '1' })
  })

  test('to somewhere that does not exist is a 404', async () => {
    expect((await raw('/v1/subscriptions', '')).status).toBe(404)
  })
})

describe('wrong parameters', () => {
  const intent = (change: string) => `amount=1000&currency=usd&${change}`

  test.each([
    ['/v1/payment_intents', 'currency=usd', 'parameter_missing', 'amount'],
    ['/v1/payment_intents', intent('colour=red'), 'parameter_unknown', 'colour'],
    ['/v1/payment_intents', intent('metadata[a][b]=1'), undefined, 'metadata'],
    ['/v1/payment_intents', 'amount=12.5&currency=usd', 'parameter_invalid_integer', 'amount'],
    ['/v1/payment_intents', 'amount=49&currency=usd', 'amount_too_small', 'amount'],
    ['/v1/payment_intents', 'amount=-5&currency=usd', 'parameter_invalid_integer', 'amount'],
    ['/v1/payment_intents', intent('customer=cus_none'), 'resource_missing', 'customer'],
    ['/v1/checkout/sessions', 'mode=payment&success_url=nowhere', 'url_invalid', 'success_url'],
    ['/v1/checkout/sessions', 'mode=payment&success_url=http://a.test', 'parameter_missing', 'line_items'],
    ['/v1/checkout/sessions', 'mode=dance&success_url=http://a.test', undefined, 'mode'],
    [
      '/v1/checkout/sessions',
      'mode=payment&success_url=http://a.test&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=x&line_items[0][price_data][product_data][name]=n',
      'parameter_invalid_integer',
      'line_items[0][price_data][unit_amount]',
    ],
  ])('%s %s is refused', async (path, body, code, param) => {
    const reply = await raw(path, body)
    expect(reply.status).toBe(400)
    const { error } = JSON.parse(reply.text) as { error: Record<string, unknown> }
    expect(error).toMatchObject({ type: 'invalid_request_error', param })
    expect(error.code).toBe(code)
  })

  test('an object that is not there is a 404 with its name', async () => {
    expect(await errorOf(world.stripe.customers.retrieve('cus_none'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: "No such customer: 'cus_none'",
    })
  })

  test('a session must end between half an hour and a day from now', async () => {
    const now = START_MS / 1000
    const ending = (seconds: number) =>
      world.stripe.checkout.sessions.create(creditsSession({ expires_at: now + seconds }))
    expect(await errorOf(ending(29 * 60))).toMatchObject({ statusCode: 400, param: 'expires_at' })
    expect(await errorOf(ending(24 * 3600 + 1))).toMatchObject({ statusCode: 400, param: 'expires_at' })
    expect((await ending(30 * 60)).expires_at).toBe(now + 30 * 60)
    expect((await ending(24 * 3600)).status).toBe('open')
  })
})

describe('an idempotency key', () => {
  const body = 'amount=2000&currency=usd'
  const key = { 'idempotency-key': 'order-1' }

  test('brings the first reply again, byte for byte, and does nothing twice', async () => {
    const first = await raw('/v1/payment_intents', body, key)
    const again = await raw('/v1/payment_intents', body, key)
    expect(again.text).toBe(first.text)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.headers.get('original-request')).toBe(first.headers.get('request-id'))
    expect((await world.stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  test('brings a declined card again too', async () => {
    const { customer, method } = await customerWithCard(world, '4000000000000341')
    const pay = () =>
      world.stripe.paymentIntents.create(
        { amount: 900, currency: 'usd', customer, payment_method: method, off_session: true, confirm: true },
        { idempotencyKey: 'topup-1' },
      )
    const [first, again] = [await errorOf(pay()), await errorOf(pay())]
    expect(again.payment_intent?.id).toBe(first.payment_intent?.id)
    expect(again).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect((await world.stripe.charges.list({ customer })).data).toHaveLength(1)
  })

  test('with other parameters is refused', async () => {
    await raw('/v1/payment_intents', body, key)
    const options = { idempotencyKey: 'order-1' }
    const error = await errorOf(world.stripe.paymentIntents.create({ amount: 2_001, currency: 'usd' }, options))
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError' })
  })

  test('whose first call is still in progress is a conflict', async () => {
    const held = world.sandbox.control.holdCalls({ count: 1 })
    const first = raw('/v1/payment_intents', body, key)
    await held
    expect((await raw('/v1/payment_intents', body, key)).status).toBe(409)
    world.sandbox.control.releaseCalls()
    expect((await first).status).toBe(200)
    expect((await raw('/v1/payment_intents', body, key)).text).toBe((await first).text)
  })

  test('is forgotten after a day of the clock, and not kept for parameters that were refused', async () => {
    const first = await raw('/v1/payment_intents', body, key)
    world.clock.advance(24 * 3600)
    expect((await raw('/v1/payment_intents', body, key)).text).not.toBe(first.text)
    const other = { 'idempotency-key': 'order-2' }
    expect((await raw('/v1/payment_intents', 'amount=x&currency=usd', other)).status).toBe(400)
    expect((await raw('/v1/payment_intents', body, other)).status).toBe(200)
  })

  test('finds the work done when an outage lost the reply', async () => {
    world.sandbox.control.outage({ status: 500, count: 1, path: '/v1/payment_intents', after: true })
    expect((await raw('/v1/payment_intents', body, key)).status).toBe(500)
    const again = await raw('/v1/payment_intents', body, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect((await world.stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  test('an outage before the work leaves nothing behind, and only on its path', async () => {
    world.sandbox.control.outage({ status: 429, count: 2, path: '/v1/payment_intents' })
    expect((await raw('/v1/customers', 'name=Ada')).status).toBe(200)
    expect((await raw('/v1/payment_intents', body, key)).status).toBe(429)
    world.sandbox.control.outage({ status: 'disconnect', count: 1 })
    expect((await raw('/v1/payment_intents', body, key)).status).toBe(429)
    await expect(raw('/v1/payment_intents', body, key)).rejects.toThrow()
    expect((await world.stripe.paymentIntents.list()).data).toEqual([])
  })
})

test('an outage that answers nothing leaves the caller to its own timeout, and no work behind', async () => {
  const { host, port, secretKey } = world.sandbox
  const impatient = new Stripe(secretKey, { host, port, protocol: 'http', maxNetworkRetries: 0, timeout: 50 })
  world.sandbox.control.outage({ status: 'timeout', count: 1 })
  expect(await errorOf(impatient.customers.create())).toMatchObject({ type: 'StripeConnectionError' })
  expect((await world.stripe.customers.list()).data).toEqual([])
})

describe('lists', () => {
  test('come the newest first, in pages, filtered by time and by what they belong to', async () => {
    const ids: string[] = []
    for (let index = 0; index < 25; index += 1) {
      ids.unshift((await world.stripe.customers.create({ email: `${index % 2}@example.com` })).id)
      world.clock.advance(1)
    }
    const paged: string[] = []
    for await (const customer of world.stripe.customers.list({ limit: 10 })) paged.push(customer.id)
    expect(paged).toEqual(ids)
    const page = await world.stripe.customers.list({ limit: 2, ending_before: ids[4] ?? '' })
    expect(page.data.map(({ id }) => id)).toEqual([ids[2], ids[3]])
    expect(page.has_more).toBe(true)
    const late = await world.stripe.customers.list({ created: { gte: START_MS / 1000 + 22 }, limit: 100 })
    expect(late.data.map(({ id }) => id)).toEqual(ids.slice(0, 3))
    expect((await world.stripe.customers.list({ email: '1@example.com', limit: 100 })).data).toHaveLength(12)
  })

  test('of sessions are found by their payment intent', async () => {
    const { id } = await world.stripe.checkout.sessions.create(creditsSession())
    await world.stripe.checkout.sessions.create(creditsSession())
    world.sandbox.control.pay(id, { card: 'pm_card_visa' })
    const { payment_intent: intent } = await world.stripe.checkout.sessions.retrieve(id)
    const found = await world.stripe.checkout.sessions.list({ payment_intent: intent as string })
    expect(found.data.map((session) => session.id)).toEqual([id])
  })
})

describe('a session', () => {
  test('expires by the clock, cannot be paid then, and takes its payment intent along', async () => {
    const session = await world.stripe.checkout.sessions.create(creditsSession({ expires_at: START_MS / 1000 + 1_800 }))
    world.sandbox.control.pay(session.id, { card: '4000000000000002' })
    world.clock.advance(1_799)
    expect((await world.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
    world.clock.advance(1)
    const expired = await world.stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    expect(expired).toMatchObject({ status: 'expired', url: null, payment_intent: { status: 'canceled' } })
    expect(() => world.sandbox.control.pay(session.id, { card: '4242424242424242' })).toThrow('expired')
  })

  test('can be expired while it is open only', async () => {
    const session = await world.stripe.checkout.sessions.create(creditsSession())
    expect(await world.stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: 'expired' })
    expect((await errorOf(world.stripe.checkout.sessions.expire(session.id))).statusCode).toBe(400)
  })
})

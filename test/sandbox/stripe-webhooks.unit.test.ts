import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSandboxStripe } from '../../src/sandbox/stripe/start-sandbox-stripe.ts'
import {
  clientFor,
  creditsSession,
  customerWithCard,
  startWorld,
  WEBHOOK_SECRET,
  type World,
} from './stripe-support.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(async () => {
  await world.close()
  expect(world.reports).toEqual([])
})

async function payOnce() {
  const session = await world.stripe.checkout.sessions.create(creditsSession())
  world.sandbox.control.pay(session.id, { card: '4242424242424242' })
  return session.id
}

const PAYMENT = ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed']

describe('events', () => {
  test('are sent in the order of happening, signed, and are the same in the API', async () => {
    await payOnce()
    await world.sandbox.control.idle()
    // They are sent at the same time, so only what was sent is certain here, not what came first.
    expect([...world.receiver.types()].sort()).toEqual([...PAYMENT].sort())
    expect(world.receiver.refused).toEqual([])
    const listed = await world.stripe.events.list()
    expect(listed.data.map(({ type }) => type).reverse()).toEqual(PAYMENT)
    const sent = world.receiver.received.find(({ event }) => event.type === 'checkout.session.completed')?.event
    const { lastResponse: _, ...kept } = await world.stripe.events.retrieve(sent?.id ?? '')
    expect(kept).toEqual({ ...sent, pending_webhooks: 0 })
    expect((await world.stripe.events.list({ type: 'charge.succeeded' })).data).toHaveLength(1)
  })

  test('are pictures of the moment, and tell the call that made them', async () => {
    const { id } = await world.stripe.customers.create({ name: 'Before' }, { idempotencyKey: 'key-1' })
    await world.stripe.customers.update(id, { name: 'After' })
    await world.sandbox.control.idle()
    const events = world.receiver.received.map(({ event }) => event)
    expect(events.find(({ type }) => type === 'customer.created')).toMatchObject({
      request: { id: expect.stringMatching(/^req_/), idempotency_key: 'key-1' },
      data: { object: { name: 'Before' } },
    })
    expect(events.find(({ type }) => type === 'customer.updated')?.data).toMatchObject({
      object: { name: 'After' },
      previous_attributes: { name: 'Before' },
    })
  })

  test('are sent again until they are answered 2xx', async () => {
    world.receiver.statuses = [500, 503]
    await world.stripe.customers.create()
    await world.sandbox.control.idle()
    expect(world.receiver.types()).toEqual(['customer.created'])
    expect(world.sandbox.control.events()).toMatchObject([{ state: 'delivered', attempts: 3, lastStatus: 200 }])
  })

  test('are given up after the last retry, kept, and can be sent again', async () => {
    world.receiver.statuses = [500, 500, 500, 500]
    await world.stripe.customers.create()
    await world.sandbox.control.idle()
    const [failed] = world.sandbox.control.events()
    expect(failed).toMatchObject({ state: 'failed', attempts: 4, lastStatus: 500 })
    expect(world.receiver.types()).toEqual([])
    await world.sandbox.control.resend(failed?.id ?? '')
    expect(world.receiver.types()).toEqual(['customer.created'])
  })

  test('that are held come when they are released, in the order that is asked for', async () => {
    const { control } = world.sandbox
    control.deliver({ mode: 'hold' })
    await payOnce()
    await control.idle()
    expect(world.receiver.types()).toEqual([])
    const [first] = control.events()
    await control.release([first?.id ?? ''])
    await control.release('reversed')
    expect(world.receiver.types()).toEqual([PAYMENT[0], ...PAYMENT.slice(1).reverse()])
    control.deliver({ mode: 'normal' })
    await world.stripe.customers.create()
    await control.idle()
    expect(world.receiver.types().at(-1)).toBe('customer.created')
  })

  test('that are dropped never come, but the API has them', async () => {
    world.sandbox.control.drop(['checkout.session.completed'])
    await payOnce()
    await world.sandbox.control.idle()
    expect(world.receiver.types()).not.toContain('checkout.session.completed')
    expect(world.receiver.types()).toHaveLength(3)
    expect((await world.stripe.events.list({ type: 'checkout.session.completed' })).data).toHaveLength(1)
  })

  test('that are duplicated come several times under one id', async () => {
    world.sandbox.control.duplicate(3)
    await world.stripe.customers.create()
    await world.sandbox.control.idle()
    const ids = world.receiver.received.map(({ event }) => event.id)
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
  })

  test('that are forged are refused by the SDK when unsigned, wrongly signed or stale', async () => {
    const forged = { type: 'checkout.session.completed', object: { id: 'cs_test_forged', amount_total: 1 } }
    const { control } = world.sandbox
    expect(await control.forge({ ...forged, secret: null })).toBe(400)
    expect(await control.forge({ ...forged, secret: 'whsec_other' })).toBe(400)
    expect(await control.forge({ ...forged, timestampOffsetSeconds: -301 })).toBe(400)
    expect(world.receiver.received).toEqual([])
    expect(await control.forge({ ...forged, livemode: true })).toBe(200)
    expect(world.receiver.received[0]?.event).toMatchObject({ livemode: true, data: { object: { amount_total: 1 } } })
    expect(control.events()).toEqual([])
  })
})

test('a session that nobody asks for expires by itself and tells so', async () => {
  const session = await world.stripe.checkout.sessions.create(creditsSession())
  world.clock.advance(24 * 3600)
  world.sandbox.control.sweep()
  await world.sandbox.control.idle()
  expect(world.receiver.received.map(({ event }) => [event.type, event.data.object])).toMatchObject([
    ['checkout.session.expired', { id: session.id, status: 'expired' }],
  ])
})

describe('the knobs over HTTP', () => {
  const turn = async (name: string, input: object, type = 'application/json') => {
    const init = { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(input) }
    const response = await fetch(`${world.sandbox.url}/_control/${name}`, init)
    return { status: response.status, value: (await response.json()) as unknown }
  }

  test('pay, dispute and tell what happened', async () => {
    const { id } = await world.stripe.checkout.sessions.create(creditsSession())
    expect(await turn('pay', { sessionId: id, card: '4242424242424242' })).toEqual({
      status: 200,
      value: { status: 'paid', message: null },
    })
    const { payment_intent: of } = await world.stripe.checkout.sessions.retrieve(id)
    const { value: dispute } = await turn('dispute', { of, amount: 500 })
    expect(dispute).toMatchObject({ object: 'dispute', amount: 500 })
    await turn('idle', {})
    const { events } = (await (await fetch(`${world.sandbox.url}/_control/events`)).json()) as { events: unknown[] }
    expect(events.at(-1)).toMatchObject({ type: 'charge.dispute.funds_withdrawn', state: 'delivered' })
  })

  test('refuse what they do not know, and forms of other sites', async () => {
    expect((await turn('explode', {})).status).toBe(404)
    expect((await turn('toString', {})).status).toBe(404)
    expect((await turn('duplicate', { times: 0 })).status).toBe(400)
    expect((await turn('deliver', { mode: 'hold' }, 'text/plain')).status).toBe(415)
  })
})

describe('the state file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'farebox-stripe-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const start = (dataFile: string, webhook: { url: string; secret: string } | null = null) =>
    startSandboxStripe({ clock: world.clock, dataFile, webhook, retryDelaysMs: [3_600_000] })

  test('brings objects, saved cards, keys and unsent events over a restart', async () => {
    const dataFile = join(folder, 'deep', 'stripe.json')
    const webhook = { url: world.webhookUrl, secret: WEBHOOK_SECRET }
    const first = await start(dataFile, webhook)
    const { customer, method } = await customerWithCard(
      { ...world, sandbox: first, stripe: clientFor(first) },
      '4000002500003155',
    )
    const open = await clientFor(first).checkout.sessions.create(creditsSession({ customer }))
    await first.control.idle()
    world.receiver.statuses = [500]
    const key = { idempotencyKey: 'kept' }
    const made = await clientFor(first).customers.create({ name: 'Kept' }, key)
    await first.close()
    const before = world.receiver.types().length
    const second = await start(dataFile)
    const stripe = clientFor(second)
    expect((await stripe.customers.create({ name: 'Kept' }, key)).id).toBe(made.id)
    const { url } = await stripe.checkout.sessions.retrieve(open.id)
    expect(url).toBe(`${second.url}/c/pay/${open.id}`)
    expect((await fetch(url ?? '')).status).toBe(200)
    const terms = { amount: 900, currency: 'usd', customer, payment_method: method }
    expect((await stripe.paymentIntents.create({ ...terms, off_session: true, confirm: true })).status).toBe(
      'succeeded',
    )
    expect(second.control.pay(open.id, { card: '4242424242424242' }).status).toBe('paid')
    second.setWebhook(webhook)
    await second.control.idle()
    expect(world.receiver.received.slice(before).map(({ event }) => event.data.object)).toMatchObject([{ id: made.id }])
    await second.close()
  })

  test('that is not one is refused, and stays as it is', async () => {
    const dataFile = join(folder, 'other.json')
    await writeFile(dataFile, '{"version": 7}')
    await expect(start(dataFile)).rejects.toThrow()
    expect(await readFile(dataFile, 'utf8')).toBe('{"version": 7}')
  })
})

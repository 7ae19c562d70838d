import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { creditsSession, customerWithCard, errorOf, startWorld, type World } from './stripe-support.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world.close()
  expect(world.reports).toEqual([])
})

async function openSession(change = {}) {
  return world.stripe.checkout.sessions.create(creditsSession(change))
}

async function paidIntent(card = '4242424242424242') {
  const session = await openSession()
  world.sandbox.control.pay(session.id, { card })
  const { payment_intent: id } = await world.stripe.checkout.sessions.retrieve(session.id)
  return id as string
}

/** Types of the events in the order of happening. */
function eventTypes() {
  return world.sandbox.control.events().map(({ type }) => type)
}

function charge(customer: string, method: string, change = {}) {
  const terms = { amount: 1_500, currency: 'usd', customer, payment_method: method, off_session: true, confirm: true }
  return world.stripe.paymentIntents.create({ ...terms, ...change })
}

describe('a card on the checkout page', () => {
  test('4242 pays, and the session, intent and charge agree about it', async () => {
    const session = await openSession({
      client_reference_id: 'order-1',
      payment_intent_data: { metadata: { order: '1' } },
    })
    expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', amount_total: 2_500, livemode: false })
    expect(session.url).toBe(`${world.sandbox.url}/c/pay/${session.id}`)
    expect(session.success_url).toBe(`http://shop.test/done?session=${session.id}`)
    expect(world.sandbox.control.pay(session.id, { card: '4242424242424242' })).toEqual({
      status: 'paid',
      message: null,
    })
    const paid = await world.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge', 'line_items'],
    })
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      client_reference_id: 'order-1',
      payment_intent: {
        status: 'succeeded',
        amount_received: 2_500,
        metadata: { order: '1' },
        latest_charge: {
          paid: true,
          amount: 2_500,
          payment_method_details: { card: { brand: 'visa', last4: '4242', country: 'US', funding: 'credit' } },
        },
      },
    })
    expect(paid.line_items?.data).toMatchObject([{ description: 'Credits', quantity: 1, amount_total: 2_500 }])
  })

  test.each([
    ['4000000000000002', 'card_declined', 'generic_decline'],
    ['4000000000009995', 'card_declined', 'insufficient_funds'],
    ['4000000000009987', 'card_declined', 'lost_card'],
    ['4000000000009979', 'card_declined', 'stolen_card'],
    ['4000000000000069', 'expired_card', 'expired_card'],
    ['4000000000000127', 'incorrect_cvc', 'incorrect_cvc'],
  ])('%s is declined with %s and %s, and the session stays open for another card', async (card, code, declineCode) => {
    const session = await openSession()
    expect(world.sandbox.control.pay(session.id, { card }).status).toBe('declined')
    const tried = await world.stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
    expect(tried).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: { status: 'requires_payment_method', last_payment_error: { code, decline_code: declineCode } },
    })
    expect(world.sandbox.control.pay(session.id, { card: '4242424242424242' }).status).toBe('paid')
    const { data } = await world.stripe.charges.list({ payment_intent: (tried.payment_intent as { id: string }).id })
    expect(data.map(({ status }) => status)).toEqual(['succeeded', 'failed'])
  })

  test('a bank debit is unpaid until it arrives', async () => {
    const session = await openSession()
    expect(world.sandbox.control.pay(session.id, { card: 'bank_debit' }).status).toBe('under_way')
    expect(await world.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
    })
    world.sandbox.control.settleDelayed(session.id, 'succeeded')
    expect(await world.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: 'paid' })
    expect(eventTypes().slice(-3)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.async_payment_succeeded',
    ])
  })

  test('a returned bank debit stays unpaid and tells that it failed', async () => {
    const session = await openSession()
    world.sandbox.control.pay(session.id, { card: 'bank_debit' })
    world.sandbox.control.settleDelayed(session.id, 'failed')
    expect(await world.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: 'unpaid' })
    expect(eventTypes().at(-1)).toBe('checkout.session.async_payment_failed')
  })
})

test('bank debits are settled at once where the option says so', async () => {
  const eager = await startWorld({ delayedPayments: 'succeed' })
  const session = await eager.stripe.checkout.sessions.create(creditsSession())
  eager.sandbox.control.pay(session.id, { card: 'bank_debit' })
  expect(await eager.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: 'paid' })
  await eager.sandbox.control.idle()
  const completed = eager.receiver.received.find(({ event }) => event.type === 'checkout.session.completed')
  expect(completed?.event.data.object).toMatchObject({ payment_status: 'unpaid' })
  expect(eager.receiver.types()).toContain('checkout.session.async_payment_succeeded')
  await eager.close()
})

describe('a customer', () => {
  test('gets address, name, email and tax id from the page where the session says so', async () => {
    const customer = await world.stripe.customers.create({ metadata: { account: 'a1' } })
    const session = await openSession({
      customer: customer.id,
      customer_update: { address: 'auto', name: 'auto' },
      billing_address_collection: 'required',
      tax_id_collection: { enabled: true },
      payment_intent_data: { setup_future_usage: 'off_session' },
    })
    world.sandbox.control.pay(session.id, {
      card: '4242424242424242',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      address: { line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
      taxId: { type: 'eu_vat', value: 'DE123456789' },
    })
    const paid = await world.stripe.checkout.sessions.retrieve(session.id)
    expect(paid.customer_details).toMatchObject({
      name: 'Ada Lovelace',
      address: { country: 'DE', city: 'Berlin', postal_code: '10115' },
      tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
    })
    const after = await world.stripe.customers.retrieve(customer.id, { expand: ['tax_ids'] })
    expect(after).toMatchObject({
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      address: { line1: '1 Main St' },
      metadata: { account: 'a1' },
      tax_ids: { data: [{ type: 'eu_vat', value: 'DE123456789', country: 'DE' }] },
    })
    const methods = await world.stripe.customers.listPaymentMethods(customer.id)
    expect(methods.data).toMatchObject([{ customer: customer.id, allow_redisplay: 'limited', card: { last4: '4242' } }])
  })

  test('keeps what it had where the session does not say so, and saves no card unasked', async () => {
    const customer = await world.stripe.customers.create({ name: 'Kept', email: 'kept@example.com' })
    const session = await openSession({ customer: customer.id })
    world.sandbox.control.pay(session.id, {
      card: '4242424242424242',
      name: 'Other',
      email: 'other@example.com',
      saveCard: true,
    })
    expect(await world.stripe.customers.retrieve(customer.id)).toMatchObject({
      name: 'Kept',
      email: 'kept@example.com',
      address: null,
    })
    expect((await world.stripe.customers.listPaymentMethods(customer.id)).data).toEqual([])
  })

  test('saves the card when the box that the session offers is ticked', async () => {
    const customer = await world.stripe.customers.create()
    const session = await openSession({
      customer: customer.id,
      saved_payment_method_options: { payment_method_save: 'enabled' },
    })
    world.sandbox.control.pay(session.id, { card: '4242424242424242', saveCard: true })
    const { data } = await world.stripe.customers.listPaymentMethods(customer.id)
    expect(data).toMatchObject([{ allow_redisplay: 'always' }])
    await world.stripe.paymentMethods.detach(data[0]?.id ?? '')
    expect((await world.stripe.customers.listPaymentMethods(customer.id)).data).toEqual([])
  })
})

describe('a saved card without its owner', () => {
  test('4242 is charged', async () => {
    const { customer, method } = await customerWithCard(world, '4242424242424242')
    expect(await charge(customer, method)).toMatchObject({ status: 'succeeded', amount_received: 1_500, customer })
  })

  test('0341 is declined with the intent inside the error, and nothing is received', async () => {
    const { customer, method } = await customerWithCard(world, '4000000000000341')
    const error = await errorOf(charge(customer, method))
    expect(error).toMatchObject({
      statusCode: 402,
      type: 'StripeCardError',
      code: 'card_declined',
      decline_code: 'generic_decline',
    })
    expect(error.payment_intent).toMatchObject({
      status: 'requires_payment_method',
      amount_received: 0,
      payment_method: null,
    })
    expect(error.payment_method?.id).toBe(method)
    expect(error.charge).toMatch(/^ch_/)
  })

  test('3155 pays when it was set up with authentication, and needs it when it was not', async () => {
    const { customer, method } = await customerWithCard(world, '4000002500003155')
    expect(await charge(customer, method)).toMatchObject({ status: 'succeeded' })
    const fresh = await world.stripe.paymentMethods.attach('pm_card_authenticationRequiredOnSetup', { customer })
    expect(await errorOf(charge(customer, fresh.id))).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
    })
  })

  test('3184 needs authentication each time, whatever was set up', async () => {
    const { customer, method } = await customerWithCard(world, '4000002760003184')
    const error = await errorOf(charge(customer, method))
    expect(error).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_required',
    })
    expect(error.payment_intent?.status).toBe('requires_payment_method')
  })

  test('cannot be charged for somebody else', async () => {
    const { method } = await customerWithCard(world, '4242424242424242')
    const { id: other } = await world.stripe.customers.create()
    expect(await errorOf(charge(other, method))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'payment_method',
    })
  })

  test('a declined intent can be confirmed with another card, or canceled once', async () => {
    const { customer, method } = await customerWithCard(world, '4000000000000341')
    const first = (await errorOf(charge(customer, method))).payment_intent
    const good = await world.stripe.paymentMethods.attach('pm_card_visa', { customer })
    const paid = await world.stripe.paymentIntents.confirm(first?.id ?? '', { payment_method: good.id })
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null })
    const again = await errorOf(world.stripe.paymentIntents.cancel(paid.id))
    expect(again).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
    const second = (await errorOf(charge(customer, method))).payment_intent
    expect(await world.stripe.paymentIntents.cancel(second?.id ?? '')).toMatchObject({ status: 'canceled' })
  })
})

describe('refunds', () => {
  test('in parts up to the charge, never above what is left', async () => {
    const intent = await paidIntent()
    const part = await world.stripe.refunds.create({
      payment_intent: intent,
      amount: 1_000,
      reason: 'requested_by_customer',
    })
    expect(part).toMatchObject({ amount: 1_000, status: 'succeeded', payment_intent: intent })
    const tooMuch = await errorOf(world.stripe.refunds.create({ payment_intent: intent, amount: 1_501 }))
    expect(tooMuch.message).toBe('Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)')
    await world.stripe.refunds.create({ payment_intent: intent })
    const { data } = await world.stripe.charges.list({ payment_intent: intent })
    expect(data[0]).toMatchObject({ amount_refunded: 2_500, refunded: true })
    expect(await errorOf(world.stripe.refunds.create({ payment_intent: intent }))).toMatchObject({
      code: 'charge_already_refunded',
    })
    expect((await world.stripe.refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount)).toEqual([
      1_500, 1_000,
    ])
  })

  test('of card 5126 look well and fail seconds later, and the money is back', async () => {
    const intent = await paidIntent('4000000000005126')
    const refund = await world.stripe.refunds.create({ payment_intent: intent, amount: 700 })
    expect(refund.status).toBe('succeeded')
    world.clock.advance(5)
    expect(await world.stripe.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    })
    expect((await world.stripe.charges.list({ payment_intent: intent })).data[0]).toMatchObject({
      amount_refunded: 0,
      refunded: false,
    })
    expect(eventTypes().slice(-2)).toEqual(['refund.updated', 'refund.failed'])
  })
})

describe('disputes', () => {
  test('card 0259 is disputed at once, after the session is complete, and cannot be refunded', async () => {
    const intent = await paidIntent('4000000000000259')
    const { data } = await world.stripe.disputes.list({ payment_intent: intent })
    expect(data).toMatchObject([
      { status: 'needs_response', reason: 'fraudulent', amount: 2_500, is_charge_refundable: false },
    ])
    expect(eventTypes().slice(-3)).toEqual([
      'checkout.session.completed',
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
    ])
    expect(await errorOf(world.stripe.refunds.create({ payment_intent: intent }))).toMatchObject({
      code: 'charge_disputed',
    })
  })

  test('a won one brings the money back once', async () => {
    const { control } = world.sandbox
    const dispute = control.dispute(await paidIntent(), { amount: 900, reason: 'product_not_received' })
    control.closeDispute(dispute.id, 'won')
    control.reinstate(dispute.id)
    const after = await world.stripe.disputes.retrieve(dispute.id)
    expect(after).toMatchObject({ status: 'won', amount: 900, reason: 'product_not_received' })
    expect(after.balance_transactions.map(({ amount }) => amount)).toEqual([-900, 900])
  })

  test('closing one through the API loses it, and it cannot be closed twice', async () => {
    const dispute = world.sandbox.control.dispute(await paidIntent())
    expect(await world.stripe.disputes.close(dispute.id)).toMatchObject({ status: 'lost' })
    expect((await errorOf(world.stripe.disputes.close(dispute.id))).statusCode).toBe(400)
  })
})

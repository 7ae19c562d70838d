import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CARD_FIELDS, creditsSession, postForm, startWorld, type World } from './stripe-support.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world.close()
  expect(world.reports).toEqual([])
})

async function openUrl(change = {}) {
  const session = await world.stripe.checkout.sessions.create(creditsSession(change))
  return { id: session.id, url: session.url ?? '' }
}

const pageOf = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, page: await response.text() }
}

describe('the payment page', () => {
  test('says what is bought, for how much, and that it is a sandbox', async () => {
    const { url } = await openUrl()
    const { status, page } = await pageOf(url)
    expect(status).toBe(200)
    for (const text of ['Sandbox', 'Credits', 'Pay $25.00', 'http://shop.test/cancelled', '4000 0025 0000 3155']) {
      expect(page).toContain(text)
    }
    for (const id of [
      'email',
      'card-number',
      'card-expiry',
      'card-cvc',
      'card-name',
      'country',
      'pay',
      'method-bank_debit',
    ]) {
      expect(page).toContain(`id="${id}"`)
    }
    for (const id of ['tax-id', 'line1', 'save-card']) expect(page).not.toContain(`id="${id}"`)
    expect(page).not.toMatch(/<script|https:\/\//)
  })

  test('asks for what the session asks for', async () => {
    const { id: customer } = await world.stripe.customers.create({ email: 'fixed@example.com' })
    const { url } = await openUrl({
      customer,
      customer_update: { name: 'auto' },
      tax_id_collection: { enabled: true },
      saved_payment_method_options: { payment_method_save: 'enabled' },
      payment_method_types: ['card'],
    })
    const { page } = await pageOf(url)
    for (const id of ['tax-id-type', 'tax-id', 'line1', 'city', 'postal-code', 'country', 'save-card']) {
      expect(page).toContain(`id="${id}"`)
    }
    expect(page).not.toContain('bank_debit')
    expect(page).toContain('value="fixed@example.com" readonly')
  })

  test('escapes what a customer or a product is called', async () => {
    const name = '<b>"Credits"</b>'
    const { url } = await openUrl({
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 900, product_data: { name } } }],
    })
    const { page } = await pageOf(url)
    expect(page).toContain('&lt;b&gt;&quot;Credits&quot;&lt;/b&gt;')
    expect(page).not.toContain(name)
  })

  test('takes the payment and goes to the success URL', async () => {
    const { id, url } = await openUrl()
    expect(await postForm(url, CARD_FIELDS)).toMatchObject({
      status: 303,
      location: `http://shop.test/done?session=${id}`,
    })
    const paid = await world.stripe.checkout.sessions.retrieve(id)
    expect(paid).toMatchObject({
      payment_status: 'paid',
      customer_details: { email: 'ada@example.com', name: 'Ada Lovelace' },
    })
  })

  test('tells at each field what is wrong, keeps what was entered but for the code, and charges nothing', async () => {
    const { id, url } = await openUrl({ billing_address_collection: 'required', tax_id_collection: { enabled: true } })
    const { status, page } = await postForm(url, {
      ...CARD_FIELDS,
      card_number: '4242 4242 4242 4241',
      card_expiry: '01 / 20',
      card_cvc: '98765',
      tax_id_type: 'eu_vat',
      tax_id: 'not one',
    })
    expect(status).toBe(422)
    for (const field of ['card-number', 'card-expiry', 'card-cvc', 'line1', 'city', 'country', 'tax-id']) {
      expect(page).toContain(`aria-describedby="${field}-problem"`)
      expect(page).toContain(`id="${field}-problem"`)
    }
    expect(page).toContain('Your card number is invalid.')
    expect(page).toContain('value="Ada Lovelace"')
    expect(page).not.toContain('98765')
    expect((await world.stripe.checkout.sessions.retrieve(id)).payment_intent).toBeNull()
  })

  test('shows why a card was declined and takes another one', async () => {
    const { url } = await openUrl()
    const declined = await postForm(url, { ...CARD_FIELDS, card_number: '4000000000009995' })
    expect(declined).toMatchObject({ status: 402, page: expect.stringMatching('Your card has insufficient funds.') })
    expect((await postForm(url, CARD_FIELDS)).status).toBe(303)
  })

  test('fills in a test card without paying', async () => {
    const { id, url } = await openUrl()
    const { status, page } = await postForm(url, { email: 'kept@example.com', fill: '4000000000000341' })
    expect(status).toBe(200)
    expect(page).toContain('value="4000 0000 0000 0341"')
    expect(page).toContain('value="kept@example.com"')
    expect((await world.stripe.checkout.sessions.retrieve(id)).status).toBe('open')
  })

  test('says so when it is paid, expired or unknown, and takes no second payment', async () => {
    const { id, url } = await openUrl()
    await postForm(url, CARD_FIELDS)
    expect((await pageOf(url)).page).toContain('This is already done')
    expect((await postForm(url, CARD_FIELDS)).status).toBe(409)
    const { payment_intent: intent } = await world.stripe.checkout.sessions.retrieve(id)
    expect((await world.stripe.charges.list({ payment_intent: intent as string })).data).toHaveLength(1)
    const other = await openUrl()
    await world.stripe.checkout.sessions.expire(other.id)
    expect((await pageOf(other.url)).page).toContain('This page has expired')
    expect((await pageOf(`${world.sandbox.url}/c/pay/cs_test_none`)).status).toBe(404)
  })
})

describe('3-D Secure', () => {
  const CARD = { ...CARD_FIELDS, card_number: '4000 0025 0000 3155' }

  test('completed pays, and the card can be charged later without it', async () => {
    const { id: customer } = await world.stripe.customers.create()
    const { id, url } = await openUrl({ customer, payment_intent_data: { setup_future_usage: 'off_session' } })
    const asked = await postForm(url, CARD)
    expect(asked).toMatchObject({ status: 303, location: expect.stringMatching(/^\/c\/authenticate\/pi_/) })
    const page = `${world.sandbox.url}${asked.location}`
    const shown = (await pageOf(page)).page
    for (const element of ['id="authenticate"', 'id="fail-authentication"', '$25.00']) expect(shown).toContain(element)
    expect(
      (await world.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).payment_intent,
    ).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { url: page } },
    })
    expect(await postForm(page, { outcome: 'complete' })).toMatchObject({
      status: 303,
      location: expect.stringMatching('shop.test/done'),
    })
    expect((await world.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid')
    const [method] = (await world.stripe.customers.listPaymentMethods(customer)).data
    const terms = { amount: 900, currency: 'usd', customer, payment_method: method?.id ?? '' }
    const later = await world.stripe.paymentIntents.create({ ...terms, off_session: true, confirm: true })
    expect(later.status).toBe('succeeded')
  })

  test('failed leads back to the page with the reason, and the session stays open', async () => {
    const { id, url } = await openUrl()
    const asked = await postForm(url, CARD)
    const back = await postForm(`${world.sandbox.url}${asked.location}`, { outcome: 'fail' })
    expect(back.location).toBe(`/c/pay/${id}?authentication=failed`)
    expect((await pageOf(`${world.sandbox.url}${back.location}`)).page).toContain('We are unable to authenticate')
    expect(await world.stripe.checkout.sessions.retrieve(id)).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
    })
    expect((await pageOf(`${world.sandbox.url}${asked.location}`)).status).toBe(404)
  })

  test('in setup mode saves the card', async () => {
    const { id: customer } = await world.stripe.customers.create()
    const session = await world.stripe.checkout.sessions.create({
      mode: 'setup',
      customer,
      currency: 'eur',
      success_url: 'http://shop.test/saved',
    })
    const asked = await postForm(session.url ?? '', CARD)
    const done = await postForm(`${world.sandbox.url}${asked.location}`, { outcome: 'complete' })
    expect(done.location).toBe('http://shop.test/saved')
    const after = await world.stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })
    expect(after).toMatchObject({
      status: 'complete',
      payment_status: 'no_payment_required',
      setup_intent: { status: 'succeeded' },
    })
    expect((await world.stripe.customers.listPaymentMethods(customer)).data).toHaveLength(1)
  })
})

test('a receipt can be read where the charge says', async () => {
  const { id, url } = await openUrl()
  await postForm(url, CARD_FIELDS)
  const paid = await world.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] })
  const { latest_charge: charge } = paid.payment_intent as { latest_charge: { receipt_url: string } }
  expect((await pageOf(charge.receipt_url)).page).toContain('$25.00')
})

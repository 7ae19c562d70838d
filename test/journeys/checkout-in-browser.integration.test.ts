import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { callApi, startedCheckout } from '../orders/money-in-calls.ts'
import { CONTACT, cardFields, expectFits, factOf, fill, heading, PHONE, payBy, tabThrough } from '../support/browser.ts'
import { CLEAN, PATIENCE } from '../support/farebox.ts'
import { browserWorld, journey } from './browser-world.ts'

const world = browserWorld()
const { atCheckout, balance, buyer, confirm, expectCreditedOnceConfirmed, holdConfirmations, window } = world

const PAYS = '4242424242424242'
const HOUR_MS = 3_600_000

journey('cards that pay: credits come with the confirmation, and the open page shows them by itself', async () => {
  const cards = ['4242424242424242', '5555555555554444', '4000000000000341', '4000000000005126']
  const visits = await Promise.all(cards.map(() => atCheckout()))
  await Promise.all(visits.map(({ page }, index) => payBy(page, cards[index] as string)))
  await expectCreditedOnceConfirmed(500, ...visits)
})

journey('a declined card is told with its words, whatever was entered stays, and another card then pays', async () => {
  const { page, customer } = await atCheckout()
  const declines = {
    '4000000000000002': 'Your card was declined.',
    '4000000000009995': 'Your card has insufficient funds.',
    '4000000000009987': 'Your card was declined.',
    '4000000000009979': 'Your card was declined.',
    '4000000000000069': 'Your card has expired.',
    '4000000000000127': "Your card's security code is incorrect.",
  }
  for (const [card, words] of Object.entries(declines)) {
    const answer = page.waitForResponse((response) => response.request().method() === 'POST')
    await payBy(page, card)
    expect((await answer).status()).toBe(402)
    expect(await page.locator('#decline').innerText()).toBe(words)
    expect(await page.locator('#city').inputValue()).toBe(CONTACT.city)
  }
  await confirm()
  expect(await balance(customer)).toBe(0)
  holdConfirmations()
  await payBy(page, PAYS)
  await expectCreditedOnceConfirmed(500, { page, customer })
})

journey('a form with faults names each at its field, and charges nothing', async () => {
  const { page, customer } = await atCheckout()
  await page.locator('#pay').click()
  expect(await page.getByRole('alert').innerText()).toContain('check the fields')
  for (const field of ['#email', '#card-number', '#card-expiry', '#card-cvc', '#line1', '#city', '#country']) {
    const problem = await page.locator(field).getAttribute('aria-describedby')
    expect(await page.locator(`#${problem}`).innerText()).not.toBe('')
  }
  await confirm()
  expect(await balance(customer)).toBe(0)
})

journey('a card whose bank asks pays once the question is answered', async () => {
  const cards = ['4000002500003155', '4000002760003184']
  const visits = await Promise.all(cards.map(() => atCheckout()))
  await Promise.all(visits.map(({ page }, index) => payBy(page, cards[index] as string)))
  for (const { page } of visits) {
    await heading(page, 'Confirm with your bank')
    expect(await page.locator('main').innerText()).toContain('$5.00')
    await page.locator('#authenticate').click()
  }
  await expectCreditedOnceConfirmed(500, ...visits)
})

journey('a failed answer to the bank’s question charges nothing, and a second try pays once', async () => {
  const { page, customer, orderId } = await atCheckout()
  await payBy(page, '4000002760003184')
  await page.locator('#fail-authentication').click()
  expect(await page.locator('#decline').innerText()).toContain('authenticate')
  await confirm()
  expect(await balance(customer)).toBe(0)
  holdConfirmations()
  await payBy(page, '4000002760003184')
  await page.locator('#authenticate').click()
  await expectCreditedOnceConfirmed(500, { page, customer })
  expect(await lotsOf(orderId)).toEqual([{ granted_nano: '5000000000', promotional: false }])
})

journey('a bank debit credits nothing until the money arrives', async () => {
  const { page, customer, id } = await atCheckout()
  await fill(page, null)
  await page.locator('#pay').click()
  await heading(page, 'Waiting for the payment')
  await confirm()
  expect(await balance(customer)).toBe(0)
  holdConfirmations()
  world.farebox.stripe.control.settleDelayed(id, 'succeeded')
  await expectCreditedOnceConfirmed(500, { page, customer })
})

journey('a bank debit that is returned credits nothing, and the open page says that it failed', async () => {
  const { page, customer, id } = await atCheckout()
  await fill(page, null)
  await page.locator('#pay').click()
  await heading(page, 'Waiting for the payment')
  world.farebox.stripe.control.settleDelayed(id, 'failed')
  await confirm()
  await heading(page, 'The payment failed')
  expect(await balance(customer)).toBe(0)
  expect(await world.farebox.verify()).toBe(CLEAN)
})

journey('a payment that is disputed at once leaves nothing to spend, and the page says so', async () => {
  const { page, customer } = await atCheckout()
  await payBy(page, '4000000000000259')
  await heading(page, 'Waiting for the payment')
  expect(await balance(customer)).toBe(0)
  await confirm()
  await expect.poll(() => page.reload().then(() => page.locator('h1').innerText()), PATIENCE).toBe('Disputed')
  const call = customer.client.chat.completions.create({
    model: 'priced',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  await expect(call).rejects.toMatchObject({ status: 402 })
  // Frozen, not gone: a dispute may be won.
  expect(await balance(customer)).toBe(500)
  expect(await world.farebox.verify()).toBe(CLEAN)
})

journey('Cancel leads back without a charge, and the way to the same payment page stays open', async () => {
  const { page, customer, url } = await atCheckout()
  await page.locator('#cancel').click()
  await heading(page, 'Not paid')
  await confirm()
  expect(await balance(customer)).toBe(0)
  holdConfirmations()
  await page.getByRole('link', { name: 'Pay $5.00 after all' }).click()
  expect(page.url()).toBe(url)
  await payBy(page, PAYS)
  await expectCreditedOnceConfirmed(500, { page, customer })
})

journey('a payment page that was paid cannot be paid again', async () => {
  const { page, customer, url } = await atCheckout()
  await payBy(page, PAYS)
  await expectCreditedOnceConfirmed(500, { page, customer })
  await page.goto(url)
  await heading(page, 'This is already done')
  await page.getByRole('link', { name: 'Go back' }).click()
  await heading(page, 'Credits added')
  expect(await balance(customer)).toBe(500)
})

journey(
  'a package shows its price before paying, and the receipt its bonus, what was paid, when, and until when',
  async () => {
    const { page, customer } = await atCheckout({ package: 'growth' })
    expect(await page.locator('.total').innerText()).toBe('$200.00')
    expect(await page.locator('#pay').innerText()).toBe('Pay $200.00')
    await payBy(page, PAYS)
    await expectCreditedOnceConfirmed(21_000, { page, customer })
    expect(await factOf(page, 'Credits')).toBe('$200.00')
    expect(await factOf(page, 'Bonus')).toBe('+ $10.00')
    expect(await factOf(page, 'Credits in all')).toBe('$210.00')
    expect(await factOf(page, 'Paid')).toBe('$200.00')
    expect(await factOf(page, 'Paid on')).toMatch(/^\d{1,2} \w+ \d{4}, \d\d:\d\d UTC$/)
    expect(await factOf(page, 'Usable until')).toMatch(/UTC$/)
  },
)

journey(
  'from the first Tab to Enter, the keyboard alone pays; focus can always be seen, and stays where it is while the page waits',
  async () => {
    const { page, customer, url } = await atCheckout()
    const typed: Record<string, string> = { ...CONTACT, ...cardFields(PAYS), country: 'Ger' }
    const reached = await tabThrough(page, '#pay', (id) => typed[id])
    expect(reached).toEqual(expect.arrayContaining([...Object.keys(typed), 'pay']))
    await page.keyboard.press('Enter')
    await heading(page, 'Waiting for the payment')
    await page.keyboard.press('Tab')
    // Once it has asked again, it is done with the answer before.
    await lookAgain(page)
    await lookAgain(page)
    expect(await page.evaluate<string>('document.activeElement.href')).toBe(url)
    await expectCreditedOnceConfirmed(500, { page, customer })
  },
)

journey('without scripts the page that waits shows the credits all the same', async () => {
  const customer = await buyer()
  const { url } = await startedCheckout(world.farebox, customer, { amount: 500 })
  holdConfirmations()
  const page = await window({ javaScriptEnabled: false })
  await page.goto(url)
  await payBy(page, PAYS)
  await expectCreditedOnceConfirmed(500, { page, customer })
})

journey('at the width of a phone no page has to be scrolled sideways', async () => {
  const customer = await buyer()
  const { url } = await startedCheckout(world.farebox, customer, { package: 'enterprise' })
  holdConfirmations()
  const page = await window({ viewport: PHONE })
  await page.goto(url)
  await expectFits(page)
  await page.locator('#pay').click()
  await page.locator('#problems').waitFor()
  await expectFits(page)
  await payBy(page, '4000000000009995')
  await page.locator('#decline').waitFor()
  await expectFits(page)
  await page.locator('#cancel').click()
  await heading(page, 'Not paid')
  await expectFits(page)
  await page.goto(url)
  await payBy(page, '4000002760003184')
  await heading(page, 'Confirm with your bank')
  await expectFits(page)
  await page.locator('#authenticate').click()
  await heading(page, 'Waiting for the payment')
  await expectFits(page)
  await confirm()
  await heading(page, 'Credits added')
  await expectFits(page)
  const { body } = await callApi(world.farebox, customer, 'POST', '/credits/setup-session')
  const others = ['/credits/card-saved', '/credits/orders/nonsense/receipt'].map(
    (path) => `${world.farebox.url}${path}`,
  )
  for (const address of [body.url as string, ...others]) {
    await page.goto(address)
    await expectFits(page)
  }
})

// The clock goes on by hours: last, so that no other journey is hurried.
journey('a payment page that was not used in time says so, and charges nothing', async () => {
  const { page, customer, url } = await atCheckout()
  await fill(page, PAYS)
  world.farebox.clock.advance(5 * HOUR_MS)
  await page.locator('#pay').click()
  await heading(page, 'This page has expired')
  await confirm()
  await page.goto(url)
  await page.getByRole('link', { name: 'Go back' }).click()
  await expect.poll(() => page.reload().then(() => page.locator('h1').innerText()), PATIENCE).toBe('Expired')
  expect(await balance(customer)).toBe(0)
  expect(await world.farebox.verify()).toBe(CLEAN)
})

const lookAgain = (page: Page) => page.waitForResponse((response) => response.request().resourceType() === 'fetch')

const lotsOf = (orderId: string) =>
  world.farebox.rows('SELECT granted_nano, promotional FROM credit_lot WHERE source_id = $1', orderId)

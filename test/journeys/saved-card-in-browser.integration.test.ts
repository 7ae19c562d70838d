import { expect } from 'vitest'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { callApi } from '../orders/money-in-calls.ts'
import { expectFits, factOf, heading, PHONE, payBy } from '../support/browser.ts'
import { CLEAN, type Customer, PATIENCE } from '../support/farebox.ts'
import { browserWorld, journey } from './browser-world.ts'

const world = browserWorld()
const { balance, buyer, confirm, holdConfirmations, window } = world

const PAYS = '4242424242424242'
const HOUR_MS = 3_600_000

journey('a card is saved without paying, and shows in the API once that is confirmed', async () => {
  const customer = await buyer()
  const { body } = await callApi(world.farebox, customer, 'POST', '/credits/setup-session')
  holdConfirmations()
  const page = await window()
  await page.goto(body.url as string)
  await payBy(page, '4000002760003184')
  await page.locator('#authenticate').click()
  await heading(page, 'You can close this page')
  const cards = async () =>
    (await callApi(world.farebox, customer, 'GET', '/credits/payment-methods')).body.paymentMethods
  expect(await cards()).toEqual([])
  await confirm()
  await expect.poll(cards, PATIENCE).toMatchObject([{ last4: '3184' }])
  expect(await balance(customer)).toBe(0)
})

journey(
  'an automatic top-up that the bank wants confirmed: the mail’s link leads through 3-D Secure to credits',
  async () => {
    const customer = await toppedUp('4000002760003184')
    await spend(customer, 900)
    const link = await mailedLink(customer, 'top-up-action-needed')
    holdConfirmations()
    const page = await window()
    await page.goto(link)
    await payBy(page, '4000002760003184')
    await page.locator('#authenticate').click()
    await heading(page, 'Waiting for your confirmation')
    expect(await balance(customer)).toBe(100)
    await confirm()
    await heading(page, 'Credits added')
    expect(await balance(customer)).toBe(2_100)
    await page.goto(link)
    await heading(page, 'Credits added')
    expect(await world.farebox.verify()).toBe(CLEAN)
  },
)

journey(
  'a top-up that has stopped: the mail’s link leads to a page, a new card resumes it, and the link is used up',
  async () => {
    const customer = await toppedUp('4000000000000341')
    await spend(customer, 900)
    for (const [failures, hours] of [0, 1, 6].entries()) {
      world.farebox.clock.advance(hours * HOUR_MS)
      await runTopUp(world.farebox.running.desk, customer.accountId)
      await expect.poll(async () => (await topUp(customer)).failures, PATIENCE).toBe(failures + 1)
    }
    const link = await mailedLink(customer, 'top-up-suspended')
    const page = await window({ viewport: PHONE })
    await page.goto(link)
    await heading(page, 'Automatic top-up has stopped')
    expect(await factOf(page, 'Charge the card and add')).toBe('$20.00')
    await expectFits(page)
    await page.getByRole('button', { name: 'Add a card and resume' }).click()
    await payBy(page, PAYS)
    await heading(page, 'You can close this page')
    await expect.poll(async () => (await topUp(customer)).suspendedReason, PATIENCE).toBe(null)
    // As the sweep of each minute does.
    await runTopUp(world.farebox.running.desk, customer.accountId)
    await expect.poll(() => balance(customer), PATIENCE).toBe(2_100)
    await page.goto(link)
    await heading(page, 'There is nothing here')
    expect(await world.farebox.verify()).toBe(CLEAN)
  },
)

/** A customer with 10.00, the card saved, topped up by 20.00 below 8.00, and an owner to mail to. */
async function toppedUp(card: string): Promise<Customer> {
  const customer = await world.farebox.customer({ creditNano: 1_000n * NANO_PER_CENT })
  const { accountId } = customer
  await world.farebox.rows(
    `WITH person AS (INSERT INTO "user" (id, email, name, created_at) VALUES (gen_random_uuid(), $2, 'Owner', now()) RETURNING id)
     INSERT INTO membership (id, user_id, account_id, role, created_at) SELECT gen_random_uuid(), id, $1, 'OWNER', now() FROM person`,
    accountId,
    `${accountId}@example.test`,
  )
  const { body } = await callApi(world.farebox, customer, 'POST', '/credits/setup-session')
  await world.farebox.stripe.control.pay(body.id as string, { card })
  await world.farebox.stripe.control.idle()
  const wish = { enabled: true, thresholdCents: 800, amountCents: 2_000, consentVersion: CONSENT_VERSION }
  expect(await callApi(world.farebox, customer, 'PUT', '/v1/auto-top-up', wish)).toMatchObject({ status: 200 })
  return customer
}

async function spend({ accountId }: Customer, cents: number): Promise<void> {
  const { ledger } = world.farebox.running.gateway
  const price = BigInt(cents) * NANO_PER_CENT
  const request = requestOf(world.farebox.clock, accountId, { price })
  expect(await ledger.authorize(request)).toMatchObject({ granted: true })
  await ledger.resolve(captureOf(request, price))
}

const topUp = async (customer: Customer) => (await callApi(world.farebox, customer, 'GET', '/v1/auto-top-up')).body

async function mailedLink({ accountId }: Customer, template: string): Promise<string> {
  const mails = () =>
    world.farebox.rows<{ data: { path: string } }>(
      'SELECT data FROM mail WHERE account_id = $1 AND template = $2',
      accountId,
      template,
    )
  await expect.poll(mails, PATIENCE).toHaveLength(1)
  return `${world.farebox.url}${(await mails())[0]?.data.path}`
}

import { describe, expect } from 'vitest'
import { CLEAN } from '../support/farebox.ts'
import { backOfficeWorld, type Colleague } from './back-office-world.ts'
import { journey } from './browser-world.ts'

const UNIT = 1_000_000_000n
const JOURNEY_MS = 120_000

describe('orders by bank transfer in the back office', () => {
  const world = backOfficeWorld()

  /** Opens an order on its page, and is led to the page of it. */
  async function openOrder({ page }: Colleague, customer: string, amount: string): Promise<string> {
    await page.goto(`${world.farebox.url}/admin/pages/new-order`)
    await page.getByLabel('Account', { exact: true }).fill(customer)
    await page.getByRole('button', { name: customer }).click()
    await page.getByLabel('Amount before tax').fill(amount)
    await page.getByRole('button', { name: /^Open the order over [\d,.]+ USD$/ }).click()
    await page.getByText(`The order of ${customer} over`).waitFor()
    return new URL(page.url()).searchParams.get('id') as string
  }

  async function recordReceipt(
    { page }: Colleague,
    orderId: string,
    bankReference: string,
    amount?: string,
  ): Promise<void> {
    await page.goto(`${world.farebox.url}/admin/pages/order?id=${orderId}`)
    await page.getByText('Record money that arrived').click()
    await page.getByLabel('Bank reference').fill(bankReference)
    if (amount) await page.getByLabel('Amount that arrived').fill(amount)
    await page.getByRole('button', { name: /^Record [\d,.]+ USD$/ }).click()
    await page.getByText('is recorded.').waitFor()
  }

  journey(
    'a reseller opens an order for its customer, finance records what arrived and another approves: balance and invoice are there',
    async () => {
      const { farebox } = world
      const accountId = await world.customer('Tailspin', farebox.resellerId)
      const rita = await world.member(farebox.resellerId, 'OWNER', 'Rita Reseller')
      const orderId = await openOrder(rita, 'Tailspin', '1 250,00')
      const felix = await world.staff('FINANCE', 'Felix Finance')
      await recordReceipt(felix, orderId, 'statement 1')
      // Who has recorded it reads why it is not theirs to approve.
      await felix.page.getByText('somebody else has to approve').waitFor()
      expect(await felix.page.getByRole('button', { name: /^Approve/ }).count()).toBe(0)
      const [state] = await farebox.rows<{ total: string }>(
        'SELECT total_minor AS total FROM payment_order WHERE id = $1',
        orderId,
      )
      expect(BigInt(state?.total ?? 0)).toBeGreaterThanOrEqual(125_000n)

      const frieda = await world.staff('FINANCE', 'Frieda Finance')
      await frieda.page.goto(`${farebox.url}/admin/pages/approvals`)
      const card = frieda.page.getByRole('article', { name: 'Order of Tailspin' })
      await card.getByText('recorded by Felix Finance').waitFor()
      await card.getByRole('button', { name: /^Approve 1,250\.00 USD$/ }).click()
      await frieda.page.getByText('Approved: credits of 1,250.00 USD are in the account.').waitFor()

      await rita.page.goto(`${farebox.url}/admin/pages/account?id=${accountId}`)
      await rita.page.getByTitle('1,250.00 USD', { exact: true }).first().waitFor()
      await rita.page.goto(`${farebox.url}/admin/pages/order?id=${orderId}`)
      const [download] = await Promise.all([
        rita.page.waitForEvent('download'),
        rita.page
          .getByRole('link', { name: /as PDF$/ })
          .first()
          .click(),
      ])
      expect(download.suggestedFilename()).toMatch(/\.pdf$/)
      const invoice = rita.page.getByRole('link', { name: /^R-\d+ as PDF$/ })
      expect(await invoice.count()).toBe(1)
      expect(await world.balance(accountId)).toBe(1_250n * UNIT)
      expect(await world.acts('order.approve')).toEqual([{ outcome: 'DONE', actor_id: frieda.userId, reason: null }])
      expect(await farebox.verify()).toBe(CLEAN)
    },
    JOURNEY_MS,
  )

  journey(
    'of two people who approve at once one does, the other is told, and it is credited once',
    async () => {
      const { farebox } = world
      const accountId = await world.customer('Twice')
      const opener = await world.staff('FINANCE', 'Opener')
      const orderId = await openOrder(opener, 'Twice', '2000')
      await recordReceipt(opener, orderId, 'statement 2')
      const approvers = [await world.staff('FINANCE', 'First'), await world.staff('ADMIN', 'Second')]
      const buttons = approvers.map(({ page }) =>
        page.getByRole('article', { name: 'Order of Twice' }).getByRole('button', { name: /^Approve/ }),
      )
      for (const { page } of approvers) await page.goto(`${farebox.url}/admin/pages/approvals`)
      for (const button of buttons) await button.waitFor()
      // Each of them also clicks twice.
      await Promise.all(buttons.map((button) => button.dblclick()))
      const told = await Promise.all(
        approvers.map(async ({ page }) => {
          await page
            .getByText(/^Approved: |has approved this order before you/)
            .first()
            .waitFor()
          return page.locator('main, #app').first().innerText()
        }),
      )
      expect(told.filter((text) => text.includes('Approved: credits of 2,000.00 USD'))).toHaveLength(1)
      expect(
        told.filter((text) => /(First|Second) has approved this order before you. It was paid once./.test(text)),
      ).toHaveLength(1)
      expect(await world.balance(accountId)).toBe(2_000n * UNIT)
      expect(await farebox.rows(`SELECT FROM ledger_entry WHERE account_id = $1`, accountId)).toHaveLength(1)
      expect(await farebox.verify()).toBe(CLEAN)
    },
    JOURNEY_MS,
  )

  journey(
    'an approval of a page that is out of date is refused in a sentence, and books nothing',
    async () => {
      const { farebox } = world
      const accountId = await world.customer('Stale')
      const opener = await world.staff('FINANCE', 'Opener of stale')
      const orderId = await openOrder(opener, 'Stale', '50')
      await recordReceipt(opener, orderId, 'statement 3', '60.00')
      const late = await world.staff('FINANCE', 'Late')
      await late.page.goto(`${farebox.url}/admin/pages/order?id=${orderId}`)
      const button = late.page.getByRole('button', { name: 'Approve 60.00 USD' })
      await button.waitFor()
      await recordReceipt(opener, orderId, 'statement 4', '5.00')
      await button.click()
      await late.page.getByRole('alert').getByText('By now $65.00 has arrived. Look at the order again.').waitFor()
      await opener.page.goto(`${farebox.url}/admin/pages/approvals`)
      const card = opener.page.getByRole('article', { name: 'Order of Stale' })
      await card.getByText('Reject it').click()
      await card.getByLabel('Why').fill('Not wanted any more')
      await card.getByRole('button', { name: /^Cancel the order over/ }).click()
      await card
        .getByRole('alert')
        .getByText('Money was received for this order: say that it is to be returned.')
        .waitFor()
      await card.getByLabel('65.00 USD arrived, and is transferred back').check()
      await card.getByRole('button', { name: /^Cancel the order over/ }).click()
      await opener.page.getByText('The order is canceled.').waitFor()
      expect(await late.send('order-approve', { orderId, settlement: 'CREDIT_EXCESS', receivedMinor: '6500' })).toEqual(
        {
          status: 409,
          message: 'An order that is canceled cannot be approved.',
        },
      )
      expect(await world.balance(accountId)).toBe(0n)
    },
    JOURNEY_MS,
  )
})

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addUser } from '../../src/accounts/add-user.ts'
import { createPrisma } from '../../src/db/prisma.ts'
import { expectFits, hasBrowser, launchBrowser, PHONE, visit } from '../support/browser.ts'
import { type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'

const PASSWORD = 'correct horse battery staple'
const WIDE = { width: 1_280, height: 1_000 }
/** The scripts of the pages are bundled at the first visit, and a busy machine takes its time. */
const FIRST_VISIT = { timeout: 120_000 }
const PATIENT_MS = 60_000

describe.skipIf(!hasBrowser)('the margins page', () => {
  let farebox: Farebox
  let browser: Browser
  let customer: Customer

  beforeAll(async () => {
    farebox = await startFarebox()
    const prisma = createPrisma(farebox.database.connectionString)
    const person = (email: string, of: object) =>
      addUser(prisma, farebox.clock, {
        ...{ email, name: `Name of ${email}`, password: PASSWORD, staffRole: null, membership: null },
        ...of,
      })
    await person('ada@example.test', { staffRole: 'FINANCE' })
    await person('rita@example.test', { membership: { accountId: farebox.resellerId, role: 'OWNER' } })
    await prisma.$disconnect()
    customer = await farebox.customer()
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await farebox?.close()
  })

  const signIn = async (email: string, viewport: { width: number; height: number }) => {
    const visitor = await visit(browser, [farebox.url], { viewport })
    const { page } = visitor
    page.setDefaultTimeout(PATIENT_MS)
    await page.goto(`${farebox.url}/admin`)
    await page.locator('input[name=email]').fill(email)
    await page.locator('input[name=password]').fill(PASSWORD)
    await page.locator('form button[type=submit]').first().click()
    await page.getByRole('heading', { name: 'Welcome' }).waitFor(FIRST_VISIT)
    return visitor
  }
  const ask = async () => {
    await customer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hi' }] })
    const [event] = await farebox.rows<Record<'input_tokens' | 'output_tokens' | 'price_nano', string>>(
      'SELECT input_tokens, output_tokens, price_nano FROM usage_event ORDER BY id DESC LIMIT 1',
    )
    const [input, output, price] = [event?.input_tokens, event?.output_tokens, event?.price_nano].map((text) =>
      BigInt(text ?? -1),
    )
    return { input, output, price } as Record<'input' | 'output' | 'price', bigint>
  }

  test('an operator changes a margin after a simulation, and the next request is charged by it', async () => {
    const before = await ask()
    expect(before.price).toBe(before.input * 2_050n + before.output * 8_050n)
    const { page, complaints, leave } = await signIn('ada@example.test', WIDE)
    await page.goto(`${farebox.url}/admin/pages/margins`)
    await page.getByLabel('Search').fill('priced first')
    await page.getByRole('link', { name: 'priced', exact: true }).click()
    await page.getByRole('button', { name: 'Change a price' }).click()
    await page.getByLabel('Markup, %').fill('lots')
    await page.getByText('expected a percentage').waitFor()
    expect(await page.getByRole('button', { name: /^Save/ }).count()).toBe(0)
    await page.getByLabel('Markup, %').fill('150')
    await page.locator('[data-table=preview]').getByText('2.55').first().waitFor()
    await page.getByRole('button', { name: '7 days', exact: true }).click()
    await page.getByRole('button', { name: 'Simulate the last 7 days' }).click()
    const total = page.locator('[data-table=simulation-total]')
    await total.waitFor()
    const exact = `${(Number(before.input * 2_550n + before.output * 10_050n) / 1e9).toFixed(9).replace(/0+$/, '')} USD`
    expect(
      await total
        .getByRole('row', { name: /^With the change/ })
        .getByTitle(exact)
        .count(),
    ).toBe(1)
    expect((await farebox.rows('SELECT id FROM price_change')).length).toBe(0)
    await page.getByRole('button', { name: 'Save “Markup on cost 150 %” for priced for everybody from now on' }).click()
    await page.getByRole('region', { name: 'Saved' }).waitFor()
    await page.locator('[data-table=story]').getByText('Name of ada@example.test').waitFor()
    await expect
      .poll(async () => {
        const { input, output, price } = await ask()
        return price - (input * 2_550n + output * 10_050n)
      }, PATIENCE)
      .toBe(0n)
    const acts = await farebox.rows(
      `SELECT action, actor_name, outcome, subject_kind FROM audit_entry WHERE action = 'price_rule.create'`,
    )
    expect(acts).toEqual([
      {
        action: 'price_rule.create',
        actor_name: 'Name of ada@example.test',
        outcome: 'DONE',
        subject_kind: 'price_rule',
      },
    ])
    expect(complaints).toEqual([])
    await leave()
  }, 180_000)

  test('the dashboard shows the request, leads to it, and keeps its choices in the address', async () => {
    const { page, complaints, leave } = await signIn('ada@example.test', WIDE)
    await page.getByRole('button', { name: 'Today' }).click()
    await page.getByRole('button', { name: 'Customer' }).click()
    await page.getByRole('button', { name: 'Customer', pressed: true }).waitFor()
    expect(new URL(page.url()).search).toBe('?range=today&by=customer')
    await page.goBack()
    await page.getByRole('button', { name: 'Model', pressed: true }).waitFor()
    await page.getByRole('img', { name: /by hour/ }).waitFor()
    const requests = await farebox.rows('SELECT id FROM usage_event')
    const card = page.locator('[data-card=requests] a')
    expect(await card.innerText()).toBe(String(requests.length))
    await card.click()
    await page.getByText('Export as CSV').waitFor()
    await page
      .locator('tbody tr')
      .nth(requests.length - 1)
      .waitFor()
    expect(await page.locator('tbody tr').count()).toBe(requests.length)
    expect(complaints).toEqual([])
    await leave()
  }, 180_000)

  test('a reseller changes its own markup on a phone, and is told of no provider’s cost', async () => {
    const { page, complaints, leave } = await signIn('rita@example.test', PHONE)
    await expectFits(page)
    expect(await page.locator('[data-card=cost]').innerText()).toContain('Wholesale cost')
    expect(await page.locator('[data-card=resellerMargin]').count()).toBe(0)
    await page.goto(`${farebox.url}/admin/pages/margins?q=priced`)
    await page.getByRole('link', { name: 'priced', exact: true }).first().click()
    await page.getByRole('button', { name: 'Change a price' }).click()
    expect(await page.getByRole('button', { name: 'Cost', exact: true }).count()).toBe(0)
    await page.getByLabel('Markup, %').fill('70')
    await page.locator('[data-table=preview]').waitFor()
    await expectFits(page)
    await page.getByRole('button', { name: /^Save “Markup on wholesale 70 %”/ }).click()
    await page.getByRole('region', { name: 'Saved' }).waitFor()
    const rules = await farebox.rows(
      'SELECT markup_bps FROM price_rule WHERE seller_id = $1 AND model_id IS NOT NULL',
      farebox.resellerId,
    )
    expect(rules).toEqual([{ markup_bps: 7_000 }])
    expect(complaints).toEqual([])
    await leave()
  }, 180_000)
})

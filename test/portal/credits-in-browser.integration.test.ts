import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { buy } from '../orders/money-in-calls.ts'
import { PASSWORD } from '../sign-in/sign-in-world.ts'
import { expectFits, factOf, hasBrowser, heading, launchBrowser, PHONE, payBy, visit } from '../support/browser.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { addMember, setUpSeller } from './credits-support.ts'

/** Where pictures go for somebody to look at; unset = none are taken. */
const { PICTURES } = process.env
/** What a page may make a browser load and run. */
const SCRIPT_BYTES_MAX = 150_000
/** A fifth of what counts as good. A busy machine paints the bar on top in two steps, which is as much as nobody sees. */
const LAYOUT_SHIFT_MAX = 0.02
const PAYS = '4242424242424242'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate<string[]>(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}

/** How far what is read has moved by itself since the page began to load (Cumulative Layout Shift). */
const LAYOUT_SHIFT = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.hadRecentInput ? 0 : one.value })
    .observe({ type: 'layout-shift', buffered: true })
  requestAnimationFrame(() => setTimeout(() => resolve(sum), 100))
})`
const SCRIPT_BYTES = `performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType === 'script')
  .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`

let farebox: Farebox
let browser: Browser
describe.skipIf(!hasBrowser)('in a browser', () => {
  beforeAll(async () => {
    farebox = await startFarebox({ stripe: true, workers: true })
    await ensureDefaultPackages(farebox.pool, farebox.clock, 'USD')
    await setUpSeller(farebox)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await farebox?.close()
  })

  async function signedIn(customer: Customer, options: BrowserContextOptions = {}) {
    const { email } = await addMember(farebox, customer, 'OWNER')
    const visitor = await visit(browser, [farebox.url, farebox.stripe.url], options)
    await visitor.page.goto(`${farebox.url}/sign-in`)
    await visitor.page.locator('#email').fill(email)
    await visitor.page.locator('#password').fill(PASSWORD)
    await visitor.page.getByRole('button', { name: 'Sign in' }).click()
    await visitor.page.waitForURL(`${farebox.url}/`)
    return visitor
  }

  test('credits are bought with a card: the total before, the balance after, the invoice as PDF', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { page, complaints, leave } = await signedIn(customer)
    await page.getByRole('link', { name: 'Add credits' }).first().click()
    await heading(page, 'Add credits')

    // Whom to invoice, and back to what was chosen.
    await page.getByRole('radio', { name: /Custom/ }).check()
    await page.locator('#amount').fill('100')
    await expect.poll(() => factOf(page, 'Total'), PATIENCE).toBe('$100.00')
    await page.getByRole('link', { name: 'Add billing address and tax id' }).click()
    await heading(page, 'Billing profile')
    await page.locator('#name').fill('Muster GmbH')
    await page.locator('#line1').fill('Hauptstr. 1')
    await page.locator('#postal-code').fill('10115')
    await page.locator('#city').fill('Berlin')
    await page.locator('#country').selectOption('DE')
    await page.getByRole('button', { name: 'Save the billing profile' }).click()
    await heading(page, 'Add credits')

    // Chosen anew, the total follows by itself.
    await page.getByRole('radio', { name: /Growth/ }).check()
    await expect.poll(() => factOf(page, 'Total'), PATIENCE).toBe('$238.00')
    expect(await factOf(page, 'Tax (19%)')).toBe('$38.00')
    farebox.stripe.control.deliver({ mode: 'hold' })
    await page.getByRole('checkbox', { name: /Save the card/ }).check()
    await page.getByRole('button', { name: 'Pay $238.00 by card' }).click()
    await page.waitForURL(`${farebox.stripe.url}/**`)
    await payBy(page, PAYS)
    await heading(page, 'Waiting for the payment')

    // Nothing is credited before it is confirmed, and the open page shows it by itself.
    const other = await page.context().newPage()
    await other.goto(`${farebox.url}/credits`)
    expect(await other.locator('#balance').innerText()).toBe('$0.00')
    await other.getByText('Payments under way').waitFor()
    const { control } = farebox.stripe
    control.deliver({ mode: 'normal' })
    await control.release()
    await control.idle()
    await heading(page, 'Credits added')
    await expect.poll(() => other.locator('#balance').innerText(), PATIENCE).toBe('$210.00')
    await other.getByRole('button', { name: 'Remove Visa ending in 4242' }).waitFor()
    // Nothing is awaited any more, so the page asks for nothing any more.
    expect(await other.locator('[hx-trigger]').count()).toBe(0)

    await other.getByRole('link', { name: 'Invoices' }).click()
    await heading(other, 'Invoices')
    const link = other.getByRole('link', { name: 'PDF of FB-' })
    await link.waitFor({ timeout: PATIENCE.timeout })
    const [download] = await Promise.all([other.waitForEvent('download'), link.click()])
    const content = readFileSync(await download.path())
    expect(download.suggestedFilename()).toMatch(/\.pdf$/)
    expect(content.subarray(0, 5).toString()).toBe('%PDF-')
    expect(complaints).toEqual([])
    expect(await farebox.verify()).toBe(CLEAN)
    await leave()
  })

  test('automatic top-up is switched on, the gateway spends below the threshold, and the page shows the purchase', async () => {
    const customer = await farebox.customer({ creditNano: 500n * NANO_PER_CENT })
    await buy(farebox, customer, 500, true)
    const { page, complaints, leave } = await signedIn(customer)
    await page.goto(`${farebox.url}/credits`)
    await page.getByRole('link', { name: 'Set up automatic top-up' }).click()
    await heading(page, 'Automatic top-up')
    await page.locator('#threshold').fill('9.9999')
    await page.locator('#amount').fill('25')
    await page.locator('#consent').check()
    await page.getByRole('button', { name: 'Switch automatic top-up on' }).click()
    await page.locator('#threshold-problem').waitFor()
    expect(await page.locator('#amount').inputValue()).toBe('25')
    await page.locator('#threshold').fill('10')
    await page.locator('#consent').check()
    await page.getByRole('button', { name: 'Switch automatic top-up on' }).click()
    await heading(page, 'Credits')
    expect(await factOf(page, 'When the balance falls below')).toBe('$10.00')

    const { client } = customer
    await client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
    const balance = async () => {
      await page.goto(`${farebox.url}/credits`)
      return Number((await page.locator('#balance').innerText()).slice(1))
    }
    await expect.poll(balance, PATIENCE).toBeGreaterThan(34)
    expect(await factOf(page, 'Last attempt')).toContain('Paid, and the credits are added.')
    await page.goto(`${farebox.url}/transactions?type=top-ups`)
    const row = page.getByRole('row', { name: /Automatic top-up/ })
    expect(await row.innerText()).toContain('+$25.00')
    expect(complaints).toEqual([])
    expect(await farebox.verify()).toBe(CLEAN)
    await leave()
  })

  test.each<[string, BrowserContextOptions]>([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: PHONE }],
    ['without-script', { viewport: PHONE, javaScriptEnabled: false }],
  ])('every page fits, moves nothing by itself, and keeps nobody out: %s', async (name, options) => {
    const started = await farebox.customer({ creditNano: 0n })
    const customer = await farebox.customer()
    await buy(farebox, customer, 500, true)
    await buy(farebox, customer, 12_345)
    await customer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
    const isScripted = options.javaScriptEnabled !== false

    async function look(page: Page, path: string, title: string, prefix = '') {
      await page.goto(farebox.url + path)
      await page.locator('h1', { hasText: title }).waitFor()
      if (isScripted) {
        expect(await page.evaluate<number>(LAYOUT_SHIFT), path).toBeLessThan(LAYOUT_SHIFT_MAX)
        expect(await page.evaluate<number>(SCRIPT_BYTES)).toBeLessThan(SCRIPT_BYTES_MAX)
        await expectFits(page)
        expect([path, await barriersOn(page)]).toEqual([path, []])
      }
      const picture = `${name}${prefix}${path.replace(/\W+/g, '-')}.png`
      if (PICTURES) await page.screenshot({ path: join(PICTURES, picture), fullPage: true })
    }

    const first = await signedIn(started, options)
    for (const [path, title] of [
      ['/', 'customer-'],
      ['/transactions', 'Transactions'],
      ['/invoices', 'Invoices'],
      ['/auto-top-up', 'Automatic top-up'],
    ] as const) {
      await look(first.page, path, title, '-new')
    }
    expect(first.complaints).toEqual([])
    await first.leave()

    const { page, complaints, leave } = await signedIn(customer, options)
    for (const [path, title] of [
      ['/', 'customer-'],
      ['/credits', 'Credits'],
      ['/add-credits', 'Add credits'],
      ['/add-credits?package=custom&amount=1', 'Add credits'],
      ['/auto-top-up', 'Automatic top-up'],
      ['/transactions', 'Transactions'],
      ['/transactions?type=refunds', 'Transactions'],
      ['/transactions?from=nonsense', 'Transactions'],
      ['/invoices', 'Invoices'],
      ['/settings/billing', 'Billing profile'],
    ] as const) {
      await look(page, path, title)
    }
    await page.goto(`${farebox.url}/add-credits?package=starter`)
    await page.getByRole('button', { name: /by bank transfer/ }).click()
    await page.waitForURL(/\/bank-transfers\//)
    await look(page, new URL(page.url()).pathname, 'Waiting for your transfer')
    expect(complaints).toEqual([])
    await leave()
  })
})

import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { setUpSeller } from '../portal/credits-support.ts'
import { PASSWORD } from '../sign-in/sign-in-world.ts'
import { factOf, hasBrowser, heading, launchBrowser, payBy, visit } from '../support/browser.ts'
import { CLEAN, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'

const EMAIL = 'nora@example.test'
const PAYS = '4242424242424242'
/** How soon a request is to be seen after its answer. */
const SEEN_MS_MAX = 5_000

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

  test('somebody signs up, pays, calls a model, sees and takes home what it cost, and is topped up', async () => {
    const { page, complaints, leave } = await visit(browser, [farebox.url, farebox.stripe.url])
    await signUp(page)
    await buyCredits(page)
    const client = await makeKey(page)
    const since = performance.now()
    await ask(client)
    await page.goto(`${farebox.url}/requests`)
    await page.locator('tbody tr', { hasText: 'First key' }).waitFor()
    await page.goto(`${farebox.url}/usage?group=key`)
    await page.locator('tbody tr', { hasText: 'First key' }).waitFor()
    expect(performance.now() - since).toBeLessThan(SEEN_MS_MAX)
    await takeInvoice(page)
    await switchTopUpOn(page)
    // A request costs a fraction of a cent: these take the balance over the threshold.
    for (let round = 0; round < 12; round += 1) await Promise.all(Array.from({ length: 10 }, () => ask(client)))
    const balance = async () => {
      await page.goto(`${farebox.url}/credits`)
      return Number((await page.locator('#balance').innerText()).slice(1))
    }
    await expect.poll(balance, PATIENCE).toBeGreaterThan(27)
    await page.goto(`${farebox.url}/transactions?type=top-ups`)
    expect(await page.getByRole('row', { name: /Automatic top-up/ }).innerText()).toContain('+$25.00')
    expect(complaints).toEqual([])
    expect(await farebox.verify()).toBe(CLEAN)
    await leave()
  })

  async function signUp(page: Page): Promise<void> {
    await page.goto(`${farebox.url}/sign-up`)
    await page.locator('#name').fill('Nora New')
    await page.locator('#company').fill('New Works')
    await page.locator('#email').fill(EMAIL)
    await page.locator('#password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await heading(page, 'Look into your mail')
    await page.goto(await linkMailed('Confirm your e-mail address'))
    await page.getByRole('button', { name: `Confirm ${EMAIL}` }).click()
    await heading(page, 'Sign in')
    await page.locator('#password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await heading(page, 'New Works')
  }

  async function buyCredits(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Add credits' }).first().click()
    await page.getByRole('radio', { name: /Custom/ }).check()
    await page.locator('#amount').fill('5')
    await expect.poll(() => factOf(page, 'Total'), PATIENCE).toBe('$5.00')
    await page.getByRole('checkbox', { name: /Save the card/ }).check()
    await page.getByRole('button', { name: 'Pay $5.00 by card' }).click()
    await page.waitForURL(`${farebox.stripe.url}/**`)
    await payBy(page, PAYS)
    await heading(page, 'Credits added')
  }

  async function makeKey(page: Page): Promise<OpenAI> {
    await page.goto(`${farebox.url}/keys`)
    await page.getByRole('link', { name: 'New key' }).first().click()
    await page.locator('#name').fill('First key')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await heading(page, 'The key “First key” is made')
    const apiKey = await page.locator('#secret').innerText()
    return new OpenAI({ apiKey, baseURL: `${farebox.url}/v1`, maxRetries: 0 })
  }

  async function takeInvoice(page: Page): Promise<void> {
    await page.goto(`${farebox.url}/invoices`)
    const link = page.getByRole('link', { name: 'PDF of FB-' })
    await link.waitFor({ timeout: PATIENCE.timeout })
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    expect(
      readFileSync(await download.path())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
  }

  async function switchTopUpOn(page: Page): Promise<void> {
    await page.goto(`${farebox.url}/auto-top-up`)
    await page.locator('#threshold').fill('4.99')
    await page.locator('#amount').fill('25')
    await page.locator('#consent').check()
    await page.getByRole('button', { name: 'Switch automatic top-up on' }).click()
    await heading(page, 'Credits')
  }

  async function ask(client: OpenAI): Promise<void> {
    await client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
  }

  /** The link in the one mail that has arrived with that subject. */
  async function linkMailed(subject: string): Promise<string> {
    let link: string | undefined
    const look = async () => {
      for (const file of await readdir(farebox.outbox).catch(() => [])) {
        const text = (await readFile(join(farebox.outbox, file), 'utf8')).replace(/=\r?\n/g, '').replaceAll('=3D', '=')
        if (text.includes(subject)) link ??= /https?:\/\/[^\s"<]+\?token=[\w-]{43}/.exec(text)?.[0]
      }
      return link
    }
    await expect.poll(look, PATIENCE).toBeDefined()
    return link as string
  }
})

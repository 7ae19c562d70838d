import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import OpenAI from 'openai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../sign-in/sign-in-world.ts'
import { DESKTOP, expectFits, hasBrowser, heading, launchBrowser, PHONE, visit } from '../support/browser.ts'
import type { Customer } from '../support/farebox.ts'
import { type Member, type PortalWorld, startPortalWorld } from './usage-world.ts'

/** Where pictures go for somebody to look at; unset = none are taken. */
const { PICTURES } = process.env
const SCRIPT_BYTES_MAX = 150_000
/** What people feel as a jump begins at 0.1; nothing here moves at all. */
const LAYOUT_SHIFT_MAX = 0.01

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What keeps people with disabilities out of a page, as axe finds it: WCAG 2.2, levels A and AA. */
async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate<string[]>(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}

/** How much of the page has moved by itself since it was opened. */
const shiftOf = (page: Page) =>
  page.evaluate<number>(`new Promise((resolve) => {
    let sum = 0
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value })
      .observe({ type: 'layout-shift', buffered: true })
    requestAnimationFrame(() => setTimeout(() => resolve(sum), 50))
  })`)

/** Bytes of script that came over the wire for this page. */
const scriptBytes = (page: Page) =>
  page.evaluate<number>(`performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`)

let world: PortalWorld
let browser: Browser
let customer: Customer
let owner: Member

async function signIn(page: Page): Promise<void> {
  await page.goto(`${world.farebox.url}/sign-in`)
  await page.locator('#email').fill(owner.email)
  await page.locator('#password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
}

describe.skipIf(!hasBrowser)('in a browser', () => {
  beforeAll(async () => {
    world = await startPortalWorld({ workers: true })
    browser = await launchBrowser()
    customer = await world.farebox.customer()
    owner = await world.member(customer.accountId, 'OWNER', 'Wanda Web')
    await world.ask(customer)
    await world.ask(customer, { stream: true })
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })

  test('a key is made, calls the gateway, and its request is seen within seconds', async () => {
    const { page, complaints, leave } = await visit(browser, [world.farebox.url])
    await signIn(page)
    await page.getByRole('link', { name: 'Keys', exact: true }).first().click()
    await page.getByRole('link', { name: 'New key' }).click()
    await page.locator('#name').fill('From the browser')
    await page.locator('#budgetMonth').fill('25')
    await page.locator('#models').fill('prized')
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.locator('#models-problem').waitFor()
    expect(await page.locator('#name').inputValue()).toBe('From the browser')
    await page.locator('#models').fill('priced')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await heading(page, 'The key “From the browser” is made')
    const secret = await page.locator('#secret').innerText()
    await page.getByRole('button', { name: 'Copy' }).click()
    await expect.poll(() => page.locator('#secret-copied').innerText()).not.toBe('')

    const client = new OpenAI({ apiKey: secret, baseURL: `${world.farebox.url}/v1`, maxRetries: 0 })
    const started = performance.now()
    await client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'Hello' }] })
    await page.goto(`${world.farebox.url}/requests`)
    await page.locator('tbody tr', { hasText: 'From the browser' }).waitFor()
    await page.goto(`${world.farebox.url}/usage?group=key`)
    await page.locator('tbody tr', { hasText: 'From the browser' }).waitFor()
    expect(performance.now() - started).toBeLessThan(5_000)

    await page.locator('tbody').getByRole('link', { name: 'From the browser' }).click()
    await heading(page, 'Requests')
    expect(await page.locator('tbody tr').count()).toBe(1)
    await page.locator('tbody tr').getByRole('link', { name: 'From the browser' }).click()
    await heading(page, 'From the browser')
    await page.getByText(/of \$25\.00 a month/).waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('the view is changed without leaving the page, stands in the address, and Back goes back', async () => {
    const { page, complaints, leave } = await visit(browser, [world.farebox.url])
    await signIn(page)
    await page.goto(`${world.farebox.url}/usage`)
    await page.locator('.chart canvas').waitFor()
    await page.evaluate('window.stayed = true')
    await page.locator('#group').selectOption('model')
    await page.getByRole('heading', { name: 'By model', exact: true }).waitFor()
    await page.locator('.chart canvas').waitFor()
    expect(page.url()).toContain('group=model')
    await page.locator('#metric').focus()
    await page.locator('#metric').selectOption('tokens')
    await page.getByRole('heading', { name: 'Tokens by model' }).waitFor()
    expect(await page.evaluate('window.stayed')).toBe(true)
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('metric')
    await page.goBack()
    await page.getByRole('heading', { name: 'Spend by model' }).waitFor()
    await page.reload()
    expect(await page.locator('#group').inputValue()).toBe('model')
    expect(complaints).toEqual([])
    await leave()
  })

  test.each<[string, BrowserContextOptions]>([
    ['light', { colorScheme: 'light', viewport: DESKTOP }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: PHONE }],
    ['without-script', { viewport: PHONE, javaScriptEnabled: false }],
  ])('every page fits, stands still, and keeps nobody out: %s', async (name, options) => {
    const { page, complaints, leave } = await visit(browser, [world.farebox.url], options)
    await signIn(page)
    const [request] = await world.farebox.rows<{ id: string }>('SELECT id FROM usage_event LIMIT 1')
    const [project] = await world.farebox.rows<{ id: string }>(
      'SELECT id FROM project WHERE account_id = $1',
      customer.accountId,
    )
    const pages = [
      ...['/usage', '/usage?group=model&range=7d', '/usage?range=custom&from=2026-02-02&to=2026-01-01', '/requests'],
      ...[
        `/requests/${request?.id}`,
        '/requests?status=FAILED',
        '/exports',
        '/keys',
        '/keys/new',
        `/keys/${customer.keyId}`,
      ],
      ...[`/keys/${customer.keyId}/edit`, '/projects', '/projects/new', `/projects/${project?.id}/edit`, '/settings'],
      ...['/settings/team', '/settings/notifications', '/settings/webhooks', '/settings/api-keys'],
    ]
    for (const [index, path] of pages.entries()) {
      const answer = await page.goto(world.farebox.url + path)
      expect([path, answer?.status()]).toEqual([path, path.includes('to=2026-01-01') ? 422 : 200])
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `usage-${name}-${index + 1}.png`), fullPage: true })
      if (options.javaScriptEnabled === false) continue
      expect([path, await barriersOn(page)]).toEqual([path, []])
      await expectFits(page)
      expect([path, (await shiftOf(page)) < LAYOUT_SHIFT_MAX]).toEqual([path, true])
      expect([path, (await scriptBytes(page)) < SCRIPT_BYTES_MAX]).toEqual([path, true])
    }
    expect(complaints).toEqual([])
    await leave()
  })
})

import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, totp } from '../sign-in/sign-in-world.ts'
import { expectFits, hasBrowser, heading, launchBrowser, PHONE, tabThrough, visit } from '../support/browser.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'

/** Where pictures go for somebody to look at; unset = none are taken. */
const { PICTURES } = process.env

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What keeps people with disabilities out of a page, as axe finds it: WCAG 2.2, levels A and AA. */
async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate<string[]>(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
}

let farebox: Farebox
let browser: Browser
describe.skipIf(!hasBrowser)('in a browser', () => {
  beforeAll(async () => {
    farebox = await startFarebox({ workers: true })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await farebox?.close()
  })

  /** The link in the one mail that has arrived with that subject. */
  async function linkMailed(subject: string): Promise<string> {
    let link: string | undefined
    await expect
      .poll(async () => {
        const files = await readdir(farebox.outbox).catch(() => [])
        for (const file of files) {
          const text = (await readFile(join(farebox.outbox, file), 'utf8'))
            .replace(/=\r?\n/g, '')
            .replaceAll('=3D', '=')
          if (text.includes(subject)) link ??= /https?:\/\/[^\s"<]+\?token=[\w-]{43}/.exec(text)?.[0]
        }
        return link
      }, PATIENCE)
      .toBeDefined()
    return link as string
  }

  test('somebody signs up, confirms by the mail, signs in, and sets up a second factor, all by keyboard', async () => {
    const { page, complaints, leave } = await visit(browser, [farebox.url])
    await page.goto(`${farebox.url}/sign-up`)
    const email = 'wanda@example.test'
    const fields: Record<string, string> = { name: 'Wanda Web', company: 'Web Works', email, password: PASSWORD }
    await page.locator('#name').fill('Wanda Web')
    const reached = await tabThrough(page, '#password', (id) => fields[id])
    expect(reached).toEqual(['company', 'email', 'password'])
    await page.keyboard.press('Enter')
    await heading(page, 'Look into your mail')

    await page.goto(await linkMailed('Confirm your e-mail address'))
    await page.getByRole('button', { name: `Confirm ${email}` }).click()
    await heading(page, 'Sign in')
    expect(await page.getByRole('status').innerText()).toBe('Your e-mail address is confirmed. Sign in to begin.')
    expect(await page.locator('#email').inputValue()).toBe(email)
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await heading(page, 'Web Works')

    // The link is kept nowhere once the mail is sent.
    expect(await farebox.rows(`SELECT data->>'path' AS path FROM mail WHERE recipient = $1`, email)).toEqual([
      { path: '/' },
    ])

    await page.getByText('Web Works, menu').click()
    await page.getByRole('link', { name: 'Password and security' }).click()
    await page.getByRole('link', { name: 'Set up a second factor' }).click()
    await page.locator('#password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await heading(page, 'Set up a second factor')
    await page.locator('.qr svg').waitFor()
    await page.locator('#code').fill(totp(await page.locator('#secret').innerText()))
    await page.keyboard.press('Enter')
    await heading(page, 'Password and security')
    await page.getByText('Set up', { exact: true }).waitFor()
    await page.locator('summary').click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await heading(page, 'Sign in')
    await page.goBack()
    await page.goto(farebox.url)
    await heading(page, 'Sign in')
    expect(complaints).toEqual([])
    await leave()
  })

  test.each<[string, BrowserContextOptions]>([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: PHONE }],
    ['without-script', { viewport: PHONE, javaScriptEnabled: false }],
  ])('every page fits, and nothing on it is refused: %s', async (name, options) => {
    const { page, complaints, leave } = await visit(browser, [farebox.url], options)
    const email = `${name}@example.test`
    let number = 0
    const look = async (title: string) => {
      await page.locator('h1', { hasText: title }).waitFor()
      if (options.javaScriptEnabled !== false) await expectFits(page)
      if (options.javaScriptEnabled !== false) expect(await barriersOn(page)).toEqual([])
      number += 1
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${number}.png`), fullPage: true })
    }
    await page.goto(`${farebox.url}/sign-up`)
    await look('Open an account')
    await page.locator('#name').fill('An unusually long name of somebody who has several given ones')
    await page.locator('#company').fill('Verylongcompanynamewithoutanyplacetobreakitintolines GmbH')
    await page.locator('#email').fill(email)
    await page.locator('#password').fill('short')
    await page.getByRole('button', { name: 'Open the account' }).click()
    await page.locator('#password-problem').waitFor()
    await look('Open an account')
    await page.locator('#password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Open the account' }).click()
    await look('Look into your mail')
    await farebox.pool.query('UPDATE "user" SET email_verified = true WHERE email = $1', [email])
    await page.goto(`${farebox.url}/sign-in`)
    await look('Sign in')
    await page.locator('#email').fill(email)
    await page.locator('#password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#problems').waitFor()
    await look('Sign in')
    await page.locator('#password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await look('Verylong')
    await page.locator('summary').click()
    await look('Verylong')
    await page.goto(`${farebox.url}/security`)
    await look('Password and security')
    await page.goto(`${farebox.url}/security/second-factor`)
    await page.locator('#password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Go on' }).click()
    await look('Set up a second factor')
    await page.goto(`${farebox.url}/no-such-page`)
    await look('There is nothing here')
    await page.goto(`${farebox.url}/verify-email?token=none`)
    await look('This link cannot be used')
    await page.goto(`${farebox.url}/forgot-password`)
    await look('Choose a new password')
    expect(complaints).toEqual([])
    await leave()
  })
})

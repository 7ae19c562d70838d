import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Where the usual installations put it; `CHROMIUM_PATH` names another place. */
const PLACES = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const chromiumPath = PLACES.find((path) => path !== '' && existsSync(path)) ?? null

/** Suites that need a browser are skipped without one, and say so where nobody overlooks it. */
export const hasBrowser = chromiumPath !== null
if (!hasBrowser) {
  const line = '!'.repeat(78)
  const places = PLACES.filter((path) => path !== '').join(', ')
  console.warn(`\n${line}\nNO CHROMIUM FOUND: the journeys in a browser are SKIPPED.\nLooked at ${places}.\n${line}\n`)
}

/** Nothing but this machine can be reached; what the browser itself would like to fetch is switched off. */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
]

/** An action that finds nothing to act on fails after this, with what it was looking for. */
const ACTION_TIMEOUT_MS = 10_000

export const PHONE = { width: 375, height: 740 }
export const DESKTOP = { width: 1_100, height: 800 }

export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('there is no chromium to launch')
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS })
}

/** One person at one browser: cookies and storage of their own. */
export interface Visitor {
  page: Page
  /** What the browser complained of, and every address that is not one of ours. Empty when all is well. */
  complaints: string[]
  leave(): Promise<void>
}

/**
 * A refused form is answered with 402 or 422 and the same page again, a link that was used up or came too late with 404 or
 * 409; the browser notes that down as an error, and means no more by it.
 */
const REFUSED_PAGE = /^Failed to load resource: the server responded with a status of (402|404|409|422) /

/** Opens a browser window to which only the `origins` are its own. */
export async function visit(
  browser: Browser,
  origins: readonly string[],
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options })
  context.setDefaultTimeout(ACTION_TIMEOUT_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    const isError = message.type() === 'error' || message.type() === 'warning'
    if (isError && !REFUSED_PAGE.test(message.text())) complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && !origins.includes(origin)) complaints.push(`request: ${request.url()}`)
  })
  return { page, complaints, leave: () => context.close() }
}

/** Fails where the page has to be scrolled sideways. */
export async function expectFits(page: Page): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate<{ scrollWidth: number; clientWidth: number }>(
    '({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })',
  )
  if (scrollWidth > clientWidth) throw new Error(`'${await page.title()}' is ${scrollWidth - clientWidth} px too wide`)
}

/** What a person enters, by the ids of the fields. */
export const CONTACT = {
  email: 'buyer@example.test',
  'card-name': 'Erika Muster',
  line1: 'Hauptstr. 1',
  'postal-code': '10115',
  city: 'Berlin',
}
export const cardFields = (card: string) => ({ 'card-number': card, 'card-expiry': '12 / 44', 'card-cvc': '123' })

/** Fills in whatever the page asks for; without a card it is a bank debit. */
export async function fill(page: Page, card: string | null): Promise<void> {
  if (card === null) await page.locator('#method-bank_debit').check()
  const fields = { ...CONTACT, ...(card !== null && cardFields(card)) }
  for (const [id, text] of Object.entries(fields)) {
    const field = page.locator(`#${id}:not([readonly])`)
    if ((await field.count()) > 0) await field.fill(text)
  }
  await page.locator('#country').selectOption('DE')
}

export async function payBy(page: Page, card: string): Promise<void> {
  await fill(page, card)
  await page.locator('#pay').click()
}

/** Waits for the page with that heading. */
export const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

/** The value beside a label in a list of facts. */
export async function factOf(page: Page, label: string): Promise<string> {
  return page.locator(`dl > div:has(dt:text-is("${label}")) dd`).innerText()
}

const TABS_MAX = 40

/**
 * Goes on with Tab up to an element, and types at each field what `textFor` has for its id.
 * @returns the ids on the way
 * @throws Error where focus is not visible
 */
export async function tabThrough(
  page: Page,
  end: string,
  textFor: (id: string) => string | undefined,
): Promise<string[]> {
  const reached: string[] = []
  for (let tabs = 0; tabs < TABS_MAX && `#${reached.at(-1)}` !== end; tabs++) {
    await page.keyboard.press('Tab')
    const id = await page.evaluate<string>('document.activeElement.id')
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')
    if (outline === 'none') throw new Error(`it cannot be seen that the focus is at '${id}'`)
    const text = textFor(id)
    if (text !== undefined) await page.keyboard.type(text)
    reached.push(id)
  }
  return reached
}

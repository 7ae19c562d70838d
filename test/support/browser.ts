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
 * A refused form is answered with 402 or 422 and the same page again, and a link that was used up with 404; the browser
 * notes that down as an error, and means no more by it.
 */
const REFUSED_PAGE = /^Failed to load resource: the server responded with a status of (402|404|422) /

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

/** How many pixels of the page are out of sight to the right; 0 when nothing has to be scrolled sideways. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { balanceCents, startedCheckout } from '../orders/money-in-calls.ts'
import { hasBrowser, heading, launchBrowser, type Visitor, visit } from '../support/browser.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'

/** A Farebox with its background jobs and a simulated Stripe, and a browser to look at both. */
export interface BrowserWorld {
  readonly farebox: Farebox
  /** A new window with cookies of its own, closed with the journey. */
  window(options?: BrowserContextOptions): Promise<Page>
  buyer(): Promise<Customer>
  balance(customer: Customer): Promise<number>
  /** A payment page, opened where the API said, while confirmations are held back. */
  atCheckout(asked?: { amount?: number; package?: string }, options?: BrowserContextOptions): Promise<Visit>
  holdConfirmations(): void
  /** Lets the confirmations through. */
  confirm(): Promise<void>
  /** Pressing Pay credits nothing; the confirmation does, and the pages that are open show it by themselves. */
  expectCreditedOnceConfirmed(cents: number, ...visits: Pick<Visit, 'page' | 'customer'>[]): Promise<void>
}

export interface Visit {
  page: Page
  customer: Customer
  /** Of the session, and where it is paid. */
  id: string
  url: string
  orderId: string
}

/** A story that needs a browser. */
export const journey = test.skipIf(!hasBrowser)

/** One world for the journeys of a file. After each of them nothing was fetched from elsewhere, and no page complained. */
export function browserWorld(): BrowserWorld {
  let farebox: Farebox
  let browser: Browser
  let visitors: Visitor[] = []

  beforeAll(async () => {
    if (!hasBrowser) return
    farebox = await startFarebox({ stripe: true, workers: true })
    await ensureDefaultPackages(farebox.pool, farebox.clock, 'USD')
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await farebox?.close()
  })
  afterEach(async () => {
    const left = visitors
    visitors = []
    farebox.stripe.control.deliver({ mode: 'normal' })
    await Promise.all(left.map(({ leave }) => leave()))
    expect(left.flatMap(({ complaints }) => complaints)).toEqual([])
  })

  const world: BrowserWorld = {
    get farebox() {
      return farebox
    },
    async window(options) {
      const visitor = await visit(browser, [farebox.url, farebox.stripe.url], options)
      visitors.push(visitor)
      return visitor.page
    },
    buyer: () => farebox.customer({ creditNano: 0n }),
    balance: (customer) => balanceCents(farebox, customer),
    async atCheckout(asked = { amount: 500 }, options = {}) {
      const customer = await world.buyer()
      const checkout = await startedCheckout(farebox, customer, asked)
      world.holdConfirmations()
      const page = await world.window(options)
      await page.goto(checkout.url)
      return { customer, page, ...checkout }
    },
    holdConfirmations: () => farebox.stripe.control.deliver({ mode: 'hold' }),
    async confirm() {
      const { control } = farebox.stripe
      control.deliver({ mode: 'normal' })
      await control.release()
      await control.idle()
    },
    async expectCreditedOnceConfirmed(cents, ...visits) {
      const balances = () => Promise.all(visits.map(({ customer }) => world.balance(customer)))
      await Promise.all(visits.map(({ page }) => heading(page, 'Waiting for the payment')))
      expect(await balances()).toEqual(visits.map(() => 0))
      await world.confirm()
      await Promise.all(visits.map(({ page }) => heading(page, 'Credits added')))
      expect(await balances()).toEqual(visits.map(() => cents))
      expect(await farebox.verify()).toBe(CLEAN)
    },
  }
  return world
}

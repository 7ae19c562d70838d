import { mkdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { MemberRole, StaffRole } from '../../src/accounts/actor.ts'
import { addUser } from '../../src/accounts/add-user.ts'
import { createPrisma, type Prisma } from '../../src/db/prisma.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { RESELLER_SELLER, SELLER } from '../back-office/office-world.ts'
import { hasBrowser, launchBrowser, type Visitor, visit } from '../support/browser.ts'
import { type Farebox, startFarebox } from '../support/farebox.ts'

const PASSWORD = 'correct horse battery'
const WIDE = { viewport: { width: 1_280, height: 900 } }
/** The scripts are the same for all suites, and take seconds to bundle: they are kept between them. */
const BUNDLES = join(tmpdir(), 'farebox-test-journeys', 'back-office')
/** The first who comes waits for the back office to be loaded. */
const LOADING_MS = 60_000

/** Somebody who is signed in, in a window of their own. */
export interface Colleague {
  readonly userId: string
  readonly name: string
  readonly page: Page
  /** What their own page could send: the status, and what was answered. */
  send(act: string, form: Record<string, unknown>): Promise<{ status: number; message: string }>
}

/** A Farebox with sellers, and people of both sides who sign in at its real page. */
export interface BackOfficeWorld {
  readonly farebox: Farebox
  staff(role: StaffRole, name: string): Promise<Colleague>
  member(accountId: string, role: MemberRole, name: string): Promise<Colleague>
  /** A customer with a name. */
  customer(name: string, resellerId?: string | null): Promise<string>
  balance(accountId: string): Promise<bigint>
  acts(action: string): Promise<{ outcome: string; actor_id: string; reason: string | null }[]>
}

/** After each journey nothing was fetched from elsewhere, and no page complained of more than a refusal. */
export function backOfficeWorld(): BackOfficeWorld {
  let farebox: Farebox
  let browser: Browser
  let prisma: Prisma
  let visitors: Visitor[] = []

  beforeAll(async () => {
    if (!hasBrowser) return
    farebox = await startFarebox()
    mkdirSync(BUNDLES, { recursive: true })
    symlinkSync(BUNDLES, join(dirname(farebox.outbox), 'back-office'))
    prisma = createPrisma(farebox.database.connectionString)
    await writeSeller(farebox.pool, farebox.clock, null, SELLER)
    await writeSeller(farebox.pool, farebox.clock, farebox.resellerId, RESELLER_SELLER)
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await prisma?.$disconnect()
    await farebox?.close()
  })
  afterEach(async () => {
    const left = visitors
    visitors = []
    await Promise.all(left.map(({ leave }) => leave()))
    const refused = /Failed to load resource: the server responded with a status of 403/
    expect(left.flatMap(({ complaints }) => complaints).filter((complaint) => !refused.test(complaint))).toEqual([])
  })

  async function colleague(
    name: string,
    of: Pick<Parameters<typeof addUser>[2], 'staffRole' | 'membership'>,
  ): Promise<Colleague> {
    const email = `${crypto.randomUUID()}@example.test`
    const userId = await addUser(prisma, farebox.clock, { email, name, password: PASSWORD, ...of })
    const visitor = await visit(browser, [farebox.url], WIDE)
    visitors.push(visitor)
    const { page } = visitor
    await page.goto(`${farebox.url}/sign-in?next=/admin`)
    await page.locator('#email').fill(email)
    await page.locator('#password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click({ timeout: LOADING_MS })
    await page.getByRole('link', { name: 'Sign out' }).waitFor({ timeout: LOADING_MS })
    return {
      ...{ userId, name, page },
      async send(act, form) {
        const asked = JSON.stringify({ act, form: { key: crypto.randomUUID(), ...form } })
        return page.evaluate<{ status: number; message: string }>(`(async ({ act, form }) => {
          const response = await fetch('/admin/data/acting/' + act, {
            method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(form),
          })
          return { status: response.status, message: (await response.json()).message }
        })(${asked})`)
      },
    }
  }

  return {
    get farebox() {
      return farebox
    },
    staff: (staffRole, name) => colleague(name, { staffRole, membership: null }),
    member: (accountId, role, name) => colleague(name, { staffRole: null, membership: { accountId, role } }),
    async customer(name, resellerId = null) {
      const { accountId } = await farebox.customer({ creditNano: 0n, resellerId: resellerId as string })
      await farebox.pool.query('UPDATE account SET name = $2 WHERE id = $1', [accountId, name])
      return accountId
    },
    async balance(accountId) {
      const [row] = await farebox.rows<{ balance: string }>(
        'SELECT balance_nano AS balance FROM wallet WHERE account_id = $1',
        accountId,
      )
      return BigInt(row?.balance ?? -1)
    },
    acts: (action) =>
      farebox.rows('SELECT outcome, actor_id, reason FROM audit_entry WHERE action = $1 ORDER BY seq', action),
  }
}

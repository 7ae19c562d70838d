import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordAct } from '../../src/audit/record-act.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { hasBrowser, launchBrowser, visit } from '../support/browser.ts'
import { type AdminWorld, staff, startAdminWorld } from './admin-world.ts'
import { seedTree, type Tree } from './two-trees.ts'

const WIDE = { viewport: { width: 1_440, height: 900 } }
const SCREENSHOTS = process.env.ADMIN_SCREENSHOTS

describe.skipIf(!hasBrowser)('pages of the back office', () => {
  let world: AdminWorld
  let browser: Browser
  let tree: Tree
  const adminId = randomUUID()

  beforeAll(async () => {
    world = await startAdminWorld()
    tree = await seedTree(world.database.connectionString, 'tree-a', '<script>alert(1)</script> & "Sons"')
    world.enter('admin', staff('ADMIN', adminId, '</script><script>alert(2)</script>'))
    await world.pool.query(
      `INSERT INTO "user" (id, email, name, created_at) VALUES ($1, 'ada@example.test', 'Ada', now())`,
      [adminId],
    )
    browser = await launchBrowser()
  }, 240_000)
  afterAll(async () => {
    await browser.close()
    await world.close()
  })

  const enter = async (path: string) => {
    const visitor = await visit(browser, [world.url], WIDE)
    const { hostname } = new URL(world.url)
    await visitor.page.context().addCookies([{ name: 'visitor', value: 'admin', domain: hostname, path: '/' }])
    await visitor.page.goto(`${world.url}${path}`)
    return visitor
  }
  const shoot = async (page: Awaited<ReturnType<typeof enter>>['page'], name: string) => {
    if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` })
  }

  test('the first page comes within three seconds, loads nothing from elsewhere, and runs no script of a name', async () => {
    // The best of some visits with empty caches: the machine may be busy with other things.
    const times: number[] = []
    for (let visits = 0; visits < 3; visits++) {
      const began = performance.now()
      const first = await enter('/admin')
      await first.page.getByRole('heading', { name: 'Welcome' }).waitFor()
      times.push(performance.now() - began)
      await first.leave()
    }
    expect(Math.min(...times)).toBeLessThan(3_000)
    const { page, complaints, leave } = await enter('/admin')
    await page.getByRole('heading', { name: 'Welcome' }).waitFor()
    await shoot(page, 'dashboard')
    expect(await page.locator('body').innerText()).toContain('</script><script>alert(2)</script>')
    expect(complaints).toEqual([])
    await leave()
  })

  test('a list and a row are shown, with markup in a name as text', async () => {
    const { page, complaints, leave } = await enter('/admin/resources/accounts')
    await page.getByText('<script>alert(1)</script> & "Sons" customer').first().waitFor()
    await shoot(page, 'accounts')
    await page.getByText('<script>alert(1)</script> & "Sons" customer').first().click()
    await page.getByRole('link', { name: 'Ledger entries' }).waitFor()
    await shoot(page, 'account')
    expect(complaints).toEqual([])
    await leave()
  })

  test('a list is filtered by an amount as people write it, and the filter is kept under a name', async () => {
    const { page, complaints, leave } = await enter('/admin/resources/orders')
    await page.getByText('1.00 USD').first().waitFor()
    await shoot(page, 'orders')
    await page.locator('[data-css="orders-filter-button"]').click()
    await page.locator('[id="filter-totalMinor~~from"]').fill('2.50')
    await shoot(page, 'filter')
    await page.getByRole('button', { name: 'Apply changes' }).click()
    await page.getByText('Nothing matches these filters.').waitFor()
    expect(decodeURIComponent(page.url())).toContain('filters.totalMinor~~from=2.50')
    await page.getByLabel('Name of the filter').fill('Large ones')
    await page.getByRole('button', { name: 'Keep' }).click()
    await page.getByRole('link', { name: 'Large ones' }).waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByText('1.00 USD').first().waitFor()
    await page.getByRole('link', { name: 'Large ones' }).click()
    await page.getByText('Nothing matches these filters.').waitFor()
    await page.getByRole('button', { name: 'Remove the filter Large ones' }).click()
    await page.getByRole('link', { name: 'Large ones' }).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await leave()
  })

  test('an act of the audit log says what it changed; money has its sign, and its exact value on hover', async () => {
    const actor = {
      userId: adminId,
      name: 'Ada',
      role: 'ADMIN',
      side: 'OPERATOR',
      resellerId: null,
      clientIp: null,
    } as const
    const id = await inTransaction(world.pool, (client) =>
      recordAct(
        client,
        { now: () => Date.now() },
        {
          ...{
            actor,
            action: 'account.rename',
            subjectKind: 'account',
            subjectId: tree.customerId,
            accountId: tree.customerId,
          },
          ...{
            outcome: 'DONE',
            reason: 'Asked by telephone',
            before: { name: 'Old', plan: 'a' },
            after: { name: 'New', plan: 'a' },
          },
        },
      ),
    )
    const act = await enter(`/admin/resources/audit/records/${id}/show`)
    await act.page.getByRole('rowheader', { name: 'name' }).waitFor()
    expect(await act.page.getByRole('row', { name: /^name/ }).innerText()).toMatch(/Old\s+New/)
    expect(await act.page.getByRole('row', { name: /^plan/ }).count()).toBe(0)
    await shoot(act.page, 'act')
    expect(act.complaints).toEqual([])
    await act.leave()
    // Among all others, the debits of usage are left out; of one account they are listed.
    const all = await enter('/admin/resources/entries')
    await all.page.getByText('Without the debits of usage').waitFor()
    expect(await all.page.getByTitle('-0.000000001 USD', { exact: true }).count()).toBe(0)
    await all.leave()
    const entries = await enter(`/admin/resources/entries?filters.accountId=${tree.customerId}`)
    const amount = entries.page.getByTitle('-0.000000001 USD', { exact: true })
    await amount.waitFor()
    expect(await amount.innerText()).toBe('>-0.000001 USD')
    await shoot(entries.page, 'entries')
    await entries.leave()
  })

  test('the board of the jobs is shown, and loads nothing from elsewhere', async () => {
    const { page, complaints, leave } = await enter('/admin')
    await page.getByRole('link', { name: 'Jobs' }).click()
    await page.getByText('auto-top-up').first().waitFor()
    await shoot(page, 'jobs')
    expect(complaints).toEqual([])
    await leave()
  })

  test('who comes before everything is loaded sees a page that waits, and goes on by itself', async () => {
    const cold = await startAdminWorld({ isWarm: false })
    cold.enter('admin', staff('ADMIN', adminId))
    const visitor = await visit(browser, [cold.url], WIDE)
    await visitor.page.context().addCookies([{ name: 'visitor', value: 'admin', domain: '127.0.0.1', path: '/' }])
    await visitor.page.goto(`${cold.url}/admin`)
    await visitor.page.getByRole('heading', { name: 'One moment' }).waitFor()
    await visitor.page.getByRole('heading', { name: 'Welcome' }).waitFor({ timeout: 60_000 })
    await visitor.leave()
    await cold.close()
  }, 120_000)
})

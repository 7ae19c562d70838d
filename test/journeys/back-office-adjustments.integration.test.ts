import { describe, expect } from 'vitest'
import { CLEAN } from '../support/farebox.ts'
import { backOfficeWorld } from './back-office-world.ts'
import { journey } from './browser-world.ts'

const UNIT = 1_000_000_000n
const JOURNEY_MS = 180_000
const MARKUP = '<img src=x onerror=alert(1)> & "Sons"'

describe('adjustments and rights in the back office', () => {
  const world = backOfficeWorld()

  journey(
    'an adjustment above the limit waits for a second person: who asked cannot approve it, another can',
    async () => {
      const { farebox } = world
      const accountId = await world.customer('Goodwill')
      const felix = await world.staff('FINANCE', 'Felix Finance')
      await felix.page.goto(`${farebox.url}/admin/pages/adjust?account=${accountId}`)
      await felix.page.getByLabel('Amount (USD)').fill('1,500')
      await felix.page.getByRole('button', { name: 'Add 1,500 USD' }).click()
      await felix.page.getByRole('alert').getByText('1,500 can mean 1500.00 or 1.50: write which of them.').waitFor()
      await felix.page.getByLabel('Amount (USD)').fill('1,500.00')
      await felix.page.getByText('once somebody else has approved it').waitFor()
      await felix.page.getByLabel('Why').fill('The outage of last week')
      await felix.page
        .getByLabel('Attachment')
        .setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear all') })
      await felix.page.getByRole('button', { name: 'Add 1,500.00 USD' }).dblclick()
      await felix.page.getByText('Somebody else has to decide about 1,500.00 USD').waitFor()
      expect(await world.balance(accountId)).toBe(0n)
      const waiting = await farebox.rows<{ id: string }>('SELECT id FROM adjustment WHERE account_id = $1', accountId)
      expect(waiting).toHaveLength(1)

      await felix.page.goto(`${farebox.url}/admin/pages/approvals`)
      const own = felix.page.getByRole('article', { name: 'Adjustment for Goodwill' })
      await own.getByText('You have asked for this: somebody else has to decide.').waitFor()
      expect(await own.getByRole('button').count()).toBe(0)
      const decision = { adjustmentId: waiting[0]?.id, decision: 'approve', note: '' }
      expect(await felix.send('adjustment-decide', decision)).toMatchObject({
        status: 403,
        message: expect.stringContaining('Somebody else has to decide'),
      })
      expect(await world.balance(accountId)).toBe(0n)

      const frieda = await world.staff('FINANCE', 'Frieda Finance')
      await frieda.page.goto(`${farebox.url}/admin/pages/approvals`)
      const card = frieda.page.getByRole('article', { name: 'Adjustment for Goodwill' })
      const [file] = await Promise.all([
        frieda.page.waitForEvent('download'),
        card.getByRole('link', { name: 'letter.txt' }).click(),
      ])
      expect(file.suggestedFilename()).toBe('letter.txt')
      await card.getByRole('button', { name: 'Approve 1,500.00 USD' }).click()
      await frieda.page.getByText('Booked: 1,500.00 USD.').waitFor()
      expect(await world.balance(accountId)).toBe(1_500n * UNIT)
      expect((await world.acts('adjustment.approve')).map(({ outcome, actor_id }) => [outcome, actor_id])).toEqual([
        ['REFUSED', felix.userId],
        ['DONE', frieda.userId],
      ])
      expect(await farebox.verify()).toBe(CLEAN)
    },
    JOURNEY_MS,
  )

  journey(
    'support looks and does not touch: what it sends all the same is refused and written down',
    async () => {
      const { farebox } = world
      const accountId = await world.customer('Looked at')
      const samuel = await world.staff('SUPPORT', 'Samuel Support')
      await samuel.page.goto(`${farebox.url}/admin/pages/account?id=${accountId}`)
      await samuel.page.getByRole('heading', { name: 'Looked at' }).waitFor()
      expect(await samuel.page.getByRole('link', { name: 'Adjust credits' }).count()).toBe(0)
      expect(await samuel.page.getByRole('heading', { name: 'Change the account' }).count()).toBe(0)
      await samuel.page.getByLabel('New note').fill('They called')
      await samuel.page.getByRole('button', { name: 'Keep the note' }).click()
      await samuel.page.getByText('Samuel Support,').waitFor()
      const NOT_ALLOWED = { status: 403, message: 'Your role does not let you do this.' }
      const credit = { accountId, kind: 'CREDIT', amountNano: '5.00', reason: 'For myself, please', promotional: true }
      expect(await samuel.send('adjustment-request', credit)).toEqual(NOT_ALLOWED)
      expect(await samuel.send('account-access', { accountId, disabled: true, reason: '' })).toEqual(NOT_ALLOWED)
      for (const action of ['adjustment.credit', 'account.disable']) {
        expect((await world.acts(action)).filter(({ actor_id }) => actor_id === samuel.userId)).toEqual([
          { outcome: 'REFUSED', actor_id: samuel.userId, reason: NOT_ALLOWED.message },
        ])
      }
      expect(await world.balance(accountId)).toBe(0n)
      expect(await farebox.rows('SELECT FROM adjustment WHERE account_id = $1', accountId)).toEqual([])
    },
    JOURNEY_MS,
  )

  journey(
    'markup in names, notes and reasons is shown as text',
    async () => {
      const { farebox } = world
      const accountId = await world.customer(MARKUP)
      const ada = await world.staff('ADMIN', MARKUP)
      await ada.page.goto(`${farebox.url}/admin/pages/account?id=${accountId}`)
      await ada.page.getByRole('heading', { name: MARKUP }).waitFor()
      await ada.page.getByLabel('New note').fill(MARKUP)
      await ada.page.getByRole('button', { name: 'Keep the note' }).click()
      await ada.page.getByRole('article').getByText(MARKUP).first().waitFor()
      const asked = { accountId, kind: 'CREDIT', amountNano: '2000.00', reason: MARKUP, promotional: true }
      expect(await ada.send('adjustment-request', asked)).toMatchObject({ status: 200 })
      const other = await world.staff('FINANCE', 'Other')
      await other.page.goto(`${farebox.url}/admin/pages/approvals`)
      await other.page
        .getByRole('article', { name: `Adjustment for ${MARKUP}` })
        .getByText(`: ${MARKUP}`)
        .waitFor()
      await other.page.goto(`${farebox.url}/admin/pages/new-order`)
      await other.page.getByLabel('Account', { exact: true }).fill('Sons')
      await other.page.getByRole('button', { name: MARKUP }).waitFor()
      for (const { page } of [ada, other]) expect(await page.locator('img[src="x"]').count()).toBe(0)
    },
    JOURNEY_MS,
  )
})

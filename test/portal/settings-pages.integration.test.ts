import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestExport } from '../../src/exports/request-export.ts'
import { queueExpiryNotices } from '../../src/orders/expiry-notices.ts'
import { startReceiver } from '../notifications/receiver.ts'
import { type Customer, PATIENCE } from '../support/farebox.ts'
import { type Member, type PortalWorld, startPortalWorld } from './usage-world.ts'

let world: PortalWorld
let customer: Customer
let owner: Member
let billing: Member
let developer: Member
let stranger: Member

beforeAll(async () => {
  world = await startPortalWorld({ workers: true })
  customer = await world.farebox.customer()
  owner = await world.member(customer.accountId, 'OWNER', 'Olga Owner')
  billing = await world.member(customer.accountId, 'BILLING')
  developer = await world.member(customer.accountId, 'DEVELOPER', 'Dev Eloper')
  stranger = await world.member((await world.farebox.customer()).accountId, 'OWNER')
})
afterAll(() => world.close())

describe('the team', () => {
  const path = '/settings/team'
  const roleOf = async ({ userId }: Member) =>
    (await world.farebox.rows<{ role: string }>('SELECT role FROM membership WHERE user_id = $1', userId))[0]?.role ??
    null

  test('is seen by its members, and changed by owners alone', async () => {
    expect((await developer.visitor.get(path)).html).toContain('Olga Owner')
    for (const { visitor } of [billing, developer]) {
      for (const act of ['invitations', `${owner.userId}/role`, `${owner.userId}/remove`]) {
        const fields = { email: 'new@example.test', role: 'OWNER' }
        expect((await visitor.post(`${path}/${act}`, fields, '/security')).status).toBe(403)
      }
    }
    expect((await stranger.visitor.post(`${path}/${developer.userId}/role`, { role: 'OWNER' }, path)).status).toBe(404)
    expect((await owner.visitor.post(`${path}/${stranger.userId}/remove`, {}, path)).status).toBe(404)
    expect((await owner.visitor.post(`${path}/nobody/remove`, {}, path)).status).toBe(404)
    expect((await owner.visitor.postRaw(`${path}/${developer.userId}/remove`, {})).status).toBe(403)
    expect(await roleOf(developer)).toBe('DEVELOPER')
  })

  test('never loses its last owner, though two leave at once', async () => {
    await owner.visitor.post(`${path}/${owner.userId}/remove`, {}, path)
    await owner.visitor.post(`${path}/${owner.userId}/role`, { role: 'VIEWER' }, path)
    expect(await roleOf(owner)).toBe('OWNER')
    expect((await owner.visitor.get(path)).html).toContain('The account needs an owner')
    const second = await world.member(customer.accountId, 'OWNER')
    await Promise.all([
      owner.visitor.post(`${path}/${owner.userId}/remove`, {}, path),
      second.visitor.post(`${path}/${second.userId}/remove`, {}, path),
    ])
    expect([await roleOf(owner), await roleOf(second)].filter((role) => role === 'OWNER')).toHaveLength(1)
    if ((await roleOf(owner)) === null) owner = second
  })

  test('is joined by invitation, and left at once', async () => {
    const sent = await owner.visitor.post(`${path}/invitations`, { email: 'new@example.test', role: 'VIEWER' }, path)
    expect(sent.status).toBe(303)
    const { html } = await owner.visitor.get(path)
    expect(html).toContain('new@example.test')
    expect((await developer.visitor.get(path)).html).not.toContain('new@example.test')
    const id = /invitations\/([0-9a-f-]{36})\/revoke/.exec(html)?.[1] as string
    expect((await stranger.visitor.post(`${path}/invitations/${id}/revoke`, {}, path)).status).toBe(404)
    expect((await owner.visitor.post(`${path}/invitations/${id}/revoke`, {}, path)).status).toBe(303)
    const leaving = await world.member(customer.accountId, 'VIEWER')
    await owner.visitor.post(`${path}/${leaving.userId}/remove`, {}, path)
    expect((await leaving.visitor.get('/usage')).status).toBe(403)
  })

  test.each([
    [{ email: 'nobody', role: 'VIEWER' }, 'email'],
    [{ email: 'new@example.test', role: 'EMPEROR' }, 'role'],
  ])('invites nobody by %j', async (fields, field) => {
    const { status, html } = await owner.visitor.post(`${path}/invitations`, fields, path)
    expect(status).toBe(422)
    expect(html).toContain(`id="${field}-problem"`)
  })

  test('invites nobody who belongs to it', async () => {
    const { html } = await owner.visitor.post(`${path}/invitations`, { email: developer.email, role: 'OWNER' }, path)
    expect(html).toContain('They belong to the account already')
    expect(await roleOf(developer)).toBe('DEVELOPER')
  })
})

describe('notifications', () => {
  const path = '/settings/notifications'

  test('are set by who handles money, and stay as they were set', async () => {
    expect((await developer.visitor.get(path)).status).toBe(403)
    expect((await billing.visitor.post(path, { threshold: '1,250.50', topUpMails: 'on' })).status).toBe(303)
    const { html } = await billing.visitor.get(path)
    expect(html).toContain('value="1250.5"')
    expect(html).toMatch(/name="topUpMails" checked/)
    expect(html).not.toMatch(/name="expiryMails" checked/)
  })

  test.each(['-1', '0', 'much', '1.250,00', '99999999999'])(
    'refuse the threshold %s, and keep it in the form',
    async (threshold) => {
      const { status, html } = await billing.visitor.post(path, { threshold })
      expect(status).toBe(422)
      expect(html).toContain('id="threshold-problem"')
      expect(html).toContain(`value="${threshold}"`)
    },
  )

  test('of a low balance come by themselves, and mails that are off do not', async () => {
    await billing.visitor.post(path, { threshold: '1000' })
    const templates = () =>
      world.farebox.rows<{ template: string }>(
        'SELECT DISTINCT template FROM mail WHERE account_id = $1',
        customer.accountId,
      )
    await expect.poll(templates, PATIENCE).toContainEqual({ template: 'low-balance' })
    await world.farebox.credit(customer.accountId, 5_000_000_000n, world.farebox.clock.now() + 86_400_000)
    await queueExpiryNotices({ pool: world.farebox.pool, clock: world.farebox.clock })
    expect(await templates()).not.toContainEqual({ template: 'credits-expiring' })
    expect(await world.farebox.rows('SELECT lot_id FROM expiry_notice')).not.toEqual([])
  })
})

describe('webhooks', () => {
  const path = '/settings/webhooks'

  test('are added, tried, sent again and removed on their page', async () => {
    const receiver = await startReceiver()
    expect((await developer.visitor.get(path)).status).toBe(403)
    const added = await billing.visitor.post(path, { url: receiver.url })
    expect(added.status).toBe(201)
    expect(added.html).toMatch(/<code id="secret">whsec_[A-Za-z0-9+/]+=*<\/code>/)
    const { html } = await billing.visitor.get(path)
    expect(html).not.toContain('whsec_')
    const id = /webhooks\/([0-9a-f-]{36})\/test/.exec(html)?.[1] as string
    for (const act of ['test', 'remove']) {
      expect((await stranger.visitor.post(`${path}/${id}/${act}`, {}, path)).status).toBe(404)
    }
    expect((await billing.visitor.post(`${path}/${id}/test`, {}, path)).status).toBe(303)
    await expect.poll(() => receiver.received.length, PATIENCE).toBe(1)
    await expect.poll(async () => (await billing.visitor.get(path)).html, PATIENCE).toContain('Delivered')
    const delivery = /deliveries\/([0-9a-f-]{36})\/resend/.exec((await billing.visitor.get(path)).html)?.[1] as string
    const resend = `${path}/deliveries/${delivery}/resend`
    expect((await stranger.visitor.post(resend, {}, path)).status).toBe(404)
    expect((await billing.visitor.postRaw(resend, {})).status).toBe(403)
    expect((await billing.visitor.post(resend, {}, path)).status).toBe(303)
    await expect.poll(() => receiver.received.length, PATIENCE).toBe(2)
    expect((await billing.visitor.post(`${path}/${id}/remove`, {}, path)).status).toBe(303)
    expect((await billing.visitor.get(path)).html).not.toContain(`${id}/test`)
    await receiver.close()
  })

  test.each(['http://example.com/', 'https://169.254.169.254/', 'not an address'])(
    'refuse %s at the field',
    async (url) => {
      const { status, html } = await billing.visitor.post(path, { url })
      expect(status).toBe(422)
      expect(html).toContain('id="url-problem"')
      expect(html).toContain(`value="${url}"`)
    },
  )
})

describe('exports', () => {
  test('of many requests are made by a job, told to who asked, and are nobody else’s', async () => {
    const { accountId } = customer
    await world.ask(customer)
    const now = world.farebox.clock.now()
    const made = await requestExport(world.farebox.running.desk, {
      ...{ accountId, kind: 'USAGE', format: 'csv', from: now - 86_400_000, to: now + 3_600_000 },
      ...{ filters: { streaming: false, model: 'priced' }, requestedBy: developer.userId, idempotencyKey: null },
    })
    const page = `/exports/${made.id}`
    await expect.poll(async () => (await developer.visitor.get(page)).html, PATIENCE).toContain('Download the CSV file')
    const file = await developer.visitor.get(`${page}/file`)
    expect(file.headers.get('content-disposition')).toContain('attachment')
    expect(file.html.trim().split('\n')).toHaveLength(2)
    for (const path of [page, `${page}/file`]) expect((await stranger.visitor.get(path)).status).toBe(404)
    expect((await developer.visitor.get('/exports')).html).toContain(made.id)
    expect((await stranger.visitor.get('/exports')).html).toContain('Nothing yet')
    const mails = await world.farebox.rows(
      `SELECT recipient, data->>'path' AS path FROM mail WHERE template = 'export-ready'`,
    )
    expect(mails).toEqual([{ recipient: developer.email, path: page }])
  })

  test('of statements are for who handles money', async () => {
    const now = world.farebox.clock.now()
    const { id } = await requestExport(world.farebox.running.desk, {
      ...{ accountId: customer.accountId, kind: 'STATEMENT', format: 'csv', from: now - 86_400_000, to: now },
      ...{ requestedBy: billing.userId, idempotencyKey: null },
    })
    expect((await billing.visitor.get(`/exports/${id}`)).status).toBe(200)
    expect((await developer.visitor.get(`/exports/${id}`)).status).toBe(404)
    expect((await developer.visitor.get('/exports')).html).not.toContain(id)
  })
})

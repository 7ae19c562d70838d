import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Customer, PATIENCE } from '../support/farebox.ts'
import { type Member, type PortalWorld, startPortalWorld } from './usage-world.ts'

let world: PortalWorld
let customer: Customer
let owner: Member
let developer: Member
let billing: Member
let viewer: Member
let stranger: Member
let theirs: Customer

beforeAll(async () => {
  world = await startPortalWorld()
  ;[customer, theirs] = await Promise.all([world.farebox.customer(), world.farebox.customer()])
  owner = await world.member(customer.accountId, 'OWNER')
  developer = await world.member(customer.accountId, 'DEVELOPER')
  billing = await world.member(customer.accountId, 'BILLING')
  viewer = await world.member(customer.accountId, 'VIEWER')
  stranger = await world.member(theirs.accountId, 'OWNER')
})
afterAll(() => world.close())

const secretIn = (html: string) => /<code id="secret">([^<]+)<\/code>/.exec(html)?.[1]
const keyIdIn = (html: string) => /href="\/keys\/([0-9a-f-]{36})"/.exec(html)?.[1] as string

async function makeKey(fields: Record<string, string>) {
  const { html, status } = await developer.visitor.post('/keys', { name: 'Made', ...fields }, '/keys/new')
  if (status !== 201) throw new Error(html)
  return { id: keyIdIn(html), secret: secretIn(html) as string }
}

const call = (secret: string) =>
  new OpenAI({ apiKey: secret, baseURL: `${world.farebox.url}/v1`, maxRetries: 0 }).chat.completions.create({
    model: 'priced',
    messages: [{ role: 'user', content: 'Hello' }],
  })

/** What becomes of a call soon: a change is announced to the serving process, which takes a moment. */
const soon = (secret: string) =>
  expect.poll(
    () =>
      call(secret).then(
        () => 200,
        (error: { status: number }) => error.status,
      ),
    PATIENCE,
  )

describe('a key', () => {
  test('is made by a developer, works at once, and shows its secret once', async () => {
    const { id, secret } = await makeKey({
      name: 'Nightly & more',
      models: 'priced',
      ips: '127.0.0.0/8\n::1',
      maxOutputTokens: '1,000',
      budgetMonth: '50',
      lastDay: '2027-12-31',
    })
    await call(secret)
    const list = await viewer.visitor.get('/keys')
    expect(list.html).toContain('Nightly &amp; more')
    expect(list.html).toMatch(/\$0\.00 of \$50\.00 a month/)
    expect(list.html).not.toContain(secret)
    const page = await viewer.visitor.get(`/keys/${id}`)
    expect(page.html).toContain('127.0.0.0/8, ::1')
    expect(page.html).not.toContain(secret)
    expect(page.html).not.toContain('Last used</dt><dd>Never')
    expect(world.farebox.log.join('')).not.toContain(secret)
  })

  test('is one, however often its form is sent', async () => {
    const { html } = await developer.visitor.get('/keys/new')
    const form = /name="form" value="([^"]+)"/.exec(html)?.[1] as string
    const answers = await Promise.all(
      [1, 2, 3].map(() => developer.visitor.post('/keys', { name: 'Doubled', form }, '/keys/new')),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(answers.filter(({ html }) => secretIn(html))).toHaveLength(1)
    expect(await world.farebox.rows(`SELECT id FROM access_key WHERE name = 'Doubled'`)).toHaveLength(1)
  })

  test('is disabled, enabled and revoked, each at once', async () => {
    const { id, secret } = await makeKey({})
    await developer.visitor.post(`/keys/${id}/disable`, {}, `/keys/${id}`)
    await soon(secret).toBe(401)
    await developer.visitor.post(`/keys/${id}/enable`, {}, `/keys/${id}`)
    await soon(secret).toBe(200)
    await developer.visitor.post(`/keys/${id}/revoke`, {}, `/keys/${id}`)
    await soon(secret).toBe(401)
    expect((await viewer.visitor.get(`/keys/${id}`)).html).toContain('Revoked')
    expect((await viewer.visitor.get('/keys')).html).not.toContain(id)
    expect((await viewer.visitor.get('/keys?state=REVOKED')).html).toContain(id)
  })

  test('is changed, and what is left out of the form is no limit any more', async () => {
    const { id, secret } = await makeKey({ models: 'doubled', budgetDay: '1', budgetTotal: '3.50' })
    await soon(secret).toBe(403)
    const { html } = await developer.visitor.get(`/keys/${id}/edit`)
    expect(html).toMatch(/id="budgetTotal"[^>]* value="3\.5"/)
    const answer = await developer.visitor.post(
      `/keys/${id}/edit`,
      { name: 'Renamed', budgetTotal: '4' },
      `/keys/${id}/edit`,
    )
    expect(answer.status).toBe(303)
    await soon(secret).toBe(200)
    expect(await world.farebox.rows(`SELECT period, limit_nano FROM budget WHERE access_key_id = $1`, id)).toEqual([
      { period: 'TOTAL', limit_nano: '4000000000' },
    ])
  })

  test.each<[string, Record<string, string>, string, string]>([
    ['no name', { name: ' ' }, 'name', 'Expected a name'],
    ['a budget that is no amount', { budgetMonth: '1.2.3' }, 'budgetMonth', 'Enter an amount'],
    ['an amount that can be read in two ways', { budgetMonth: '1.250,00' }, 'budgetMonth', 'Enter an amount'],
    ['a debt as a budget', { budgetMonth: '-5' }, 'budgetMonth', 'Enter an amount'],
    ['a model that there is not', { models: 'prized' }, 'models', 'There is no model called prized'],
    ['an address that is none', { ips: '300.1.1.1' }, 'ips', 'IP address or a CIDR'],
    ['a day that is over', { lastDay: '2020-01-01' }, 'lastDay', 'still to come'],
    ['tokens that are no number', { maxOutputTokens: 'many' }, 'maxOutputTokens', 'whole number'],
    ['no tokens', { maxOutputTokens: '0' }, 'maxOutputTokens', 'at least 1'],
    ['a project of nobody', { projectId: crypto.randomUUID() }, 'projectId', 'There is no such project'],
  ])('with %s is refused at the field, and the form keeps what was typed', async (_name, fields, field, words) => {
    const before = await world.farebox.rows('SELECT id FROM access_key')
    const { status, html } = await developer.visitor.post('/keys', { name: 'Kept as typed', ...fields }, '/keys/new')
    expect(status).toBe(422)
    expect(html).toMatch(new RegExp(`id="${field}-problem"[\\s\\S]*?${words}`))
    if (field !== 'name') expect(html).toContain('value="Kept as typed"')
    expect(await world.farebox.rows('SELECT id FROM access_key')).toEqual(before)
  })

  test('is nobody else’s: every address of it is as if there were none', async () => {
    const { id, secret } = await makeKey({})
    for (const path of [`/keys/${id}`, `/keys/${id}/edit`]) expect((await stranger.visitor.get(path)).status).toBe(404)
    for (const act of ['edit', 'disable', 'enable', 'revoke']) {
      const answer = await stranger.visitor.post(`/keys/${id}/${act}`, { name: 'Stolen' }, '/keys/new')
      expect(answer.status).toBe(404)
    }
    const [project] = await world.farebox.rows<{ id: string }>(
      'SELECT id FROM project WHERE account_id = $1',
      customer.accountId,
    )
    const made = await stranger.visitor.post('/keys', { name: 'Mine', projectId: project?.id as string }, '/keys/new')
    expect(made.status).toBe(422)
    await call(secret)
  })

  test('is not for those who look, nor for those who pay, to change', async () => {
    const { id, secret } = await makeKey({})
    for (const { visitor } of [viewer, billing]) {
      expect((await visitor.get('/keys/new')).status).toBe(403)
      expect((await visitor.get(`/keys/${id}`)).html).not.toContain('Revoke')
      for (const path of ['/keys', `/keys/${id}/revoke`, `/keys/${id}/edit`, '/projects']) {
        expect((await visitor.post(path, { name: 'No' }, '/security')).status).toBe(403)
      }
    }
    expect((await developer.visitor.postRaw(`/keys/${id}/revoke`, {})).status).toBe(403)
    await call(secret)
  })
})

describe('a project', () => {
  test('is made, renamed, and given a budget that its keys keep', async () => {
    const made = await developer.visitor.post('/projects', { name: 'Batch' }, '/projects/new')
    expect(made.status).toBe(303)
    const [project] = await world.farebox.rows<{ id: string }>(`SELECT id FROM project WHERE name = 'Batch'`)
    const id = project?.id as string
    const { secret } = await makeKey({ projectId: id })
    const path = `/projects/${id}/edit`
    await developer.visitor.post(path, { name: 'Batches', budgetDay: '0' }, path)
    const { html } = await viewer.visitor.get('/projects')
    expect(html).toContain('Batches')
    expect(html).toContain('Used up.')
    await soon(secret).toBe(402)
    expect((await stranger.visitor.get(path)).status).toBe(404)
    const taken = await developer.visitor.post('/projects', { name: 'Batches' }, '/projects/new')
    expect(taken.html).toContain('There is a project called')
  })
})

describe('an API key', () => {
  const path = '/settings/api-keys'

  test('is made with no more than its maker may do', async () => {
    const made = await developer.visitor.post(path, { name: 'Ops', scopes: 'keys:read' })
    expect(made.status).toBe(201)
    expect(secretIn(made.html)).toMatch(/^fbm-/)
    for (const scopes of ['settings:write', 'billing:write', 'credits:purchase']) {
      expect((await developer.visitor.post(path, { name: 'More', scopes })).status).toBe(403)
    }
    const mighty = await owner.visitor.post(path, { name: 'Mighty', scopes: 'settings:write' })
    expect(mighty.status).toBe(201)
    const [row] = await world.farebox.rows<{ id: string }>(`SELECT id FROM api_key WHERE name = 'Mighty'`)
    expect((await developer.visitor.post(`${path}/${row?.id}/revoke`, {}, path)).status).toBe(403)
    expect((await stranger.visitor.post(`${path}/${row?.id}/revoke`, {}, path)).status).toBe(404)
    expect((await viewer.visitor.get(path)).status).toBe(403)
    expect((await owner.visitor.post(`${path}/${row?.id}/revoke`, {}, path)).status).toBe(303)
    expect(await world.farebox.rows(`SELECT revoked_at IS NOT NULL AS revoked FROM api_key ORDER BY id`)).toEqual([
      { revoked: false },
      { revoked: true },
    ])
  })

  test('takes a name and something that it may do', async () => {
    expect((await owner.visitor.post(path, { name: 'Idle' })).html).toContain('Choose at least one thing')
    const unnamed = await owner.visitor.post(path, { name: '', scopes: 'usage:read' })
    expect(unnamed.status).toBe(422)
    expect(unnamed.html).toContain('id="name-problem"')
  })
})

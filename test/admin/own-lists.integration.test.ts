import { randomUUID } from 'node:crypto'
import { parse } from 'node:querystring'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type AdminWorld, member, staff, startAdminWorld } from './admin-world.ts'
import { seedTree, type Tree } from './two-trees.ts'

interface Listed {
  records: {
    id: string
    title: string
    params: Record<string, string | null>
    populated: Record<string, { title: string }>
  }[]
  meta: { total: number; perPage: number }
  notice?: { message: string }
}

const clock = { now: () => Date.now() }

describe('lists, exports and kept filters', () => {
  let world: AdminWorld
  let tree: Tree
  const [adminId, otherId] = [randomUUID(), randomUUID()]

  beforeAll(async () => {
    world = await startAdminWorld()
    tree = await seedTree(world.database.connectionString, 'tree-a', '=cmd|"A1"')
    world.enter('admin', staff('ADMIN', adminId))
    world.enter('other', staff('FINANCE', otherId))
    world.enter('support', staff('SUPPORT', randomUUID()))
    world.enter('owner', member('OWNER', tree.resellerId, tree.memberId))
    await world.pool.query(
      `INSERT INTO "user" (id, email, name, created_at) VALUES ($1, 'one@example.test', 'One', now()), ($2, 'two@example.test', 'Two', now())`,
      [adminId, otherId],
    )
  }, 240_000)
  afterAll(() => world.close())

  const list = async (path: string, visitor = 'admin') =>
    (await (await world.get(visitor, `/admin/api/resources/${path}`)).json()) as Listed
  const order = async (amounts: { totalMinor: bigint; creditNano?: bigint; state?: string; at?: Date }) => {
    const [id, { rows }] = [
      uuidV7(clock),
      await world.pool.query('SELECT coalesce(max(number), 0) + 1 AS n FROM payment_order'),
    ]
    await world.pool.query(
      `INSERT INTO payment_order (id, number, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor, credit_nano, created_at)
       VALUES ($1, $2, $3, $4, 'MANUAL', 'AWAITING_PAYMENT', 'BANK', false, 'USD', $5, $5, $6, $7)`,
      [
        id,
        rows[0].n,
        `RF${rows[0].n}`,
        tree.customerId,
        amounts.totalMinor,
        amounts.creditNano ?? 1n,
        amounts.at ?? new Date(),
      ],
    )
    return id
  }

  test('an amount beyond what a float can hold is exact to the last digit', async () => {
    const id = await order({ totalMinor: 9_007_199_254_740_993n, creditNano: 9_223_372_036_854_775_807n })
    const { records } = await list(`orders/actions/list?filters.id=${id}`)
    expect(records[0]?.params).toMatchObject({ totalMinor: '9007199254740993', creditNano: '9223372036854775807' })
    const csv = await (await world.get('admin', `/admin/data/export/orders.csv?filters.id=${id}`)).text()
    expect(csv).toContain('90071992547409.930000000')
    expect(csv).toContain('9223372036.854775807')
  })

  test('amounts are typed in units of the currency, and what is no amount is explained', async () => {
    const ids = [await order({ totalMinor: 1_050n }), await order({ totalMinor: 1_051n })]
    const found = await list('orders/actions/list?filters.totalMinor=10.50')
    expect(found.records.map(({ id }) => id)).toEqual([ids[0]])
    const range = await list('orders/actions/list?filters.totalMinor~~from=10.50&filters.totalMinor~~to=10.51')
    expect(range.records.map(({ id }) => id)).toEqual([...ids].reverse())
    expect((await list('orders/actions/list?filters.totalMinor=1050x')).notice?.message).toBe(
      "'Total' expects an amount such as 10.50.",
    )
    expect((await world.get('admin', '/admin/data/export/orders.csv?filters.totalMinor=1e3')).status).toBe(400)
  })

  test('a range of time takes in its beginning and leaves out its end', async () => {
    const [begin, end] = [new Date('2026-03-01T00:00:00.000Z'), new Date('2026-04-01T00:00:00.000Z')]
    const [first] = [await order({ totalMinor: 1n, at: begin }), await order({ totalMinor: 1n, at: end })]
    const query = `filters.createdAt~~from=${begin.toISOString()}&filters.createdAt~~to=${end.toISOString()}`
    expect((await list(`orders/actions/list?${query}`)).records.map(({ id }) => id)).toEqual([first])
  })

  test('a page holds at most a hundred rows, whatever is asked for, and the count ends at ten thousand', async () => {
    await world.pool.query(
      `INSERT INTO plan (id, slug, name) SELECT gen_random_uuid(), 'many-' || g, 'Many ' || g FROM generate_series(1, 12000) g`,
    )
    const { records, meta } = await list('plans/actions/list?perPage=100000')
    expect(records).toHaveLength(100)
    expect(meta.total).toBe(10_001)
    const found = await list('plans/actions/search?perPage=100000')
    expect(found.records).toHaveLength(100)
    expect((await list('plans/actions/list?filters.name=ny%2012')).meta.total).toBeGreaterThan(100)
    expect((await list('plans/actions/list?filters.name=%25')).meta.total).toBe(0)
  })

  test('an export has every row of the filter, links by name and id, and no cell that a spreadsheet computes', async () => {
    const response = await world.get('owner', '/admin/data/export/accounts.csv?sortBy=createdAt&direction=asc')
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="accounts-\d{4}-\d\d-\d\d\.csv"$/,
    )
    const [header, ...lines] = (await response.text()).trim().split('\n')
    expect(header).toBe(
      'id,name,kind,slug,reseller,resellerId,plan,planId,balance,sellerFee,development,disabledAt,createdAt,currency',
    )
    expect(lines).toHaveLength(2)
    expect(lines.join()).toContain(`"'=cmd|""A1"" customer"`)
    expect(lines.join()).toContain('12.345678900')
    const plans = await (await world.get('admin', '/admin/data/export/plans.csv')).text()
    expect(plans.trim().split('\n').length).toBeGreaterThan(12_000)
  })

  test('secrets are in no list, page or export: hashes of keys and codes, sessions, passwords, sealed credentials', async () => {
    const columns = [...world.admin.offices.OPERATOR.lists.values()].flatMap(({ columns: all, definition, model }) => {
      const secret = model.fields
        .filter(({ name }) => /secret|token|password|codeHash|sealed/i.test(name))
        .map(({ name }) => name)
      return secret
        .filter((name) => all.has(name) && !/Tokens|tokens/.test(name))
        .map((name) => `${definition.id}.${name}`)
    })
    expect(columns).toEqual([])
    expect([...world.admin.offices.OPERATOR.lists.keys()]).not.toContain('sessions')
  })

  test('kept filters are their owner’s alone, and hold nothing but filters', async () => {
    const kept = await world.post('admin', '/admin/data/filters/orders', {
      name: 'Waiting',
      query: 'filters.state=AWAITING_PAYMENT',
    })
    expect(kept.status).toBe(201)
    const { id } = (await kept.json()) as { id: string }
    const of = async (visitor: string) =>
      ((await (await world.get(visitor, '/admin/data/filters/orders')).json()) as { filters: unknown[] }).filters
    expect(await of('admin')).toEqual([{ id, name: 'Waiting', query: 'filters.state=AWAITING_PAYMENT' }])
    expect(await of('other')).toEqual([])
    const remove = (visitor: string) =>
      fetch(`${world.url}/admin/data/filters/orders/${id}`, {
        method: 'DELETE',
        headers: { cookie: `visitor=${visitor}`, origin: world.url },
      })
    expect((await remove('other')).status).toBe(404)
    expect((await remove('admin')).status).toBe(204)
    for (const query of ['javascript:alert(1)', 'filters.state=PAID"><script>&redirectUrl=//evil.test', '', 'page=2']) {
      expect((await world.post('admin', '/admin/data/filters/orders', { name: 'Bad', query })).status).toBe(400)
    }
    expect((await world.post('support', '/admin/data/filters/audit', { name: 'x', query: 'sortBy=seq' })).status).toBe(
      404,
    )
    expect(parse('filters.state=PAID')).toEqual({ 'filters.state': 'PAID' })
  })

  test('a change that another site could have sent is refused, and nothing comes of it', async () => {
    const body = { name: 'Forged', query: 'filters.state=PAID' }
    const refused: [string, Record<string, string>][] = [
      ['another origin', { origin: 'https://evil.test' }],
      ['another site', { origin: world.url, 'sec-fetch-site': 'cross-site' }],
      ['no origin that can be named', { origin: 'null' }],
    ]
    for (const [why, headers] of refused) {
      expect([why, (await world.post('admin', '/admin/data/filters/orders', body, headers)).status]).toEqual([why, 403])
      expect([
        why,
        (await world.post('admin', '/admin/api/resources/orders/actions/list', {}, headers)).status,
      ]).toEqual([why, 403])
    }
    const { rows } = await world.pool.query(`SELECT FROM saved_filter WHERE name = 'Forged'`)
    expect(rows).toHaveLength(0)
  })

  test('pages load from nowhere else and are framed by nobody; unknown addresses are not found', async () => {
    const page = await world.get('admin', '/admin')
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await page.text()).not.toContain('googleapis')
    const unknown = [
      'api/resources/nothing/actions/list',
      'api/resources/orders/actions/nothing',
      'api/resources/orders/records/1/show',
      'api/pages/nothing',
      'api/resources/constructor/actions/list',
      'api/resources/orders/actions/constructor',
    ]
    for (const path of unknown) expect([path, (await world.get('admin', `/admin/${path}`)).status]).toEqual([path, 404])
  })

  test('jobs are looked at by administrators alone, done again by them, and never written by hand', async () => {
    expect((await world.get('admin', '/admin/jobs/')).status).toBe(200)
    const queues = await world.get('admin', '/admin/jobs/api/queues?activeQueue=mail&page=1&status=latest')
    expect([queues.status, JSON.stringify(await queues.json())]).toEqual([200, expect.stringContaining('auto-top-up')])
    for (const visitor of ['other', 'support', 'owner']) {
      expect((await world.get(visitor, '/admin/jobs/api/queues', { accept: 'application/json' })).status).toBe(403)
    }
    expect((await world.post('admin', '/admin/jobs/api/queues/mail/add', { name: 'row', data: {} })).status).toBe(403)
    const retry = await fetch(`${world.url}/admin/jobs/api/queues/mail/retry/failed`, {
      method: 'PUT',
      headers: { cookie: 'visitor=admin', origin: world.url },
    })
    expect(retry.status).toBeLessThan(300)
    const { rows } = await world.pool.query(
      `SELECT action, outcome FROM audit_entry WHERE subject_kind LIKE 'job%' ORDER BY seq`,
    )
    expect(rows.at(-1)).toEqual({ action: 'job.retry', outcome: 'DONE' })
    expect(rows.filter(({ outcome }) => outcome === 'REFUSED')).toHaveLength(3)
  })
})

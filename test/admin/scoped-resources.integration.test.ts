import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MEMBER_ROLES, STAFF_ROLES } from '../../src/accounts/actor.ts'
import { RESOURCES } from '../../src/admin/all-resources.ts'
import { type AdminWorld, member, staff, startAdminWorld } from './admin-world.ts'
import { seedTree, type Tree } from './two-trees.ts'
import { actionsOf, type Seen, type Side, walkLists, walkRows } from './walk.ts'

/** Names of the catalog are the same for all: models, their public prices, plans, packages. */
const PUBLIC = new Set(['Plan', 'Model', 'ModelAlias', 'ListPrice', 'CreditPackage'])
/** Requests at once. */
const AT_ONCE = 8
const COLUMNS_OF_COST = [
  'costNano',
  'costBoundNano',
  'operatorMarginNano',
  'exposureNano',
  'providerId',
  'upstreamModel',
  'routeId',
  'operatorRuleId',
  'costProfileId',
  'operatorFeeNano',
]

describe('the back office seen by two reseller trees', () => {
  let world: AdminWorld
  let [a, b, operator] = [null, null, null] as unknown as [Tree, Tree, Tree]
  /** By resource, the addresses of all rows there are. */
  const addresses = new Map<string, string[]>()
  const staffId = randomUUID()

  beforeAll(async () => {
    world = await startAdminWorld()
    const { connectionString } = world.database
    a = await seedTree(connectionString, 'tree-a')
    b = await seedTree(connectionString, 'tree-b')
    operator = await seedTree(connectionString, 'operator')
    for (const role of STAFF_ROLES) world.enter(role, staff(role, staffId))
    for (const role of MEMBER_ROLES) {
      world.enter(`a-${role}`, member(role, a.resellerId, a.memberId))
      world.enter(`b-${role}`, member(role, b.resellerId, b.memberId))
    }
    world.enter('customer', { kind: 'outsider' })
    for (const [id, list] of world.admin.offices.OPERATOR.lists) {
      const { rows } = await world.pool.query(`SELECT ${list.keySql} AS id FROM ${list.table} t`)
      addresses.set(
        id,
        rows.map((row) => row.id),
      )
    }
  }, 240_000)
  afterAll(() => world.close())

  /** Texts by which a row of that tree is known: its ids, and its mark in all its texts. */
  const tracesOf = (tree: Tree) => [
    ...[tree.mark, tree.resellerId],
    ...[...tree.ids].filter(([model]) => !PUBLIC.has(model)).map(([, id]) => id),
  ]
  const leaks = (seen: Seen[], tree: Tree) => {
    const traces = tracesOf(tree)
    return seen.flatMap(({ where, text }) => {
      const own = withoutPublicNames(text)
      return traces.filter((trace) => own.includes(trace)).map((trace) => `${where}: ${trace}`)
    })
  }
  /** The catalog's own names carry their tree's mark, but are for all. */
  const withoutPublicNames = (text: string) =>
    text.replaceAll(/(tree-[ab]|operator)( name| slug| description| source)? [0-9a-f]{8}/g, '')

  test('there is a row of each tree in every list, so that the walk can find something', () => {
    const empty = RESOURCES.filter(({ id }) => (addresses.get(id)?.length ?? 0) < 3).map(({ id }) => id)
    expect(empty).toEqual([])
  })

  test.each(MEMBER_ROLES)(
    'a reseller %s sees its own tree, and no row, reference, hit, count or export of another',
    async (role) => {
      const seen = await walkLists(world, `a-${role}`, 'RESELLER', ['tree-b', 'operator', 'tree', b.resellerId, ''])
      expect(leaks(publicListsLeftOut(seen), b)).toEqual([])
      expect(leaks(publicListsLeftOut(seen), operator)).toEqual([])
      expect(seen.filter(({ status }) => status >= 500)).toEqual([])
      const own = seen.filter(({ where }) => where === '/admin/api/resources/accounts/actions/list')
      expect(own[0]?.text).toContain(a.customerId)
      expect(own[0]?.text).toContain('"total":2')
    },
  )

  /** Lists of what is for all hold rows of all. */
  const publicListsLeftOut = (seen: Seen[]) =>
    seen.filter(
      ({ where }) =>
        !/resources\/(plans|models|aliases|list-prices|packages)\/|export\/(plans|models|aliases|list-prices|packages)/.test(
          where,
        ),
    )

  test.each(MEMBER_ROLES)('a reseller %s gets no row of another by its address, through no action', async (role) => {
    const foreign = new Map(
      [...addresses].map(([id, all]) => [
        id,
        all.filter((address) =>
          [...b.ids.values(), b.resellerId, 'tree-b', 'evt_tree-b'].some((trace) => address.includes(trace)),
        ),
      ]),
    )
    const seen = await walkRows(world, `a-${role}`, 'RESELLER', foreign)
    expect(
      leaks(seen, b).filter((leak) => !/resources\/(plans|models|aliases|list-prices|packages)\//.test(leak)),
    ).toEqual([])
    const answered = seen.filter(
      ({ where, status }) =>
        status < 400 && !/(plans|models|aliases|list-prices|packages)\/records|\/actions\/(list|search)/.test(where),
    )
    expect(answered).toEqual([])
  })

  test('filters tell a reseller nothing of another: not whether a value exists there', async () => {
    const asked: string[] = []
    for (const [id, list] of world.admin.offices.RESELLER.lists) {
      if (list.definition.resellers?.('$1') === 'true') continue
      for (const name of list.definition.filters) {
        const { rows } = await world.pool.query(
          `SELECT DISTINCT (${list.columns.get(name)?.sql})::text AS value FROM ${list.table} t`,
        )
        for (const { value } of rows) {
          if (value !== null)
            asked.push(`/admin/api/resources/${id}/actions/list?filters.${name}=${encodeURIComponent(value)}`)
        }
      }
    }
    expect(asked.length).toBeGreaterThan(200)
    const seen: Seen[] = []
    for (let at = 0; at < asked.length; at += AT_ONCE) {
      const answers = asked.slice(at, at + AT_ONCE).map(async (where) => {
        const response = await world.get('a-OWNER', where)
        return { where, status: response.status, text: await response.text() }
      })
      seen.push(...(await Promise.all(answers)))
    }
    expect(seen.filter(({ status }) => status !== 200)).toEqual([])
    // The rows and their number: what a filter says that was asked for is no news.
    const rows = seen.map((each) => {
      const { records, meta, notice } = JSON.parse(each.text)
      return { ...each, text: JSON.stringify({ records, total: meta?.total, notice }) }
    })
    expect([...leaks(rows, b), ...leaks(rows, operator)]).toEqual([])
    // Who was refused before has rows of that in the log of their own.
    const counted = rows
      .filter(({ where }) => !where.includes('/audit/'))
      .filter(({ text }) => JSON.parse(text).total > 2)
      .map(({ where }) => where)
    expect(counted).toEqual([])
  }, 180_000)

  test('costs and providers exist for no reseller: as column, filter, order, search, export or page', async () => {
    const office = world.admin.offices.RESELLER
    const ids = [...office.lists.keys()]
    expect(ids).not.toEqual(expect.arrayContaining(['providers']))
    for (const id of ['providers', 'routes', 'costs', 'attempts', 'webhooks', 'codes', 'settings', 'tax-rates']) {
      expect((await world.get('a-OWNER', `/admin/api/resources/${id}/actions/list`)).status).toBe(404)
      expect((await world.get('a-OWNER', `/admin/data/export/${id}.csv`)).status).toBe(404)
    }
    for (const list of office.lists.values()) {
      expect(COLUMNS_OF_COST.filter((name) => list.columns.has(name))).toEqual([])
    }
    const page = await (await world.get('a-OWNER', '/admin')).text()
    for (const name of COLUMNS_OF_COST) expect(page).not.toContain(`"${name}"`)
    const csv = await (await world.get('a-OWNER', '/admin/data/export/usage.csv')).text()
    expect(csv.split('\n')[0]).not.toMatch(/cost|margin|provider|route|upstream/i)
    for (const name of COLUMNS_OF_COST) {
      const answer = await world.get('a-OWNER', `/admin/api/resources/usage/actions/list?filters.${name}~~from=0`)
      expect(((await answer.json()) as { notice: { message: string } }).notice.message).toMatch(/cannot be filtered by/)
      expect((await world.get('a-OWNER', `/admin/data/export/usage.csv?filters.${name}=1`)).status).toBe(400)
    }
  })

  test.each(STAFF_ROLES)('%s of the staff sees every tree, and only the lists of the role', async (role) => {
    const seen = await walkLists(world, role, 'OPERATOR', ['tree'])
    expect(seen.filter(({ status }) => status >= 500)).toEqual([])
    const orders = seen.find(({ where }) => where === '/admin/api/resources/orders/actions/list')
    for (const tree of [a, b]) expect(orders?.text).toContain(tree.ids.get('PaymentOrder'))
    const refused = [...new Set(seen.filter(({ status }) => status === 403).map(({ where }) => where.split('/')[4]))]
    expect(refused.sort()).toEqual({ ADMIN: [], FINANCE: ['settings'], SUPPORT: ['audit', 'settings'] }[role])
  })

  test('there is no action that makes, changes or removes a row, and a refused one is written down', async () => {
    const before = await world.pool.query(`SELECT count(*)::int AS refused FROM audit_entry WHERE outcome = 'REFUSED'`)
    const answers: Seen[] = []
    for (const side of ['OPERATOR', 'RESELLER'] as Side[]) {
      const visitor = side === 'OPERATOR' ? 'ADMIN' : 'a-OWNER'
      for (const { resource, action } of actionsOf(world.admin, side)) {
        if (['list', 'search', 'show'].includes(action)) continue
        const [address] = addresses.get(resource) ?? []
        const id = encodeURIComponent(address ?? '')
        for (const path of [`records/${id}/${action}`, `actions/${action}`, `bulk/${action}?recordIds=${id}`]) {
          const response = await world.post(visitor, `/admin/api/resources/${resource}/${path}`, { name: 'changed' })
          answers.push({ where: `${resource} ${path}`, status: response.status, text: await response.text() })
        }
      }
    }
    expect(answers.filter(({ status }) => status < 400)).toEqual([])
    const after = await world.pool.query(`SELECT count(*)::int AS refused FROM audit_entry WHERE outcome = 'REFUSED'`)
    expect(after.rows[0].refused - before.rows[0].refused).toBeGreaterThan(100)
  })

  test('who is not signed in is led to the sign-in page, and a customer is told that it is not for them', async () => {
    const page = await world.get('nobody', '/admin/resources/orders?page=2')
    expect([page.status, page.headers.get('location')]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent('/admin/resources/orders?page=2')}`,
    ])
    expect((await world.get('customer', '/admin')).status).toBe(403)
    for (const [visitor, status] of [
      ['nobody', 401],
      ['customer', 403],
    ] as const) {
      for (const { resource, action } of actionsOf(world.admin, 'OPERATOR')) {
        const response = await world.get(visitor, `/admin/api/resources/${resource}/actions/${action}`)
        expect([response.status, leaks([{ where: '', status: 0, text: await response.text() }], a)]).toEqual([
          status,
          [],
        ])
      }
      expect((await world.get(visitor, '/admin/data/export/orders.csv', { accept: 'text/csv' })).status).toBe(status)
      expect((await world.post(visitor, '/admin/data/filters/orders', {})).status).toBe(status)
    }
  })
})

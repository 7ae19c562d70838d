import pg from 'pg'
import { expect, test } from 'vitest'
import { applyCatalog } from '../../src/catalog/apply-catalog.ts'
import { exportCatalog } from '../../src/catalog/export-catalog.ts'
import { loadCatalog } from '../../src/catalog/load-catalog.ts'
import {
  ACME,
  applied,
  apply,
  base,
  clock,
  contents,
  diff,
  HOUR_MS,
  read,
  SECRET,
  setUpCatalogWorld,
  world,
} from './catalog-world.ts'

setUpCatalogWorld()

const costsOf = async (upstreamModel: string) => {
  const { rows } = await world.client.query(
    `SELECT rates->'tiers'->0->'rates'->>'input' AS input, effective_from FROM cost_profile
      WHERE upstream_model = $1 ORDER BY effective_from`,
    [upstreamModel],
  )
  return rows.map((row) => [row.input, (row.effective_from as Date).toISOString()])
}

test('a file becomes the catalog that the gateway serves by', async () => {
  const lines = await applied(base())
  expect(lines).toContain('+ model mini')
  expect(lines).toContain('+ alias small of model mini')
  expect(lines).toContain('+ route mini -> groq/mini (priority 1, weight 3, ACTIVE)')
  expect(lines.find((line) => line.startsWith('+ cost openai/mini-2024'))).toBe(
    `+ cost openai/mini-2024 input 0.15, cacheRead 0.075, output 0.6 (from ${new Date(world.time).toISOString()})`,
  )
  expect(lines.join('\n')).not.toContain('sk-plain-text')

  const snapshot = await loadCatalog(world.client, SECRET, { GROQ_API_KEY: 'sk-groq' }, undefined, clock)
  const mini = snapshot.modelsByName.get('small')
  expect(mini?.name).toBe('mini')
  expect(mini?.maxImageTokens).toBe(85)
  expect(mini?.routes.map(({ provider }) => [provider.slug, provider.apiKey])).toEqual([
    ['openai', 'sk-plain-text'],
    ['groq', 'sk-groq'],
  ])
  expect(mini?.routes[0]?.costProfiles[0]?.card.tiers[0]?.rates.cacheWrite1h).toBe(150_000_000n)
  expect(snapshot.operatorRules).toHaveLength(3)
  expect(snapshot.resellerRules.get(ACME)).toHaveLength(2)
})

test('an API key is not in the database as text', async () => {
  await applied(base())
  const { rows } = await world.client.query('SELECT secret_sealed FROM provider_key WHERE secret_sealed IS NOT NULL')
  expect(rows).toHaveLength(1)
  expect((rows[0].secret_sealed as Buffer).includes('sk-plain-text')).toBe(false)
})

test('a second apply writes nothing, and its diff says so', async () => {
  await applied(base())
  const before = await contents()
  for (const pause of [0, 1, HOUR_MS]) {
    world.time += pause
    expect(await diff(base())).toEqual({ lines: [], changed: false, problems: [], breaches: [] })
    expect(await apply(base())).toEqual({ ok: true, lines: [], changed: false, acknowledged: [] })
  }
  expect(await contents()).toEqual(before)
})

test('a changed cost is a new version from now on, and the old one stays as it was', async () => {
  await applied(base())
  const first = new Date(world.time).toISOString()
  world.time += HOUR_MS
  const cheaper = base([
    'upstreamModel: mini-2024, cost: { input: 0.15',
    'upstreamModel: mini-2024, cost: { input: 0.14',
  ])
  const second = new Date(world.time).toISOString()
  const line = `~ cost openai/mini-2024 input 0.15 -> 0.14, cacheWrite5m 0.15 -> 0.14, cacheWrite1h 0.15 -> 0.14 (new version from ${second})`
  expect((await diff(cheaper)).lines).toEqual([line])
  expect(await costsOf('mini-2024')).toHaveLength(1)
  expect(await applied(cheaper)).toEqual([line])
  expect(await costsOf('mini-2024')).toEqual([
    ['150000000', first],
    ['140000000', second],
  ])
  expect(await applied(cheaper)).toEqual([])
})

test('changes within one millisecond are versions in their order, each applied once', async () => {
  for (const input of ['0.15', '0.14', '0.13', '0.13', '0.12']) {
    await applied(
      base(['upstreamModel: mini-2024, cost: { input: 0.15', `upstreamModel: mini-2024, cost: { input: ${input}`]),
    )
  }
  expect((await costsOf('mini-2024')).map(([input]) => input)).toEqual([
    '150000000',
    '140000000',
    '130000000',
    '120000000',
  ])
})

test('a dated cost is scheduled, and is in force when its time comes', async () => {
  await applied(base())
  const from = new Date(world.time + 24 * HOUR_MS).toISOString()
  const scheduled = base([
    'cost: { input: 0.1, output: 0.5 }',
    `cost: { input: 0.05, output: 0.5, effectiveFrom: ${from} }`,
  ])
  expect(await applied(scheduled)).toHaveLength(1)
  expect(await applied(scheduled)).toEqual([])
  world.time += 25 * HOUR_MS
  expect(await applied(scheduled)).toEqual([])
  expect((await costsOf('mini')).map(([, date]) => date)).toContain(from)
})

test('a date whose version has other figures is refused, and nothing else of the file is written', async () => {
  const dated = (input: string) =>
    base(
      ['cost: { input: 0.1, output: 0.5 }', `cost: { input: ${input}, output: 0.5, effectiveFrom: 2026-01-01 }`],
      ['weight: 3', `weight: ${input === '0.1' ? 3 : 4}`],
    )
  await applied(dated('0.1'))
  const before = await contents()
  const result = await apply(dated('0.09'))
  expect(result).toEqual({
    ok: false,
    reason: 'conflict',
    problems: [
      'routes[1].cost: the version from 2026-01-01T00:00:00.000Z has other figures and never changes; expected a later effectiveFrom, or none for now',
    ],
  })
  expect(await contents()).toEqual(before)
})

test('a changed rule retires the old version, which is otherwise untouched', async () => {
  await applied(base())
  world.time += HOUR_MS
  const lines = await applied(base(['markupBps: 500', 'markupBps: 600']))
  const now = new Date(world.time).toISOString()
  expect(lines).toEqual([
    `~ price rule for everything MARKUP_ON_COST 500 bps -> MARKUP_ON_COST 600 bps (new version from ${now})`,
  ])
  const { rows } = await world.client.query(
    'SELECT markup_bps, retired_at FROM price_rule WHERE markup_bps IN (500, 600) ORDER BY markup_bps',
  )
  expect(rows).toEqual([
    { markup_bps: 500, retired_at: new Date(world.time) },
    { markup_bps: 600, retired_at: null },
  ])
  const { operatorRules } = await loadCatalog(world.client, SECRET, {}, undefined, clock)
  expect(operatorRules.filter((rule) => Object.keys(rule.scope).length === 0)).toMatchObject([{ markupBps: 600 }])
})

test('a scheduled rule retires the present one from its own first instant', async () => {
  await applied(base())
  const from = new Date(world.time + 24 * HOUR_MS)
  const scheduled = base([
    '- { kind: MARKUP_ON_COST, markupBps: 500 }',
    `- { kind: MARKUP_ON_COST, markupBps: 500 }\n  - { kind: MARKUP_ON_COST, markupBps: 700, effectiveFrom: ${from.toISOString()} }`,
  ])
  await applied(scheduled)
  expect(await applied(scheduled)).toEqual([])
  const { rows } = await world.client.query('SELECT retired_at FROM price_rule WHERE markup_bps = 500')
  expect(rows).toEqual([{ retired_at: from }])
  const exported = read(await exportCatalog(world.client, { clock }))
  expect((await diff(exported)).changed).toBe(false)
  expect(exported.priceRules.filter((rule) => rule.effectiveFrom !== undefined)).toHaveLength(1)
})

test('what is missing from the file is left alone and named', async () => {
  await applied(base())
  const before = await contents()
  const lines = await applied(
    read(
      'providers: [{ slug: groq, protocol: openai, baseUrl: https://groq.test/v1 }]\nmodels: [{ name: mini, contextWindow: 128000, maxOutputTokens: 16384 }]',
    ),
  )
  expect(lines).toEqual(
    [
      '= provider openai not in file',
      '= model big not in file',
      '= alias small of model mini not in file',
      '= route mini -> openai/mini-2024 not in file',
      '= route big -> openai/big-1 not in file',
      '= route mini -> groq/mini not in file',
      '= price rule for everything MARKUP_ON_COST 500 bps not in file',
      '= price rule for model big DISCOUNT_OFF_LIST 0 bps not in file',
      '= price rule for plan gold MARKUP_ON_COST 100 bps not in file',
      '= price rule of acme for everything MARKUP_ON_COST 1000 bps not in file',
      '= price rule of acme for account acme-customer ADDITION_PER_MILLION 0.02 not in file',
    ].toSorted((a, b) => lines.indexOf(a) - lines.indexOf(b)),
  )
  expect(await contents()).toEqual(before)
})

test('an omitted state leaves a route that somebody has disabled as it is', async () => {
  await applied(base())
  await world.client.query(`UPDATE route SET state = 'DISABLED' WHERE weight = 3`)
  expect(await applied(base())).toEqual([])
  expect(await applied(base(['weight: 3', 'weight: 3, state: ACTIVE']))).toEqual([
    '~ route mini -> groq/mini state DISABLED -> ACTIVE',
  ])
})

test('a replaced API key disables the old one', async () => {
  await applied(base())
  expect(await applied(base(['apiKey: sk-plain-text', 'apiKey: sk-other']))).toEqual([
    '~ key of provider openai: a sealed key -> a sealed key',
  ])
  expect(await applied(base(['apiKey: sk-plain-text', 'apiKeyEnv: OPENAI']))).toEqual([
    '~ key of provider openai: a sealed key -> the environment variable OPENAI',
  ])
  const { rows } = await world.client.query(
    `SELECT count(*)::int AS count FROM provider_key JOIN provider ON provider.id = provider_id
      WHERE slug = 'openai' AND disabled_at IS NOT NULL`,
  )
  expect(rows).toEqual([{ count: 2 }])
})

test('rules on accounts and plans that are not there, or not the seller’s, are refused together', async () => {
  const result = await apply(
    base(
      ['plan: gold', 'plan: golf'],
      ['seller: acme }', 'seller: direct }'],
      ['account: acme-customer', 'account: direct'],
    ),
  )
  expect(result).toEqual({
    ok: false,
    reason: 'conflict',
    problems: [
      'priceRules[2].plan: no plan has the slug "golf" (did you mean "gold"?)',
      'priceRules[3].seller: direct is not a reseller',
      'priceRules[4].account: direct is not a customer of acme',
    ],
  })
})

test('a name that is an alias in the database is refused', async () => {
  await applied(base())
  const file = base(
    ['aliases: [small]', 'aliases: []'],
    ['name: big,', 'name: small,'],
    ['model: big }', 'model: small }'],
    ['model: big,', 'model: small,'],
  )
  expect(await apply(file)).toMatchObject({
    ok: false,
    problems: ['models[1].name: "small" is an alias of model mini in the database'],
  })
})

test('two applies at once end as one', async () => {
  const other = new pg.Client({ connectionString: world.connectionString })
  await other.connect()
  try {
    const results = await Promise.all([apply(base()), applyCatalog(other, base(), { secret: SECRET, clock })])
    expect(results.map((result) => result.ok && result.changed).toSorted()).toEqual([false, true])
  } finally {
    await other.end()
  }
})

test('versions and rules refuse to be changed behind the catalog’s back', async () => {
  await applied(base())
  await expect(world.client.query(`UPDATE cost_profile SET source = 'x'`)).rejects.toThrow('append-only')
  await expect(world.client.query('DELETE FROM list_price')).rejects.toThrow('append-only')
  await expect(world.client.query('UPDATE price_rule SET markup_bps = 1')).rejects.toThrow('immutable')
})

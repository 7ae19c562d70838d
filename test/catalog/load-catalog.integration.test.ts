import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadCatalog } from '../../src/catalog/load-catalog.ts'
import { open, seal } from '../../src/lib/seal.ts'
import { rateCardToJson } from '../../src/pricing/rate-card.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

const SECRET = 'a secret of the tests'

let testDatabase: TestDatabase
let pool: pg.Pool

const id = (last: number) => `01890000-0000-7000-8000-${String(last).padStart(12, '0')}`
const rates = (input: bigint) =>
  JSON.stringify(
    rateCardToJson({
      tiers: [{ aboveInputTokens: 0, rates: { input, cacheRead: 1n, cacheWrite5m: 2n, cacheWrite1h: 3n, output: 4n } }],
      perRequestNano: 999_999_999_999_999n,
    }),
  )

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  pool = new pg.Pool({ connectionString: testDatabase.connectionString, max: 2 })
  await pool.query(
    `INSERT INTO account (id, kind, name, slug, created_at) VALUES ($1, 'RESELLER', 'Acme', 'acme', now())`,
    [id(1)],
  )
  await pool.query(
    `INSERT INTO provider (id, slug, name, protocol, base_url, created_at)
     VALUES ($1, 'sealed', 'Sealed', 'openai', 'https://sealed.test/v1/', now()), ($2, 'named', 'Named', 'anthropic', 'https://named.test', now())`,
    [id(10), id(11)],
  )
  await pool.query(
    `INSERT INTO provider_key (id, provider_id, secret_sealed, secret_env, created_at)
     VALUES ($1, $2, $3, NULL, now()), ($4, $5, NULL, 'NAMED_API_KEY', now())`,
    [id(20), id(10), seal(SECRET, 'sk-sealed'), id(21), id(11)],
  )
  await pool.query(
    `INSERT INTO model (id, name, context_window, max_output_tokens, disabled_at, created_at)
     VALUES ($1, 'zeta', 1000, 100, NULL, '2026-01-02T03:04:05.678Z'), ($2, 'alpha', 2000, 200, NULL, now()), ($3, 'gone', 1, 1, now(), now())`,
    [id(30), id(31), id(32)],
  )
  await pool.query(`INSERT INTO model_alias (name, model_id) VALUES ('z', $1), ('alpha', $1), ('g', $2)`, [
    id(30),
    id(32),
  ])
  await pool.query(
    `INSERT INTO route (id, model_id, provider_id, upstream_model, priority, weight, state, created_at) VALUES
     ($1, $5, $6, 'zeta-1', 1, 1, 'ACTIVE', now()), ($2, $5, $7, 'zeta-1', 0, 1, 'ACTIVE', now()),
     ($3, $5, $6, 'zeta-2', 0, 5, 'ACTIVE', now()), ($4, $5, $6, 'zeta-3', 0, 9, 'DISABLED', now())`,
    [id(40), id(41), id(42), id(43), id(30), id(10), id(11)],
  )
  await pool.query(
    `INSERT INTO cost_profile (id, provider_id, upstream_model, rates, effective_from, created_at) VALUES
     ($1, $3, 'zeta-1', $4, '2026-02-01T00:00:00.001Z', now()), ($2, $3, 'zeta-1', $5, '2026-01-01', now())`,
    [id(50), id(51), id(10), rates(20n), rates(10n)],
  )
  await pool.query(
    `INSERT INTO price_rule (id, seller_id, model_id, kind, markup_bps, addition_nano, effective_from, retired_at, created_at) VALUES
     ($1, NULL, NULL, 'MARKUP_ON_COST', 500, NULL, '2026-01-01', NULL, now()),
     ($2, NULL, NULL, 'MARKUP_ON_COST', 900, NULL, '2026-01-01', now() - interval '1 second', now()),
     ($3, NULL, $6, 'ADDITION_PER_MILLION', NULL, 1000000000000000, '2026-01-01', now() + interval '1 day', now()),
     ($4, $5, NULL, 'MARKUP_ON_COST', 100, NULL, '2026-01-01', NULL, now())`,
    [id(60), id(61), id(62), id(63), id(1), id(30)],
  )
})

afterAll(async () => {
  await pool.end()
  await testDatabase.drop()
})

let warnings: string[]
beforeEach(() => {
  warnings = []
})

const load = (environment: Record<string, string | undefined>, secret = SECRET) =>
  loadCatalog(pool, secret, environment, (message) => warnings.push(message))

test('a snapshot has enabled models by name, and finds them by alias, where a name wins', async () => {
  const snapshot = await load({})
  expect(snapshot.models.map((model) => model.name)).toEqual(['alpha', 'zeta'])
  expect(snapshot.modelsByName.get('z')).toBe(snapshot.models[1])
  expect(snapshot.modelsByName.get('alpha')?.id).toBe(id(31))
  expect(snapshot.modelsByName.has('gone')).toBe(false)
  expect(snapshot.modelsByName.has('g')).toBe(false)
  expect(snapshot.models[1]?.createdAt).toBe(Date.parse('2026-01-02T03:04:05.678Z'))
})

test('a model has its ACTIVE routes only, by priority and then weight, each with every version of its cost', async () => {
  const { models } = await load({})
  const routes = models[1]?.routes ?? []
  expect(routes.map((route) => [route.provider.slug, route.upstreamModel])).toEqual([
    ['sealed', 'zeta-2'],
    ['named', 'zeta-1'],
    ['sealed', 'zeta-1'],
  ])
  expect(routes[2]?.costProfiles.map(({ effectiveFrom }) => effectiveFrom.toISOString())).toEqual([
    '2026-01-01T00:00:00.000Z',
    '2026-02-01T00:00:00.001Z',
  ])
  expect(routes[2]?.costProfiles[1]?.card.perRequestNano).toBe(999_999_999_999_999n)
  expect(routes[1]?.costProfiles).toEqual([])
})

test('a sealed key is opened, a named one is read from the environment, and a base URL ends without a slash', async () => {
  const { models } = await load({ NAMED_API_KEY: 'sk-named' })
  const providers = new Map(models[1]?.routes.map(({ provider }) => [provider.slug, provider]))
  expect(providers.get('sealed')).toMatchObject({ apiKey: 'sk-sealed', baseUrl: 'https://sealed.test/v1' })
  expect(providers.get('named')).toMatchObject({ apiKey: 'sk-named', protocol: 'anthropic' })
  expect(warnings).toEqual([])
})

test('a key that cannot be had is null, with one warning that names the provider and not the key', async () => {
  const { models } = await load({}, 'another secret')
  for (const { provider } of models[1]?.routes ?? []) expect(provider.apiKey).toBeNull()
  expect(warnings).toEqual([
    'Provider named has no API key: the environment variable NAMED_API_KEY is not set.',
    'Provider sealed has no API key: its sealed key cannot be opened with this FAREBOX_SECRET.',
  ])
})

test("rules are the operator's or a reseller's, and a retired one is in no list", async () => {
  const { operatorRules, resellerRules } = await load({})
  expect(operatorRules.map((rule) => rule.id)).toEqual([id(60), id(62)])
  expect(operatorRules[1]).toEqual({
    id: id(62),
    retiredAt: expect.any(Date),
    kind: 'ADDITION_PER_MILLION',
    additionNano: 1_000_000_000_000_000n,
    scope: { modelId: id(30) },
    effectiveFrom: new Date('2026-01-01'),
    allowNegativeMargin: false,
  })
  expect([...resellerRules.keys()]).toEqual([id(1)])
  expect(resellerRules.get(id(1))?.map((rule) => rule.id)).toEqual([id(63)])
})

test('a sealed value is bound to its secret', () => {
  expect(() => open('another secret', seal(SECRET, 'x'))).toThrow('another FAREBOX_SECRET')
})

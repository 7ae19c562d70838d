import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { applyCatalog } from '../../src/catalog/apply-catalog.ts'
import { type CatalogFile, parseCatalogFile } from '../../src/catalog/catalog-file.ts'
import { diffCatalog } from '../../src/catalog/diff-catalog.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

export const SECRET = 'a secret of the tests'
export const HOUR_MS = 3_600_000

const BASE = `
providers:
  - { slug: openai, name: OpenAI, protocol: openai, baseUrl: https://openai.test/v1, apiKey: sk-plain-text, outputCapParameter: max_completion_tokens }
  - { slug: groq, protocol: openai, baseUrl: https://groq.test/v1, apiKeyEnv: GROQ_API_KEY }
models:
  - name: mini
    aliases: [small]
    contextWindow: 128000
    maxOutputTokens: 16384
    maxImageTokens: 85
    listPrice: { input: 0.15, output: 0.6, cacheRead: 0.075 }
  - { name: big, contextWindow: 200000, maxOutputTokens: 32000, listPrice: { input: 3, output: 15, tiers: [{ aboveInputTokens: 100000, input: 6, output: 22.5 }] } }
routes:
  - { model: mini, provider: openai, upstreamModel: mini-2024, cost: { input: 0.15, output: 0.6, cacheRead: 0.075 } }
  - { model: mini, provider: groq, upstreamModel: mini, priority: 1, weight: 3, cost: { input: 0.1, output: 0.5 } }
  - { model: big, provider: openai, upstreamModel: big-1, cost: { input: 3, output: 15, tiers: [{ aboveInputTokens: 100000, input: 6, output: 22.5 }] } }
priceRules:
  - { kind: MARKUP_ON_COST, markupBps: 500 }
  - { kind: DISCOUNT_OFF_LIST, discountBps: 0, model: big }
  - { kind: MARKUP_ON_COST, markupBps: 100, plan: gold }
  - { kind: MARKUP_ON_COST, markupBps: 1000, seller: acme }
  - { kind: ADDITION_PER_MILLION, addition: 0.02, seller: acme, account: acme-customer }
`

/** The present test's connection and clock. */
export const world: { client: pg.Client; connectionString: string; time: number } = {
  client: undefined as never,
  connectionString: '',
  time: Date.parse('2026-11-21T12:00:00.000Z'),
}
export const clock = { now: () => world.time }

export const ACME = '01890000-0000-7000-8000-000000000001'
export const WATCHED = [
  'provider',
  'provider_key',
  'model',
  'model_alias',
  'route',
  'cost_profile',
  'list_price',
  'price_rule',
]

export function read(text: string): CatalogFile {
  const parsed = parseCatalogFile(text, 'catalog.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return parsed.file
}

/** The base file with texts in it replaced. */
export function base(...replacements: [string, string][]): CatalogFile {
  let text = BASE
  for (const [search, replacement] of replacements) {
    expect(text).toContain(search)
    text = text.replace(search, replacement)
  }
  return read(text)
}

export const apply = (file: CatalogFile, acknowledge?: string) =>
  applyCatalog(world.client, file, { secret: SECRET, clock, ...(acknowledge === undefined ? {} : { acknowledge }) })
export const diff = (file: CatalogFile) => diffCatalog(world.client, file, { secret: SECRET, clock })

export async function applied(file: CatalogFile): Promise<string[]> {
  const result = await apply(file)
  if (!result.ok) throw new Error(result.problems.join('\n'))
  return result.lines
}

/** Every row of the catalog with its physical version: a row that was written in any way differs. */
export async function contents(): Promise<unknown> {
  const tables: Record<string, unknown> = {}
  for (const table of WATCHED) {
    const { rows } = await world.client.query(
      `SELECT xmin::text AS version, t.*::text AS row FROM "${table}" t ORDER BY 2`,
    )
    tables[table] = rows
  }
  return tables
}

/** A database for the file, and for each test an empty catalog with a reseller, two customers and a plan. */
export function setUpCatalogWorld(): void {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    world.connectionString = database.connectionString
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    world.client = new pg.Client({ connectionString: world.connectionString })
    await world.client.connect()
    await emptyTables([...WATCHED, 'setting', 'account', 'plan'])
    await world.client.query(`INSERT INTO plan (id, slug, name) VALUES (gen_random_uuid(), 'gold', 'Gold')`)
    await world.client.query(
      `INSERT INTO account (id, kind, name, slug, reseller_id, created_at) VALUES
        ($1, 'RESELLER', 'Acme', 'acme', NULL, now()),
        (gen_random_uuid(), 'CUSTOMER', 'Customer of Acme', 'acme-customer', $1, now()),
        (gen_random_uuid(), 'CUSTOMER', 'Direct', 'direct', NULL, now())`,
      [ACME],
    )
    world.time += HOUR_MS
  })
  afterEach(() => world.client.end())
}

/** Without the triggers that make versions immutable. */
export async function emptyTables(tables: readonly string[]): Promise<void> {
  await world.client.query('SET session_replication_role = replica')
  for (const table of tables) await world.client.query(`DELETE FROM "${table}"`)
  await world.client.query('SET session_replication_role = origin')
}

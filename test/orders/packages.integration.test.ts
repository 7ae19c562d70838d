import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { findPackage, listPackages } from '../../src/orders/packages.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let pool: pg.Pool
beforeEach(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.connectionString, max: 8 })
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const write = (currency = 'USD') => ensureDefaultPackages(pool, systemClock, currency)
const offers = async () =>
  (await listPackages(pool)).map(({ slug, priceMinor, creditNano, bonusNano, plan }) => [
    slug,
    priceMinor,
    creditNano,
    bonusNano,
    plan?.slug ?? null,
  ])

const DEFAULTS = [
  ['starter', 2_000n, 20_000_000_000n, 0n, 'starter'],
  ['growth', 20_000n, 200_000_000_000n, 10_000_000_000n, 'growth'],
  ['enterprise', 200_000n, 2_000_000_000_000n, 200_000_000_000n, 'enterprise'],
  ['custom', null, null, 0n, null],
]

describe('the packages that Farebox begins with', () => {
  test('are on sale in the order of the pricing page, in the currency of the platform', async () => {
    expect(await write('EUR')).toBe(true)
    expect(await offers()).toEqual(DEFAULTS)
    expect((await listPackages(pool)).map(({ currency }) => currency)).toEqual(['EUR', 'EUR', 'EUR', 'EUR'])
  })

  test('come with plans whose ranks rise from starter to custom', async () => {
    await write()
    const { rows } = await pool.query<{ slug: string; rank: number }>('SELECT slug, rank FROM plan ORDER BY rank')
    expect(rows).toEqual([
      { slug: 'starter', rank: 10 },
      { slug: 'growth', rank: 20 },
      { slug: 'enterprise', rank: 30 },
      { slug: 'custom', rank: 40 },
    ])
  })

  test('are written once by any number of processes that start together', async () => {
    const written = await Promise.all(Array.from({ length: 8 }, () => write()))
    expect(written.filter(Boolean)).toHaveLength(1)
    expect(await offers()).toEqual(DEFAULTS)
  })

  test('stay as the operator has changed, withdrawn and removed them', async () => {
    await write()
    await pool.query(`UPDATE credit_package SET price_minor = 2500 WHERE slug = 'starter'`)
    await pool.query(`UPDATE credit_package SET disabled_at = now() WHERE slug = 'growth'`)
    await pool.query(`DELETE FROM credit_package WHERE slug = 'enterprise'`)
    expect(await write()).toBe(false)
    expect((await offers()).map(([slug, price]) => [slug, price])).toEqual([
      ['starter', 2_500n],
      ['custom', null],
    ])
  })

  test('leave a plan of the same name as it is, and sell it', async () => {
    const id = '019aa000-0000-7000-8000-000000000009'
    await pool.query(`INSERT INTO plan (id, slug, name, rank) VALUES ($1, 'growth', 'Our own', 15)`, [id])
    await write()
    expect((await findPackage(pool, 'growth')).plan).toEqual({ id, slug: 'growth', name: 'Our own' })
    const { rows } = await pool.query(`SELECT rank FROM plan WHERE slug = 'growth'`)
    expect(rows).toEqual([{ rank: 15 }])
  })
})

describe('a package', () => {
  test('is found by its slug with everything that a pricing page shows', async () => {
    await write()
    const [starter] = await listPackages(pool)
    expect(await findPackage(pool, 'starter')).toEqual(starter)
    expect(starter).toMatchObject({ name: 'Starter', currency: 'USD', plan: { slug: 'starter', name: 'Starter' } })
    expect(starter?.description).not.toBe('')
  })

  test('that is no longer on sale is answered like one that never was', async () => {
    await write()
    await pool.query(`UPDATE credit_package SET disabled_at = now() WHERE slug = 'growth'`)
    const [withdrawn, unknown] = await Promise.allSettled([
      findPackage(pool, 'growth'),
      findPackage(pool, 'unheard-of'),
    ])
    expect(withdrawn).toMatchObject({ status: 'rejected', reason: { code: 'package_not_found', field: 'package' } })
    expect(unknown).toEqual(withdrawn)
  })
})

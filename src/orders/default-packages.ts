import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { NANO_PER_CENT } from '../money/nano.ts'

/** Set once they are there, so that what an operator changes or removes stays so. */
const WRITTEN = 'credit_packages.defaults_written'
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('farebox_default_packages'))`

/** Ranks leave room for plans in between. */
const PLANS = [
  { slug: 'starter', name: 'Starter', rank: 10 },
  { slug: 'growth', name: 'Growth', rank: 20 },
  { slug: 'enterprise', name: 'Enterprise', rank: 30 },
  { slug: 'custom', name: 'Custom', rank: 40 },
] as const

interface DefaultPackage {
  slug: string
  name: string
  description: string
  priceMinor: bigint | null
  bonusMinor: bigint
  /** Null = buying it changes no plan. */
  plan: (typeof PLANS)[number]['slug'] | null
}

/** In the order of the pricing page. */
const PACKAGES: readonly DefaultPackage[] = [
  {
    slug: 'starter',
    name: 'Starter',
    description: 'Enough to try every model.',
    priceMinor: 2_000n,
    bonusMinor: 0n,
    plan: 'starter',
  },
  {
    slug: 'growth',
    name: 'Growth',
    description: 'For a product in use, with 5% more credits on top.',
    priceMinor: 20_000n,
    bonusMinor: 1_000n,
    plan: 'growth',
  },
  {
    slug: 'enterprise',
    name: 'Enterprise',
    description: 'For many teams, with 10% more credits on top.',
    priceMinor: 200_000n,
    bonusMinor: 20_000n,
    plan: 'enterprise',
  },
  {
    slug: 'custom',
    name: 'Custom',
    description: 'Any amount you name, credited in full.',
    priceMinor: null,
    bonusMinor: 0n,
    plan: null,
  },
]

/**
 * Writes the plans and packages that Farebox begins with, priced in the platform's currency: once in a database's life.
 * A plan or package that bears one of the slugs already is left as it is.
 *
 * @returns whether they were written now
 */
export async function ensureDefaultPackages(pool: Pool, clock: Clock, currency: string): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK)
    const { rows } = await client.query('SELECT FROM setting WHERE key = $1', [WRITTEN])
    if (rows.length > 0) return false
    await writePlans(client, clock)
    for (const [position, one] of PACKAGES.entries()) await writePackage(client, clock, currency, one, position)
    await client.query('INSERT INTO setting (key, value) VALUES ($1, $2)', [
      WRITTEN,
      JSON.stringify({ at: new Date(clock.now()).toISOString() }),
    ])
    return true
  })
}

async function writePlans(client: PoolClient, clock: Clock): Promise<void> {
  for (const { slug, name, rank } of PLANS) {
    await client.query(
      'INSERT INTO plan (id, slug, name, rank) VALUES ($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING',
      [uuidV7(clock), slug, name, rank],
    )
  }
}

async function writePackage(
  client: PoolClient,
  clock: Clock,
  currency: string,
  { slug, name, description, priceMinor, bonusMinor, plan }: DefaultPackage,
  position: number,
): Promise<void> {
  const creditNano = priceMinor === null ? null : priceMinor * NANO_PER_CENT
  await client.query(
    `INSERT INTO credit_package (id, slug, name, description, currency, price_minor, credit_nano, bonus_nano, plan_id, position, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT id FROM plan WHERE slug = $9), $10, $11) ON CONFLICT (slug) DO NOTHING`,
    [
      ...[uuidV7(clock), slug, name, description, currency, priceMinor, creditNano, bonusMinor * NANO_PER_CENT],
      ...[plan, position, new Date(clock.now())],
    ],
  )
}

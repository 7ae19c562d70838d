import fc from 'fast-check'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type LedgerFixture, openLedger } from '../ledger/ledger-fixture.ts'
import { summed } from './summed.ts'
import { DAY_MS, insertEvents, type TestEvent } from './usage-world.ts'

/** Two resellers with customers, direct customers, and usage of everybody over forty days. */
export interface ReportWorld extends LedgerFixture {
  resellers: [string, string]
  /** The first two of the first reseller, the next of the second, the others direct. */
  customers: string[]
  providers: [string, string]
  routes: string[]
  /** Some hundred requests more, at random. */
  addEvents(count: number, seed: number): Promise<void>
  rollUp(): Promise<number>
}

export async function openReportWorld(): Promise<ReportWorld> {
  const ledger = await openLedger()
  const { pool, clock } = ledger
  const provider = async (slug: string) => {
    const id = uuidV7(clock)
    await pool.query(
      `INSERT INTO provider (id, slug, name, protocol, base_url, created_at) VALUES ($1, $2, $3, 'openai', 'http://127.0.0.1', now())`,
      [id, slug, `Provider ${slug}`],
    )
    return id
  }
  const reseller = async () => {
    const id = await ledger.account()
    await pool.query(`UPDATE account SET kind = 'RESELLER', name = 'Reseller ' || slug WHERE id = $1`, [id])
    return id
  }
  const resellers: [string, string] = [await reseller(), await reseller()]
  const sellers = [resellers[0], resellers[0], resellers[1], null, null]
  const customers: string[] = []
  for (const resellerId of sellers) customers.push(await ledger.account(0n, resellerId ? { resellerId } : {}))
  await pool.query(`UPDATE account SET name = 'Customer ' || slug WHERE kind = 'CUSTOMER'`)
  const providers: [string, string] = [await provider('first'), await provider('second')]
  const routes = Array.from({ length: 3 }, () => uuidV7(clock))
  const rollUp = () => summed({ pool, clock })
  return {
    ...ledger,
    ...{ resellers, customers, providers, routes, rollUp },
    async addEvents(count, seed) {
      const event = fc
        .record({
          at: fc.integer({ min: clock.now() - 40 * DAY_MS, max: clock.now() }),
          customer: fc.nat({ max: customers.length - 1 }),
          key: fc.nat({ max: 11 }),
          model: fc.constantFrom('small', 'large', 'huge', ...Array.from({ length: 9 }, (_, index) => `rare-${index}`)),
          providerId: fc.constantFrom(null, ...providers),
          routeId: fc.constantFrom(null, ...routes),
          status: fc.constantFrom(
            'COMPLETED',
            'COMPLETED',
            'CLIENT_ABORTED',
            'PROVIDER_ABORTED',
            'FAILED',
            'ABANDONED',
          ),
          hasListPrice: fc.boolean(),
          streaming: fc.boolean(),
          seed: fc.integer({ min: 0, max: 1_000_000 }),
        })
        .map(({ customer, key, ...rest }): TestEvent => {
          const accountId = customers[customer] as string
          const accessKeyId = `${accountId.slice(0, -2)}${key.toString(16).padStart(2, '0')}`
          return {
            ...rest,
            status: rest.status as 'FAILED',
            accountId,
            accessKeyId,
            resellerId: sellers[customer] ?? null,
          }
        })
      await insertEvents(
        pool,
        fc.sample(fc.array(event, { minLength: count, maxLength: count }), { numRuns: 1, seed })[0] ?? [],
      )
    },
  }
}

/** Instants that are no full hours, and some that are. */
export function periods(now: number, count: number, seed: number): { from: number; to: number }[] {
  const at = fc.oneof(
    fc.integer({ min: now - 42 * DAY_MS, max: now + 2 * DAY_MS }),
    fc.integer({ min: -42, max: 2 }).map((days) => now - (now % DAY_MS) + days * DAY_MS),
  )
  return fc
    .sample(fc.tuple(at, at), { numRuns: count * 2, seed })
    .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }))
    .filter(({ from, to }) => from < to)
    .slice(0, count)
}

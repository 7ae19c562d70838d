import type { PoolClient } from 'pg'
import { z } from 'zod'
import type { CatalogState } from '../catalog/catalog-state.ts'
import { inTransaction } from '../db/transaction.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { type Actor, type Invalid, type MarginDeps, NOT_FOUND, type NotFound } from './margin-deps.ts'
import { planPriceChange } from './plan-price-change.ts'
import { type PriceChange, type ReadPriceChange, readPriceChange } from './price-change.ts'
import { accountsOf } from './propose-price-change.ts'
import { readCatalogIn } from './read-catalog.ts'
import { repriceUsage } from './reprice-usage.ts'
import type { SimulationSums } from './simulation-books.ts'
import { readSimulatedAccounts } from './sql/simulated-accounts.ts'
import { countUsage, type UsageScope } from './sql/usage-groups.ts'

const DAY_MS = 24 * 3_600_000
/** Some minutes of work. Whoever has more asks for fewer days, or for a part of the customers. */
export const SIMULATED_EVENTS_MAX = 10_000_000
const CHANGES_MAX = 100
/** What one step's groups need, so that they are not sorted on disk. */
const GROUPING_MEMORY = '48MB'

const id = z.uuid({ error: 'expected an id' }).toLowerCase()

const request = z.strictObject({
  days: z.union([z.literal(7), z.literal(30), z.literal(90)], { error: 'expected 7, 30 or 90 days' }),
  scope: z
    .strictObject({
      accountId: id.optional(),
      resellerId: id.optional(),
      modelId: id.optional(),
      providerId: id.optional(),
    })
    .default({}),
  eventsMax: z.int().min(1).max(SIMULATED_EVENTS_MAX).default(SIMULATED_EVENTS_MAX),
})

export interface Simulate {
  /** None = how today's prices compare with what was booked. */
  changes: PriceChange[]
  /** Up to now. */
  days: 7 | 30 | 90
  /** Only requests of these. */
  scope?: UsageScope
  eventsMax?: number
  actor: Actor
  /** Ends the work: the promise is rejected with the signal's reason. */
  signal?: AbortSignal
  onProgress?: (progress: { eventsDone: number; eventsTotal: number }) => void
}

export interface Simulation extends SimulationSums {
  ok: true
  /** What changes, for people. */
  lines: string[]
  /** Half-open. */
  from: Date
  to: Date
  /** The requests are priced as if they came at this instant, when all of the change is in force. */
  pricedAt: Date
  /** Requests without a charge: they are in none of the sums. */
  excludedRequests: number
  currency: string | null
}

export type SimulationRefusal =
  | Invalid
  | NotFound
  /** Nothing is sampled: it is exact, or it is not done. */
  | { ok: false; reason: 'too_many_events'; eventsMax: number }
  | { ok: false; reason: 'too_many_customers'; customersMax: number }
  | { ok: false; reason: 'several_currencies'; currencies: string[] }

/**
 * Prices the requests of the last days anew, with and without changes of prices, by the function that prices requests:
 * each on its own figures and rounded on its own. Of one instant, in constant memory, without keeping the process from
 * its other work.
 */
export async function simulate(deps: MarginDeps, asked: Simulate): Promise<Simulation | SimulationRefusal> {
  const { actor, changes: written, signal, onProgress, ...rest } = asked
  const read = request.safeParse(rest)
  if (!read.success || written.length > CHANGES_MAX) {
    const found = read.error?.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })) ?? []
    const tooMany = { field: 'changes', message: `expected at most ${CHANGES_MAX} changes` }
    return { ok: false, reason: 'invalid', problems: written.length > CHANGES_MAX ? [...found, tooMany] : found }
  }
  const changes: ReadPriceChange[] = []
  for (const [index, each] of written.entries()) {
    const one = readPriceChange(each)
    if (!one.ok) return { ...one, problems: one.problems.map((p) => ({ ...p, field: `changes.${index}.${p.field}` })) }
    changes.push(one.change)
  }
  return onSnapshot(deps, signal, (client) => simulateOn(deps, client, { ...asked, ...read.data }, changes))
}

/** One instant for the catalog and all usage; whoever ends it early ends the running statement too. */
async function onSnapshot<T>(
  { pool }: MarginDeps,
  signal: AbortSignal | undefined,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(`SET LOCAL jit = off; SET LOCAL work_mem = '${GROUPING_MEMORY}'`)
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    let canceling: Promise<unknown> = Promise.resolve()
    const cancel = () => {
      // Where the statement cannot be ended, the next one is not begun.
      canceling = pool.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => undefined)
    }
    signal?.addEventListener('abort', cancel)
    try {
      return await work(client)
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', cancel)
      // A late cancel must not hit the next user of the connection.
      await canceling
    }
  })
}

async function simulateOn(
  deps: MarginDeps,
  client: PoolClient,
  { actor, days, eventsMax, scope: wanted, signal, onProgress }: Simulate & z.output<typeof request>,
  changes: readonly ReadPriceChange[],
): Promise<Simulation | SimulationRefusal> {
  const now = new Date(deps.clock.now())
  const scope = await allowedScope(client, actor, wanted)
  if (scope === undefined) return NOT_FOUND
  const { state } = await readCatalogIn(client, now, accountsOf(changes, actor))
  const planned = planAll(deps, state, changes, actor, now)
  if (!planned.ok) return planned
  const { after, lines, pricedAt } = planned

  const window = { from: now.getTime() - days * DAY_MS, to: now.getTime() }
  const count = await countUsage(client, window, scope, eventsMax)
  if (count.charged + count.excluded > eventsMax) return { ok: false, reason: 'too_many_events', eventsMax }
  if (count.currencies.length > 1) {
    return { ok: false, reason: 'several_currencies', currencies: count.currencies }
  }
  const repriced = await repriceUsage(client, {
    ...{ window, scope, before: state, after, at: pricedAt, operatorFeeNano: deps.operatorFeeNano },
    ...{ isReseller: actor.resellerId !== null, eventsTotal: count.charged, signal, onProgress },
  })
  if (!repriced.ok) return repriced
  return {
    ...repriced,
    ...{ lines, from: new Date(window.from), to: new Date(window.to), pricedAt },
    ...{ excludedRequests: count.excluded, currency: count.currencies[0] ?? null },
  }
}

/** A reseller's own customers, and nobody else's. Undefined where the account is not one of them. */
async function allowedScope(client: PoolClient, actor: Actor, scope: UsageScope): Promise<UsageScope | undefined> {
  if (actor.resellerId === null) return scope
  if (scope.resellerId !== undefined && scope.resellerId !== actor.resellerId) return undefined
  if (scope.accountId !== undefined) {
    const [account] = await readSimulatedAccounts(client, [scope.accountId])
    if (account?.reseller_id !== actor.resellerId) return undefined
  }
  return { ...scope, resellerId: actor.resellerId }
}

interface PlannedAll {
  ok: true
  after: CatalogState
  lines: string[]
  pricedAt: Date
}

/** Each change on the catalog as those before it have left it. One that the catalog says already changes nothing. */
function planAll(
  deps: MarginDeps,
  state: CatalogState,
  changes: readonly ReadPriceChange[],
  actor: Actor,
  now: Date,
): PlannedAll | Invalid | NotFound {
  const all: PlannedAll = { ok: true, after: state, lines: [], pricedAt: now }
  for (const change of changes) {
    const planned = planPriceChange(all.after, change, { now, newId: () => uuidV7(deps.clock), actor })
    if (!planned.ok && planned.reason === 'same') continue
    if (!planned.ok) return planned
    all.after = planned.plan.after
    all.lines.push(...planned.plan.lines)
    if (planned.plan.effectiveFrom > all.pricedAt) all.pricedAt = planned.plan.effectiveFrom
  }
  return all
}

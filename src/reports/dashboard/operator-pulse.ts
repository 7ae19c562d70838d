import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { divideHalfUp } from '../../money/divide.ts'
import { DAY_MS, dayOf, type Span } from '../hours.ts'
import { readMark } from '../rollup-mark.ts'
import { bindValues } from '../sql/bind-values.ts'
import { ROUTE_HOURS } from '../sql/usage-figures.ts'
import { usageSource } from '../sql/usage-source.ts'
import { inSnapshot } from '../statement-read.ts'
import { addFigures, type BusinessScope, type FigureRow, figuresOf } from './business-figures.ts'
import { type Listed, sumRows } from './listed.ts'
import { type LosingRoute, readLosingRoutes } from './losing-routes.ts'
import type { ListedResource, ListFilters } from './sql/listed-rows.ts'
import { businessSums, ERROR_STATUSES } from './sql/sum-business.ts'

/** Of attempts that failed, and of routes that lose money. */
const RECENT_MS = 7 * DAY_MS
/** Credits that end within this time are shown as ending. */
const EXPIRING_MS = 30 * DAY_MS

/** How many rows, what they come to, and where they are listed. */
export interface PulseFigure {
  readonly count: bigint
  readonly amount: bigint
  /** What the amount is counted in: 1e-9 of a unit of the currency, or its minor unit. */
  readonly unit: 'nano' | 'minor'
  readonly list: Listed
}

export interface Pulse {
  readonly currency: string
  /** When it was read, and where its day (UTC) begins. */
  readonly at: number
  readonly today: number
  /** Amounts are what the scope earned. */
  readonly requests: PulseFigure
  readonly errors: PulseFigure
  /** Errors in 1/10,000 of requests, half up; null = no requests. */
  readonly errorRateBps: bigint | null
  /** Money that has arrived for manual orders which wait for approval. */
  readonly ordersToApprove: PulseFigure
  readonly adjustmentsToApprove: PulseFigure
  readonly failingTopUps: PulseFigure
  readonly suspendedTopUps: PulseFigure
  /** Of the last seven days, whatever cost more than it earned. */
  readonly losing: readonly LosingRoute[]
  /** What attempts that did not become the answer may have cost, in seven days; null for a reseller. */
  readonly failedAttempts: PulseFigure | null
  /** Paid credit that is left: what is still owed for it. */
  readonly deferredRevenue: PulseFigure
  /** Credit that nobody paid for and that is left: bonus, codes, grants. */
  readonly promotionalCredit: PulseFigure
  /** Credit that ends within thirty days. */
  readonly expiringCredit: PulseFigure
  readonly openDisputes: PulseFigure
}

/** What wants attention now. Each figure names the rows behind it; `sumRows` sums them one by one. */
export function operatorPulse(
  { pool, clock }: { pool: Pool; clock: Clock },
  scope: BusinessScope,
  currency = 'USD',
): Promise<Pulse> {
  return inSnapshot(pool, async (client) => {
    await client.query("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
    const at = clock.now()
    const day = { from: dayOf(at), to: dayOf(at) + DAY_MS }
    const recent = { from: at + 1 - RECENT_MS, to: at + 1 }
    const figure = (unit: PulseFigure['unit'], resource: ListedResource, filters: ListFilters) =>
      readFigure(client, scope, unit, { resource, filters })
    const usage = await readToday(client, scope, currency, day)
    return {
      ...usage,
      ...{ currency, at, today: day.from },
      ordersToApprove: await figure('minor', 'paymentOrder', {
        ...{ kind: 'MANUAL', state: ['AWAITING_PAYMENT', 'EXPIRED'], received: true, currency },
      }),
      adjustmentsToApprove: await figure('nano', 'adjustment', { state: 'PENDING', currency }),
      failingTopUps: await figure('minor', 'autoTopUp', { enabled: true, failing: true, currency }),
      suspendedTopUps: await figure('minor', 'autoTopUp', { suspended: true, currency }),
      losing: await readLosingRoutes(client, scope, currency, recent),
      failedAttempts: scope === 'operator' ? await figure('nano', 'routeAttempt', { createdAt: recent }) : null,
      deferredRevenue: await figure('nano', 'creditLot', { open: true, paid: true, currency }),
      promotionalCredit: await figure('nano', 'creditLot', { open: true, paid: false, currency }),
      expiringCredit: await figure('nano', 'creditLot', {
        ...{ open: true, expiresAt: { from: at, to: at + EXPIRING_MS }, currency },
      }),
      openDisputes: await figure('minor', 'dispute', { state: ['INQUIRY', 'OPEN'], currency }),
    }
  })
}

async function readFigure(
  client: ClientBase,
  scope: BusinessScope,
  unit: PulseFigure['unit'],
  list: Listed,
): Promise<PulseFigure> {
  const { rows: count, amount } = await sumRows(client, list, scope)
  return { count, amount, unit, list }
}

/** From sums, as the dashboard has it; errors earn nothing but what was delivered before them. */
async function readToday(
  client: ClientBase,
  scope: BusinessScope,
  currency: string,
  day: Span,
): Promise<Pick<Pulse, 'requests' | 'errors' | 'errorRateBps'>> {
  const values = bindValues()
  const filter = { currency, resellerId: scope === 'operator' ? undefined : scope.resellerId }
  const dimensions = ['reseller_id', 'status'] as const
  const source = usageSource(
    { read: await readMark(client), span: day, filter, table: ROUTE_HOURS, dimensions },
    values,
  )
  const isError = `status IN (${ERROR_STATUSES.map((status) => `'${status}'`).join(', ')})`
  const { rows } = await client.query<FigureRow>(
    `SELECT ${isError} AS is_error, ${businessSums(scope)} FROM ${source} u GROUP BY 1`,
    values.values,
  )
  const failed = figuresOf(rows.find((row) => row.is_error === true) ?? {})
  const all = addFigures(scope, rows.map(figuresOf))
  const filters = { createdAt: day, currency }
  const usage = (found: typeof all, more: ListFilters): PulseFigure => ({
    count: found.requests,
    amount: found.revenueNano,
    unit: 'nano',
    list: { resource: 'usageEvent', filters: { ...filters, ...more } },
  })
  return {
    requests: usage(all, {}),
    errors: usage(failed, { status: ERROR_STATUSES }),
    errorRateBps: all.requests > 0n ? divideHalfUp(all.errors * 10_000n, all.requests) : null,
  }
}

import pg from 'pg'
import { operatorBreakdown, operatorDashboard } from '../src/reports/dashboard/operator-dashboard.ts'
import { operatorPulse } from '../src/reports/dashboard/operator-pulse.ts'
import { accountEvents } from '../src/reports/usage/account-events.ts'
import { accountSpendSummary } from '../src/reports/usage/account-spend-summary.ts'
import { accountTransactions } from '../src/reports/usage/account-transactions.ts'
import { accountUsage } from '../src/reports/usage/account-usage.ts'
import { rollUpUsage } from '../src/reports/usage-rollup.ts'
import { type Bench, type BenchOptions, type BenchResult, type Row, rounded } from './support/bench.ts'
import { startLedgerServer } from './support/ledger-server.ts'
import { addRecent, BUSY, fillReports, QUIET, RARE_MODEL, RESELLER, type ReportsSize } from './support/reports-world.ts'

/** How long do dashboards, usage pages, audit trail and transactions take, and what does summing usage cost? */
export const reports: Bench = { name: 'reports', run }

const SIZES: Record<'whole' | 'quick', ReportsSize> = {
  whole: { accounts: 100_000, events: 5_000_000, busyEvents: 1_000_000, days: 90 },
  quick: { accounts: 5_000 + 1, events: 100_000, busyEvents: 20_000, days: 90 },
}
const ROUNDS = { whole: 40, quick: 5 }
/** Requests between two runs of the rollup; half of them stay unsummed while pages are read. */
const RECENT = 20_000
const DAY_MS = 86_400_000
const DASHBOARD_P95_MAX_MS = 300
const EVENTS_P95_MAX_MS = 200

interface Question {
  what: string
  p95MaxMs: number
  ask(): Promise<unknown>
}

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const size = isQuick ? SIZES.quick : SIZES.whole
  const server = await startLedgerServer()
  try {
    const connectionString = await server.createDatabase('reports')
    const now = Date.now()
    await fillReports(connectionString, now, size, progress)
    const pool = new pg.Pool({ connectionString, max: 1 })
    try {
      return await measure(pool, now, size, isQuick ? ROUNDS.quick : ROUNDS.whole, progress)
    } finally {
      await pool.end()
    }
  } finally {
    await server.stop()
  }
}

async function measure(
  pool: pg.Pool,
  now: number,
  size: ReportsSize,
  rounds: number,
  progress: (line: string) => void,
): Promise<BenchResult> {
  const deps = { pool, clock: { now: () => now } }
  progress('reports: summing all there is')
  const whole = await timed(() => rollUpUsage(deps))
  await pool.query(
    'VACUUM ANALYZE usage_rollup, usage_route_hour, usage_route_day, usage_account_day, usage_customer_day',
  )
  await addRecent(pool, now, size, size.events, RECENT)
  const next = await timed(() => rollUpUsage(deps))
  const idle = await timed(() => rollUpUsage(deps))
  await addRecent(pool, now, size, size.events + RECENT, RECENT)
  const rows: Row[] = []
  const notes = [
    `${size.events} events of ${size.accounts} accounts over ${size.days} days, ${size.busyEvents} of them one account's; ${RECENT} more are not summed yet while pages are read.`,
    `summing all: ${Math.round(whole)} ms; then ${RECENT} new requests: ${Math.round(next)} ms; nothing new: ${Math.round(idle)} ms.`,
  ]
  for (const question of questions(deps, now)) {
    progress(`reports: ${question.what}`)
    const times: number[] = []
    // The first ones fill the caches.
    for (let round = -2; round < rounds; round += 1) {
      const time = await timed(question.ask)
      if (round >= 0) times.push(time)
    }
    times.sort((left, right) => left - right)
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
    const reached = at(0.95) <= question.p95MaxMs
    rows.push({
      ...{ what: question.what, 'p50 ms': rounded(at(0.5)), 'p95 ms': rounded(at(0.95)) },
      ...{ 'to reach, p95 ms': question.p95MaxMs, reached: reached ? 'yes' : 'no' },
    })
  }
  return { rows, ratios: [], notes }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function questions(deps: { pool: pg.Pool; clock: { now(): number } }, now: number): Question[] {
  const month = { from: now - 30 * DAY_MS, to: now + 1 }
  const quarter = { from: now - 90 * DAY_MS, to: now + 1 }
  const operator = { scope: 'operator' } as const
  const page = { accountId: BUSY, limit: 100 }
  const dashboard = (what: string, ask: Question['ask']): Question => ({ what, p95MaxMs: DASHBOARD_P95_MAX_MS, ask })
  const list = (what: string, ask: Question['ask']): Question => ({ what, p95MaxMs: EVENTS_P95_MAX_MS, ask })
  return [
    dashboard('dashboard, 30 days by model', () =>
      operatorDashboard(deps, { ...month, ...operator, groupBy: 'model' }),
    ),
    dashboard('dashboard, 30 days by customer', () =>
      operatorDashboard(deps, { ...month, ...operator, groupBy: 'customer' }),
    ),
    dashboard('dashboard, 90 days by provider', () =>
      operatorDashboard(deps, { ...quarter, ...operator, groupBy: 'provider' }),
    ),
    dashboard('dashboard, today by customer', () =>
      operatorDashboard(deps, { from: now - DAY_MS, to: now + 1, ...operator, groupBy: 'customer' }),
    ),
    dashboard('a reseller, 30 days by customer', () =>
      operatorDashboard(deps, { ...month, scope: { resellerId: RESELLER }, groupBy: 'customer' }),
    ),
    dashboard('all customers, 30 days, a page', () =>
      operatorBreakdown(deps, { ...month, ...operator, groupBy: 'customer', limit: 50 }),
    ),
    dashboard('pulse', () => operatorPulse(deps, 'operator')),
    dashboard('busy account, 90 days by key', () =>
      accountUsage(deps, { accountId: BUSY, ...quarter, groupBy: 'key' }),
    ),
    dashboard('busy account, 30 days by date', () => accountUsage(deps, { accountId: BUSY, ...month })),
    dashboard('quiet account, 90 days by model', () =>
      accountUsage(deps, { accountId: QUIET, ...quarter, groupBy: 'model' }),
    ),
    dashboard('busy account, summary', () => accountSpendSummary(deps, { accountId: BUSY })),
    list('audit trail, first page', () => accountEvents(deps, page)),
    list('audit trail, 1,000 of a month ago', () =>
      accountEvents(deps, { ...page, limit: 1_000, filters: { to: now - 30 * DAY_MS } }),
    ),
    list('audit trail, a rare model', () => accountEvents(deps, { ...page, filters: { model: RARE_MODEL } })),
    list('audit trail, what failed and streamed', () =>
      accountEvents(deps, { ...page, filters: { status: 'FAILED', streaming: false } }),
    ),
    list('audit trail, a model nobody used', () => accountEvents(deps, { ...page, filters: { model: 'none' } })),
    list('transactions, each', () => accountTransactions(deps, { ...page, usage: 'each' })),
    list('transactions, usage by the day', () => accountTransactions(deps, { ...page, limit: 25, usage: 'daily' })),
    list('transactions without usage', () => accountTransactions(deps, { ...page, usage: 'none' })),
    list('transactions of two months ago', () =>
      accountTransactions(deps, { ...page, usage: 'each', from: now - 61 * DAY_MS, to: now - 60 * DAY_MS }),
    ),
  ]
}

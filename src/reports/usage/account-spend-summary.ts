import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { divideHalfUp } from '../../money/divide.ts'
import { accountId } from '../export-range.ts'
import { DAY_MS, dayOf, type Span } from '../hours.ts'
import { readAsked } from '../report-request.ts'
import { type ReadMark, readMark } from '../rollup-mark.ts'
import { bindValues } from '../sql/bind-values.ts'
import { ACCOUNT_DAYS } from '../sql/usage-figures.ts'
import { usageSource } from '../sql/usage-source.ts'
import { inSnapshot } from '../statement-read.ts'
import { type AccountMoney, readAccountMoney } from './read-account.ts'
import { type Spending, spendingOf } from './spending.ts'
import { spendingTotals } from './sql/sum-spending.ts'

const request = z.strictObject({ accountId })

/** Days that the average is made of. */
const AVERAGE_DAYS = 7n

export interface SpendPeriod extends Span {
  readonly figures: Spending
  /** The same stretch of time before: of today, yesterday up to the same time. */
  readonly before: Span & { readonly figures: Spending }
}

export interface SpendSummary extends AccountMoney {
  /** When it was read, in milliseconds since the epoch. */
  readonly at: number
  /** Since midnight (UTC), and the last 7 and 30 times 24 hours. */
  readonly today: SpendPeriod
  readonly week: SpendPeriod
  readonly month: SpendPeriod
  /** Of the last seven days, half up. */
  readonly dailySpendNano: bigint
  /** Whole days that what is available lasts at that rate; null = nothing is spent. */
  readonly daysLeft: bigint | null
  /** The credit that ends next, of which something is left; null = none ends. */
  readonly nextExpiry: { readonly at: number; readonly amountNano: bigint } | null
}

/** Lots that end at the same instant end together. `$1` the account, `$2` now. */
const NEXT_EXPIRY = `
  SELECT expires_at AS at, sum(remaining_nano)::text AS amount_nano FROM credit_lot
  WHERE account_id = $1 AND open AND expires_at > $2 GROUP BY expires_at ORDER BY expires_at LIMIT 1`

/**
 * What an account spends, has, and how long that lasts, at one moment.
 * @throws ExportError `invalid_request`, `account_not_found`
 */
export async function accountSpendSummary(
  { pool, clock }: { pool: Pool; clock: Clock },
  input: { accountId: string },
): Promise<SpendSummary> {
  const { accountId: id } = readAsked(request, input)
  return inSnapshot(pool, async (client) => {
    await client.query('SET LOCAL jit = off')
    const now = clock.now()
    const money = await readAccountMoney(client, id, now)
    const read = await readMark(client)
    // What came at this very millisecond belongs to it.
    const to = now + 1
    const week = await readPeriod(client, read, id, { from: to - 7 * DAY_MS, to }, 7 * DAY_MS)
    const dailySpendNano = divideHalfUp(week.figures.costNano, AVERAGE_DAYS)
    return {
      ...money,
      at: now,
      today: await readPeriod(client, read, id, { from: dayOf(now), to }, DAY_MS),
      week,
      month: await readPeriod(client, read, id, { from: to - 30 * DAY_MS, to }, 30 * DAY_MS),
      dailySpendNano,
      daysLeft: dailySpendNano > 0n ? money.availableNano / dailySpendNano : null,
      nextExpiry: await readNextExpiry(client, id, now),
    }
  })
}

async function readPeriod(
  client: ClientBase,
  read: ReadMark,
  account: string,
  span: Span,
  backMs: number,
): Promise<SpendPeriod> {
  const before = { from: span.from - backMs, to: span.to - backMs }
  return {
    ...span,
    figures: await readSpending(client, read, account, span),
    before: { ...before, figures: await readSpending(client, read, account, before) },
  }
}

async function readSpending(client: ClientBase, read: ReadMark, account: string, span: Span): Promise<Spending> {
  const values = bindValues()
  const source = { read, span, filter: { accountId: account }, table: ACCOUNT_DAYS, dimensions: ['status'] as const }
  const { rows } = await client.query<Record<string, unknown>>(
    spendingTotals(usageSource(source, values)),
    values.values,
  )
  return spendingOf(rows[0] ?? {})
}

async function readNextExpiry(client: ClientBase, account: string, now: number): Promise<SpendSummary['nextExpiry']> {
  const { rows } = await client.query<{ at: Date; amount_nano: string }>(NEXT_EXPIRY, [account, new Date(now)])
  const [row] = rows
  return row ? { at: row.at.getTime(), amountNano: BigInt(row.amount_nano) } : null
}

import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { accountId, rangeFields } from '../export-range.ts'
import type { Span } from '../hours.ts'
import { type Bucket, bucketOf, readPeriod, uuid } from '../report-request.ts'
import { type ReadMark, readMark } from '../rollup-mark.ts'
import { bucketStarts } from '../series.ts'
import { bindValues } from '../sql/bind-values.ts'
import { ACCOUNT_DAYS, ROLLUP, type UsageDimension } from '../sql/usage-figures.ts'
import { type UsageFilter, usageSource } from '../sql/usage-source.ts'
import { inSnapshot } from '../statement-read.ts'
import { type NamedGroup, nameAccountGroups, readAccountMoney } from './read-account.ts'
import {
  addSpending,
  NO_SPENDING,
  SPENDING_METRICS,
  type Spending,
  type SpendingMetric,
  spendingOf,
  subtractSpending,
} from './spending.ts'
import { spendingByGroup, spendingSeries } from './sql/sum-spending.ts'

/** A chart tells no more lines apart. */
const SERIES_MAX = 8
/** A table of more is an export. */
const GROUPS_MAX = 500

export const USAGE_GROUPS = ['date', 'key', 'project', 'provider', 'model'] as const
export type UsageGroup = (typeof USAGE_GROUPS)[number]

const COLUMNS: Readonly<Record<NamedGroup, UsageDimension>> = {
  key: 'access_key_id',
  project: 'project_id',
  provider: 'provider_id',
  model: 'model',
}

const MODEL_LENGTH_MAX = 200

/** By what usage may be narrowed. */
export const usageFilters = z.strictObject({
  model: z.string().min(1).max(MODEL_LENGTH_MAX, { error: 'is too long' }).optional(),
  providerId: uuid.optional(),
  accessKeyId: uuid.optional(),
  projectId: uuid.optional(),
})

const request = z.strictObject({
  accountId,
  ...rangeFields,
  groupBy: z.enum(USAGE_GROUPS, { error: `must be one of ${USAGE_GROUPS.join(', ')}` }).default('date'),
  metric: z.enum(SPENDING_METRICS, { error: `must be one of ${SPENDING_METRICS.join(', ')}` }).default('cost'),
  filters: usageFilters.default({}),
})

export interface UsageGroupRow {
  /** A model's name, an id, or the start of a bucket (ISO 8601); all zeroes = no provider was reached. */
  readonly key: string
  readonly name: string
  readonly figures: Spending
}

export interface UsageSeries {
  /** Null = all others together; with groups by date, all. */
  readonly key: string | null
  readonly name: string
  /** A point a bucket, also where nothing came. */
  readonly points: readonly { readonly at: number; readonly figures: Spending }[]
}

export interface AccountUsage {
  readonly currency: string
  readonly bucket: Bucket
  readonly totals: Spending
  /** Those with the most of the metric first; by date, the earliest first. */
  readonly groups: readonly UsageGroupRow[]
  /** All other groups together; null = there are no others. */
  readonly other: Spending | null
  /** At most eight and one of all others. */
  readonly series: readonly UsageSeries[]
}

/**
 * What an account used in a half-open period of at most 366 days (milliseconds since the epoch; days and hours are of
 * UTC), exact to the last unit at the moment of reading. The caller has to see to it that the reader may read this account.
 *
 * @throws ExportError `invalid_request`, `account_not_found`
 */
export async function accountUsage(
  { pool, clock }: { pool: Pool; clock: Clock },
  input: z.input<typeof request>,
): Promise<AccountUsage> {
  const asked = readPeriod(request, input)
  return inSnapshot(pool, async (client) => {
    await client.query("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
    const { currency } = await readAccountMoney(client, asked.accountId, clock.now())
    const read = await readMark(client)
    const report =
      asked.groupBy === 'date' ? await byDate(client, read, asked) : await byGroup(client, read, asked, asked.groupBy)
    return { currency, bucket: bucketOf(asked), ...report }
  })
}

interface Asked extends Span {
  readonly accountId: string
  readonly metric: SpendingMetric
  readonly filters: z.output<typeof usageFilters>
}
type Report = Omit<AccountUsage, 'currency' | 'bucket'>

async function byDate(client: ClientBase, read: ReadMark, asked: Asked): Promise<Report> {
  const rows = await select(client, read, asked, null, (source) => spendingSeries(source, bucketOf(asked)))
  const points = pointsOf(asked, rows)
  const groups = points.map(({ at, figures }) => {
    const key = new Date(at).toISOString()
    return { key, name: key, figures }
  })
  const totals = addSpending(points.map(({ figures }) => figures))
  return { totals, groups, other: null, series: [{ key: null, name: 'All usage', points }] }
}

async function byGroup(client: ClientBase, read: ReadMark, asked: Asked, group: NamedGroup): Promise<Report> {
  const column = COLUMNS[group]
  // One more than is listed tells whether there are others.
  const reading = { column, bucket: bucketOf(asked), metric: asked.metric, limit: GROUPS_MAX + 1, top: SERIES_MAX }
  const all = await select(client, read, asked, column, (source) => spendingByGroup(source, reading))
  const found = all.filter(({ place }) => place !== null)
  const rows = all.filter(({ place }) => place === null)
  const keys = found.slice(0, GROUPS_MAX).map((row) => row.key as string)
  const nameOf = await nameAccountGroups(client, asked.accountId, group, keys)
  const groups = keys.map((key, index) => ({ key, name: nameOf(key), figures: spendingOf(found[index] as Row) }))
  const top = keys.slice(0, SERIES_MAX)
  const totals = addSpending(rows.map(spendingOf))
  const series = top.map((key) => ({
    key,
    name: nameOf(key),
    points: pointsOf(
      asked,
      rows.filter((row) => row.key === key),
    ),
  }))
  const others = rows.filter((row) => row.key === null)
  const other = { key: null, name: 'Other', points: pointsOf(asked, others) }
  return {
    totals,
    groups,
    other:
      found.length > groups.length
        ? subtractSpending(
            totals,
            groups.map(({ figures }) => figures),
          )
        : null,
    series: others.length > 0 ? [...series, other] : series,
  }
}

type Row = Readonly<Record<string, unknown>>

function pointsOf(asked: Asked, rows: readonly Row[]): UsageSeries['points'] {
  const found = new Map(rows.map((row) => [(row.bucket as Date).getTime(), spendingOf(row)]))
  return bucketStarts(asked, bucketOf(asked)).map((at) => ({ at, figures: found.get(at) ?? NO_SPENDING }))
}

async function select(
  client: ClientBase,
  read: ReadMark,
  { accountId: of, filters, from, to }: Asked,
  column: UsageDimension | null,
  statement: (source: string) => string,
): Promise<Row[]> {
  const values = bindValues()
  const filter: UsageFilter = { accountId: of, ...filters }
  // Days of the account alone, where neither hours nor anything finer is asked.
  const isCoarse = column === null && Object.keys(filters).length === 0 && bucketOf({ from, to }) === 'day'
  const table = isCoarse ? ACCOUNT_DAYS : ROLLUP
  const dimensions: UsageDimension[] = column === null ? ['status'] : ['status', column]
  const source = usageSource({ read, span: { from, to }, filter, table, dimensions }, values)
  const { rows } = await client.query<Row>(statement(source), values.values)
  return rows
}

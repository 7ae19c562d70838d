import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { ExportError } from '../export-error.ts'
import { rangeFields } from '../export-range.ts'
import type { Span } from '../hours.ts'
import { type Bucket, bucketOf, currency, periodBefore, readPeriod, uuid } from '../report-request.ts'
import { type ReadMark, readMark } from '../rollup-mark.ts'
import { bucketStarts } from '../series.ts'
import { bindValues } from '../sql/bind-values.ts'
import { NONE, ROUTE_DAYS, ROUTE_HOURS, type SumTable, type UsageDimension } from '../sql/usage-figures.ts'
import { type UsageFilter, usageSource } from '../sql/usage-source.ts'
import { inSnapshot } from '../statement-read.ts'
import {
  addFigures,
  type BusinessFigures,
  type BusinessScope,
  type FigureRow,
  figuresOf,
  noFigures,
  subtractFigures,
} from './business-figures.ts'
import { nameGroups } from './group-names.ts'
import {
  BUSINESS_GROUPS,
  type BusinessGroup,
  businessGroups,
  businessSeries,
  businessTotals,
  GROUP_SOURCES,
  rankGroups,
} from './sql/sum-business.ts'

/** A chart shows this many groups; all else is Other. */
const TOP_MAX = 50
const TOP_DEFAULT = 8
/** A page of the full list. */
const PAGE_MAX = 500

/** All zeroes stand for direct customers, who are nobody's but the operator's. */
const resellerId = uuid.refine((id) => id !== NONE, { error: 'must be a reseller' })
const scope = z.union([z.literal('operator'), z.strictObject({ resellerId })], {
  error: 'must be "operator" or a reseller',
})
const fields = {
  ...rangeFields,
  scope,
  groupBy: z.enum(BUSINESS_GROUPS, { error: `must be one of ${BUSINESS_GROUPS.join(', ')}` }),
  currency: currency.default('USD'),
}
const dashboardRequest = z.strictObject({ ...fields, top: z.int().min(1).max(TOP_MAX).default(TOP_DEFAULT) })
const breakdownRequest = z.strictObject({
  ...fields,
  cursor: z
    .strictObject({ revenueNano: z.bigint(), key: z.string().max(200) })
    .nullable()
    .default(null),
  limit: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .max(PAGE_MAX, { error: `must be at most ${PAGE_MAX}` }),
})

export interface GroupFigures {
  /** A model's name, or an id; all zeroes for none. */
  readonly key: string
  readonly name: string
  readonly figures: BusinessFigures
}

export interface Dashboard {
  readonly currency: string
  readonly bucket: Bucket
  readonly totals: BusinessFigures
  /** Of the period of the same length that ends where this one begins. */
  readonly before: Span & { readonly totals: BusinessFigures }
  /** A point a bucket (UTC), also where nothing came. The first and the last cover no more than the period. */
  readonly series: readonly { readonly at: number; readonly figures: BusinessFigures }[]
  /** Those with the most revenue, the most first. */
  readonly groups: readonly GroupFigures[]
  /** All other groups together; null = there are no others. */
  readonly other: BusinessFigures | null
}

export interface BreakdownPage {
  readonly groups: readonly GroupFigures[]
  /** Where the next page begins; null = this is the last. */
  readonly next: { readonly revenueNano: bigint; readonly key: string } | null
}

/**
 * Usage, revenue, cost and margin of a half-open period (milliseconds since the epoch; days and hours are of UTC), exact
 * to the last unit at the moment of reading.
 *
 * @throws ExportError `invalid_request`
 */
export async function operatorDashboard(
  { pool }: { pool: Pool },
  input: z.input<typeof dashboardRequest>,
): Promise<Dashboard> {
  const asked = readPeriod(dashboardRequest, input)
  refuseOthers(asked)
  return inSnapshot(pool, async (client) => {
    const read = await beginReading(client)
    const series = await readSeries(client, read, asked)
    const totals = addFigures(
      asked.scope,
      series.map(({ figures }) => figures),
    )
    const before = periodBefore(asked)
    // One more than is shown tells whether there are others.
    const found = await readGroups(client, read, asked, { limit: asked.top + 1, after: null })
    const groups = found.slice(0, asked.top)
    const rest = () =>
      subtractFigures(
        totals,
        groups.map(({ figures }) => figures),
      )
    return {
      currency: asked.currency,
      bucket: bucketOf(asked),
      totals,
      before: { ...before, totals: await readTotals(client, read, { ...asked, ...before }) },
      series,
      groups,
      other: found.length > groups.length ? rest() : null,
    }
  })
}

/**
 * All groups of a period, page by page, those with the most revenue first.
 * @throws ExportError `invalid_request`
 */
export async function operatorBreakdown(
  { pool }: { pool: Pool },
  input: z.input<typeof breakdownRequest>,
): Promise<BreakdownPage> {
  const { cursor, limit, ...asked } = readPeriod(breakdownRequest, input)
  refuseOthers(asked)
  return inSnapshot(pool, async (client) => {
    const read = await beginReading(client)
    const found = await readGroups(client, read, asked, { limit: limit + 1, after: cursor })
    const groups = found.slice(0, limit)
    const last = found.length > limit ? groups.at(-1) : undefined
    return { groups, next: last ? { revenueNano: last.figures.revenueNano, key: last.key } : null }
  })
}

interface Asked extends Span {
  readonly scope: BusinessScope
  readonly groupBy: BusinessGroup
  readonly currency: string
  readonly among?: UsageFilter['among']
}

function refuseOthers({ scope: whose, groupBy }: Asked): void {
  if (whose === 'operator' || groupBy !== 'reseller') return
  throw new ExportError('invalid_request', 'groupBy cannot be reseller for a reseller.', 'groupBy')
}

async function beginReading(client: ClientBase): Promise<ReadMark> {
  await client.query('SET LOCAL jit = off')
  return readMark(client)
}

async function readSeries(client: ClientBase, read: ReadMark, asked: Asked): Promise<Dashboard['series']> {
  const bucket = bucketOf(asked)
  const table = bucket === 'hour' ? ROUTE_HOURS : ROUTE_DAYS
  const rows = await select(client, read, asked, table, [], (source) => businessSeries(source, asked.scope, bucket))
  const found = new Map(rows.map((row) => [(row.bucket as Date).getTime(), figuresOf(row)]))
  return bucketStarts(asked, bucket).map((at) => ({ at, figures: found.get(at) ?? noFigures(asked.scope) }))
}

async function readTotals(client: ClientBase, read: ReadMark, asked: Asked): Promise<BusinessFigures> {
  const [row] = await select(client, read, asked, ROUTE_DAYS, [], (source) => businessTotals(source, asked.scope))
  return figuresOf(row as FigureRow)
}

async function readGroups(
  client: ClientBase,
  read: ReadMark,
  asked: Asked,
  page: { limit: number; after: { revenueNano: bigint; key: string } | null },
): Promise<GroupFigures[]> {
  const { column, table } = GROUP_SOURCES[asked.groupBy]
  const ranked = await select(client, read, asked, table, [column], (source, values) => {
    const { after } = page
    const place = after && `(${values.bind(-after.revenueNano, 'bigint')}, ${values.bind(after.key, 'text')})`
    return rankGroups(source, asked.scope, column, { limit: page.limit, after: place })
  })
  const keys = ranked.map((row) => row.key as string)
  const among = { dimension: column, keys }
  const rows = await select(client, read, { ...asked, among }, table, [column], (source) =>
    businessGroups(source, asked.scope, column),
  )
  const figures = new Map(rows.map((row) => [row.key, figuresOf(row)]))
  const nameOf = await nameGroups(client, asked.groupBy, keys)
  return keys.map((key) => ({ key, name: nameOf(key), figures: figures.get(key) ?? noFigures(asked.scope) }))
}

async function select(
  client: ClientBase,
  read: ReadMark,
  { scope: whose, currency: of, from, to, among }: Asked,
  table: SumTable,
  dimensions: readonly UsageDimension[],
  statement: (source: string, values: ReturnType<typeof bindValues>) => string,
): Promise<FigureRow[]> {
  const values = bindValues()
  const filter = { currency: of, resellerId: whose === 'operator' ? undefined : whose.resellerId, among }
  const source = usageSource(
    {
      read,
      span: { from, to },
      filter,
      table,
      dimensions: [...new Set<UsageDimension>(['reseller_id', 'status', ...dimensions])],
    },
    values,
  )
  const { rows } = await client.query<FigureRow>(statement(source, values), values.values)
  return rows
}

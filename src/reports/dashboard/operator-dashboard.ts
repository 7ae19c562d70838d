import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { ExportError } from '../export-error.ts'
import { rangeFields } from '../export-range.ts'
import type { Span } from '../hours.ts'
import { type Bucket, currency, readPeriod, uuid } from '../report-request.ts'
import { type ReadMark, readMark } from '../rollup-mark.ts'
import { NONE } from '../sql/usage-figures.ts'
import { inSnapshot } from '../statement-read.ts'
import { addFigures, type BusinessFigures, subtractFigures } from './business-figures.ts'
import { type BusinessAsked, type GroupFigures, type GroupPlace, readGroups, readOverview } from './read-business.ts'
import { BUSINESS_GROUPS } from './sql/sum-business.ts'

export type { GroupFigures } from './read-business.ts'

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
  readonly next: GroupPlace | null
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
    // One more than is shown tells whether there are others.
    const found = await readOverview(client, read, asked, asked.top + 1)
    const totals = addFigures(
      asked.scope,
      found.series.map(({ figures }) => figures),
    )
    const groups = found.groups.slice(0, asked.top)
    const rest = () =>
      subtractFigures(
        totals,
        groups.map(({ figures }) => figures),
      )
    return {
      ...{ currency: asked.currency, bucket: found.bucket, totals, before: found.before, series: found.series },
      ...{ groups, other: found.groups.length > groups.length ? rest() : null },
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

function refuseOthers({ scope: whose, groupBy }: Pick<BusinessAsked, 'scope' | 'groupBy'>): void {
  if (whose === 'operator' || groupBy !== 'reseller') return
  throw new ExportError('invalid_request', 'groupBy cannot be reseller for a reseller.', 'groupBy')
}

async function beginReading(client: ClientBase): Promise<ReadMark> {
  await client.query("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
  return readMark(client)
}

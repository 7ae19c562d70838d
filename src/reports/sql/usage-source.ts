import { uuidV7Time } from '../../lib/uuid-v7.ts'
import type { Span } from '../hours.ts'
import { type ReadMark, xidOf } from '../rollup-mark.ts'
import { ID_SLACK_MS } from '../usage-extent.ts'
import { piecesOf, type UsagePieces } from '../usage-pieces.ts'
import type { Values } from './bind-values.ts'
import { idRange, writtenSince } from './sum-usage.ts'
import { EVENT_FIGURES, eventDimension, FIGURE_NAMES, type SumTable, type UsageDimension } from './usage-figures.ts'

/** Of whom, and of what, usage is read. What is left out is not looked at. */
export interface UsageFilter {
  readonly accountId?: string | undefined
  /** Of the customers of this reseller, as they were when they used it. */
  readonly resellerId?: string | undefined
  readonly currency?: string | undefined
  readonly model?: string | undefined
  readonly providerId?: string | undefined
  readonly projectId?: string | undefined
  readonly accessKeyId?: string | undefined
  /** Of these groups alone. */
  readonly among?: { readonly dimension: UsageDimension; readonly keys: readonly string[] } | undefined
}

const FILTERS: readonly (readonly [
  Exclude<keyof UsageFilter, 'among'>,
  UsageDimension,
  'uuid' | 'text' | 'char(3)',
])[] = [
  ['accountId', 'account_id', 'uuid'],
  ['resellerId', 'reseller_id', 'uuid'],
  // As the column is: of a column that is cast, the planner knows nothing, and takes all rows for a few.
  ['currency', 'currency', 'char(3)'],
  ['model', 'model', 'text'],
  ['providerId', 'provider_id', 'uuid'],
  ['projectId', 'project_id', 'uuid'],
  ['accessKeyId', 'access_key_id', 'uuid'],
]

export interface UsageSource {
  readonly read: ReadMark
  readonly span: Span
  readonly filter: UsageFilter
  /** The coarsest table that tells all that is asked; of one by day, what is left of days comes from its hours. */
  readonly table: SumTable
  /** What the caller groups by or looks at. */
  readonly dimensions: readonly UsageDimension[]
}

/**
 * SQL: a period's usage as rows of `at`, the dimensions and the figures, to be summed. Sums where there are any, events at
 * the edges of the period, and the events that the sums do not hold yet: exact at the moment of the snapshot that `read`
 * was read in.
 */
export function usageSource(source: UsageSource, values: Values): string {
  const { read, span, table } = source
  const pieces = piecesOf(span, read, table.bucket === 'day')
  const hourly = table.hours ?? table
  const rows = [
    ...(pieces.days ? [sumsOf(source, values, table, pieces.days)] : []),
    ...pieces.hours.map((hours) => sumsOf(source, values, hourly, hours)),
    ...eventRows(source, values, pieces),
  ]
  return `(${rows.join(' UNION ALL ')})`
}

function sumsOf({ filter, dimensions }: UsageSource, values: Values, { table, bucket }: SumTable, span: Span): string {
  const [from, to] = bounds(values, span)
  const conditions = [`${bucket} >= ${from}`, `${bucket} < ${to}`, ...conditionsOf(filter, values, (name) => name)]
  return `SELECT ${[`${bucket} AS at`, ...dimensions, ...FIGURE_NAMES].join(', ')} FROM ${table} WHERE ${conditions.join(' AND ')}`
}

/** What is read from events: the edges that no sum tells, and what sums do not hold yet. */
function eventRows(source: UsageSource, values: Values, { events: edges, summed }: UsagePieces): string[] {
  const [whole] = summed
  const last = edges.find(({ from }) => from === whole?.to)
  const { mark } = source.read
  // The running hour is an edge of whatever goes up to now, and what is not summed is mostly of it: both at one reading.
  const isOne = whole && last && mark && uuidV7Time(mark.floor) <= last.from - ID_SLACK_MS
  if (!isOne) return [...edges.map(edge), ...summed.flatMap((part) => leftOf(source, values, part))]
  const both = leftOf(source, values, { from: whole.from, to: last.to }, last.from)
  return both.length > 0 ? [...edges.filter((part) => part !== last).map(edge), ...both] : edges.map(edge)

  function edge(part: Span): string {
    return eventsOf(source, values, part)
  }
}

function eventsOf(source: UsageSource, values: Values, span: Span): string {
  const [from, to] = bounds(values, span)
  return events(source, values, [`created_at >= ${from}`, `created_at < ${to}`, idRange(from, to)])
}

/**
 * SQL: the events of a span that no sum holds yet; nothing where there can be none. From `all` on, those too that sums
 * hold: there the sums are not read.
 */
export function leftOf(source: UsageSource, values: Values, span: Span, all?: number): string[] {
  const { mark, isCurrent } = source.read
  // An id is of its event's time: what has one from the floor on is no older.
  if (!mark || !isCurrent || span.to <= uuidV7Time(mark.floor) - ID_SLACK_MS) return []
  const [from, to] = bounds(values, span)
  const floor = values.bind(mark.floor, 'uuid')
  const horizon = values.bind(xidOf(mark.horizon), 'text')
  const isAll = all === undefined ? '' : `created_at >= ${values.bind(new Date(all), 'timestamptz')} OR `
  const isLeft = `(${isAll}${writtenSince(horizon)})`
  return [events(source, values, [`id >= ${floor}`, isLeft, `created_at >= ${from}`, `created_at < ${to}`])]
}

function events({ filter, dimensions }: UsageSource, values: Values, conditions: readonly string[]): string {
  const selected = dimensions.map((name) => `${eventDimension(name)} AS ${name}`)
  const all = [...conditions, ...conditionsOf(filter, values, eventDimension)]
  return `SELECT ${['created_at AS at', ...selected, EVENT_FIGURES].join(', ')} FROM usage_event WHERE ${all.join(' AND ')}`
}

function bounds(values: Values, { from, to }: Span): [string, string] {
  return [values.bind(new Date(from), 'timestamptz'), values.bind(new Date(to), 'timestamptz')]
}

function conditionsOf(filter: UsageFilter, values: Values, column: (name: UsageDimension) => string): string[] {
  const own = FILTERS.flatMap(([field, name, type]) => {
    const value = filter[field]
    return value === undefined ? [] : [`${column(name)} = ${values.bind(value, type)}`]
  })
  if (!filter.among) return own
  const { dimension, keys } = filter.among
  return [...own, `${column(dimension)} = ANY (${values.bind(keys, dimension === 'model' ? 'text[]' : 'uuid[]')})`]
}

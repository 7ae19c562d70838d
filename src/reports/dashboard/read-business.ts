import type { ClientBase } from 'pg'
import type { Span } from '../hours.ts'
import { type Bucket, bucketOf, periodBefore } from '../report-request.ts'
import type { ReadMark } from '../rollup-mark.ts'
import { bucketStarts } from '../series.ts'
import { bindValues, type Values } from '../sql/bind-values.ts'
import { ROUTE_DAYS, ROUTE_HOURS, type SumTable, type UsageDimension } from '../sql/usage-figures.ts'
import { type UsageFilter, usageSource } from '../sql/usage-source.ts'
import { type BusinessFigures, type BusinessScope, type FigureRow, figuresOf, noFigures } from './business-figures.ts'
import { boundCustomers } from './customer-bounds.ts'
import { nameGroups } from './group-names.ts'
import { readLeadingLists } from './leading-lists.ts'
import { type BusinessGroup, businessGroups, businessOverview, GROUP_SOURCES, rankGroups } from './sql/sum-business.ts'

/** A period of a scope, and what its groups are. */
export interface BusinessAsked extends Span {
  readonly scope: BusinessScope
  readonly groupBy: BusinessGroup
  readonly currency: string
  readonly among?: UsageFilter['among']
}

export interface GroupFigures {
  /** A model's name, or an id; all zeroes for none. */
  readonly key: string
  readonly name: string
  readonly figures: BusinessFigures
}

/** A place in the list of groups, which goes by revenue (the most first) and then by key. */
export interface GroupPlace {
  readonly revenueNano: bigint
  readonly key: string
}

interface GroupPage {
  readonly limit: number
  readonly after: GroupPlace | null
}

/** How far each day's list is read for a page of so many customers; more makes it certain more often, and slower. */
const DEPTH_FACTOR = 4
const DEPTH_MIN = 60
/** Of more candidates than this, ranking everybody is as fast. */
const CANDIDATES_MAX = 1_000

export interface Overview {
  readonly bucket: Bucket
  readonly series: readonly { readonly at: number; readonly figures: BusinessFigures }[]
  readonly before: Span & { readonly totals: BusinessFigures }
  /** Those with the most revenue, the most first. */
  readonly groups: readonly GroupFigures[]
}

/** A period's course, the period before it, and the first groups. */
export async function readOverview(
  client: ClientBase,
  read: ReadMark,
  asked: BusinessAsked,
  limit: number,
): Promise<Overview> {
  const bucket = bucketOf(asked)
  const before = periodBefore(asked)
  const { column, table } = GROUP_SOURCES[asked.groupBy]
  // Customers are many: they have sums of their own, and are read apart.
  const withGroups = table === ROUTE_DAYS ? { column, limit } : null
  const from = { ...asked, table: bucket === 'hour' ? ROUTE_HOURS : ROUTE_DAYS, dimensions: withGroups ? [column] : [] }
  const rows = await select(client, read, from, [before, asked], (source, values) => {
    const start = values.bind(new Date(asked.from), 'timestamptz')
    return businessOverview(source, asked.scope, { bucket, from: start, groups: withGroups })
  })
  const found = new Map(rows.map((row) => [placeOf(row), figuresOf(row)]))
  const figuresAt = (place: number | string | null) => found.get(place) ?? noFigures(asked.scope)
  const keys = rows.flatMap(({ key }) => (typeof key === 'string' ? [key] : []))
  return {
    bucket,
    series: bucketStarts(asked, bucket).map((at) => ({ at, figures: figuresAt(at) })),
    before: { ...before, totals: figuresAt(null) },
    groups: withGroups
      ? await named(client, asked, inOrder(keys.map((key) => ({ key, figures: figuresAt(key) }))))
      : await readGroups(client, read, asked, { limit, after: null }),
  }
}

/** The start of a bucket, a group's key, or null for the period before. */
function placeOf({ bucket, key }: FigureRow): number | string | null {
  return bucket instanceof Date ? bucket.getTime() : (key as string | null)
}

type Group = Omit<GroupFigures, 'name'>

/** As PostgreSQL orders them: keys by their bytes. */
function inOrder(groups: readonly Group[]): Group[] {
  return groups.toSorted((left, right) => (isBehind(left, { ...right.figures, key: right.key }) ? 1 : -1))
}

function isBehind({ key, figures }: Group, place: GroupPlace): boolean {
  if (figures.revenueNano !== place.revenueNano) return figures.revenueNano < place.revenueNano
  return Buffer.compare(Buffer.from(key), Buffer.from(place.key)) > 0
}

async function named(
  client: ClientBase,
  { groupBy }: BusinessAsked,
  groups: readonly Group[],
): Promise<GroupFigures[]> {
  const nameOf = await nameGroups(
    client,
    groupBy,
    groups.map(({ key }) => key),
  )
  return groups.map(({ key, figures }) => ({ key, name: nameOf(key), figures }))
}

/** The groups behind a place in their list. */
export async function readGroups(
  client: ClientBase,
  read: ReadMark,
  asked: BusinessAsked,
  page: GroupPage,
): Promise<GroupFigures[]> {
  const leading = asked.groupBy === 'customer' ? await readLeading(client, read, asked, page) : null
  return named(client, asked, leading ?? (await readRanked(client, read, asked, page)))
}

/** Ranks all groups there are. */
async function readRanked(
  client: ClientBase,
  read: ReadMark,
  asked: BusinessAsked,
  { limit, after }: GroupPage,
): Promise<Group[]> {
  const { column, table } = GROUP_SOURCES[asked.groupBy]
  const from = { ...asked, table, dimensions: [column] }
  const ranked = await select(client, read, from, [asked], (source, values) => {
    const place = after && `(${values.bind(-after.revenueNano, 'bigint')}, ${values.bind(after.key, 'text')})`
    return rankGroups(source, asked.scope, column, { limit, after: place })
  })
  const keys = ranked.map((row) => row.key as string)
  const figures = new Map((await readAmong(client, read, asked, keys)).map((group) => [group.key, group.figures]))
  return keys.map((key) => ({ key, figures: figures.get(key) ?? noFigures(asked.scope) }))
}

/**
 * The first customers behind a place, without summing the others: those whom the heads of the days' lists show, if nobody
 * else can have as much. Null = that is not certain; a few always are before many that are alike.
 */
async function readLeading(
  client: ClientBase,
  read: ReadMark,
  asked: BusinessAsked,
  { limit, after }: GroupPage,
): Promise<Group[] | null> {
  if (asked.scope !== 'operator') return null
  const lists = await readLeadingLists(client, read, asked, limit * DEPTH_FACTOR + DEPTH_MIN)
  if (lists === null) return null
  const { candidates, othersAtMostNano } = boundCustomers(lists, limit, after?.revenueNano ?? null)
  if (candidates.length < limit || candidates.length > CANDIDATES_MAX) return null
  const groups = inOrder(await readAmong(client, read, asked, candidates))
  const found = groups.filter((group) => after === null || isBehind(group, after)).slice(0, limit)
  const last = found[limit - 1]
  return last && last.figures.revenueNano > othersAtMostNano ? found : null
}

/** The figures of these groups, in no order. */
async function readAmong(
  client: ClientBase,
  read: ReadMark,
  asked: BusinessAsked,
  keys: readonly string[],
): Promise<Group[]> {
  const { column, table } = GROUP_SOURCES[asked.groupBy]
  const from = { ...asked, table, dimensions: [column], among: { dimension: column, keys } }
  const rows = await select(client, read, from, [asked], (source) => businessGroups(source, asked.scope, column))
  return rows.map((row) => ({ key: row.key as string, figures: figuresOf(row) }))
}

interface From extends BusinessAsked {
  readonly table: SumTable
  readonly dimensions: readonly UsageDimension[]
}

async function select(
  client: ClientBase,
  read: ReadMark,
  { scope, currency, among, table, dimensions }: From,
  spans: readonly Span[],
  statement: (source: string, values: Values) => string,
): Promise<FigureRow[]> {
  const values = bindValues()
  const filter = { currency, resellerId: scope === 'operator' ? undefined : scope.resellerId, among }
  const all = [...new Set<UsageDimension>(['reseller_id', 'status', ...dimensions])]
  const sources = spans.map(({ from, to }) =>
    usageSource({ read, span: { from, to }, filter, table, dimensions: all }, values),
  )
  const source = sources.length > 1 ? `(${sources.join(' UNION ALL ')})` : sources.join('')
  const { rows } = await client.query<FigureRow>(statement(source, values), values.values)
  return rows
}

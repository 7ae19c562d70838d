import type { Actor } from '../../accounts/actor.ts'
import { may } from '../../accounts/permissions.ts'
import type { ListColumn, ListShape } from '../list-shape.ts'
import { type Filters, filterCondition } from './filter-condition.ts'
import { Parameters } from './parameters.ts'
import { rowCondition, rowsCondition } from './row-address.ts'

/** Rows are counted up to here, and then said to be more: nobody waits for the number of five million. */
export const COUNT_MAX = 10_000
/** What a count says that took too long: there are more than the page shows, and nobody knows how many. */
export const UNCOUNTED = COUNT_MAX + 2
/** No page lies deeper than what is counted. */
const OFFSET_MAX = COUNT_MAX
/** Rows of a page. */
export const LIMIT_MAX = 100
const PROBE = ':reseller'
const DAY_MS = 86_400_000

export interface Statement {
  text: string
  values: unknown[]
}

export interface Sort {
  readonly column: string | undefined
  readonly direction: 'asc' | 'desc' | undefined
}

/** Whose eyes, and what time it is. */
export interface Looking {
  readonly actor: Actor
  /** Milliseconds since 1970. */
  readonly now: number
}

export function mayLook({ definition }: ListShape, actor: Actor): boolean {
  return may(actor, definition.may) && (actor.side === 'OPERATOR' || definition.resellers !== null)
}

export function isSeen(actor: Actor): (column: ListColumn) => boolean {
  return ({ may: permission }) => permission === undefined || may(actor, permission)
}

/** A page of a list, in an order that an index knows. */
export function pageStatement(
  list: ListShape,
  looking: Looking,
  filters: Filters,
  page: { limit: number; offset: number; sort: Sort },
): Statement {
  const parameters = new Parameters()
  const where = conditionOf(list, looking, filters, parameters)
  const limit = parameters.add(Math.min(Math.max(page.limit, 1), LIMIT_MAX))
  const offset = parameters.add(Math.min(Math.max(page.offset, 0), OFFSET_MAX))
  const text = `SELECT ${selection(list, looking.actor)} FROM ${list.table} t WHERE ${where}
    ORDER BY ${orderOf(list, filters, page.sort)} LIMIT ${limit} OFFSET ${offset}`
  return { text, values: parameters.values }
}

/** Everything that a filter finds, for an export: read through a cursor. */
export function wholeStatement(list: ListShape, looking: Looking, filters: Filters, sort: Sort): Statement {
  const parameters = new Parameters()
  const where = conditionOf(list, looking, filters, parameters)
  const text = `SELECT ${selection(list, looking.actor)} FROM ${list.table} t WHERE ${where} ORDER BY ${orderOf(list, filters, sort)}`
  return { text, values: parameters.values }
}

/** How many rows there are, up to one more than `COUNT_MAX`. */
export function countStatement(list: ListShape, looking: Looking, filters: Filters): Statement {
  const parameters = new Parameters()
  const where = conditionOf(list, looking, filters, parameters)
  const text = `SELECT count(*)::int AS count FROM (SELECT FROM ${list.table} t WHERE ${where} LIMIT ${COUNT_MAX + 1}) counted`
  return { text, values: parameters.values }
}

/** One row by its address; null where no row can have it. */
export function rowStatement(list: ListShape, { actor }: Looking, address: string): Statement | null {
  const parameters = new Parameters()
  const condition = rowCondition(list, address, parameters)
  if (condition === null) return null
  const text = `SELECT ${selection(list, actor)} FROM ${list.table} t WHERE ${condition} AND ${scopeOf(list, actor, parameters)}`
  return { text, values: parameters.values }
}

/** What names the rows of these addresses to a person, for those that the person may see. */
export function titlesStatement(list: ListShape, { actor }: Looking, addresses: readonly string[]): Statement | null {
  const parameters = new Parameters()
  const condition = rowsCondition(list, addresses, parameters)
  if (condition === null) return null
  const title = list.columns.get(list.definition.title) as ListColumn
  const text = `SELECT ${list.keySql} AS "id", ${readSql(title)} AS "${title.name}"
    FROM ${list.table} t WHERE ${condition} AND ${scopeOf(list, actor, parameters)}`
  return { text, values: parameters.values }
}

/** The scope is always there, whatever else is asked for. */
function conditionOf(list: ListShape, { actor, now }: Looking, filters: Filters, parameters: Parameters): string {
  const conditions = [scopeOf(list, actor, parameters)]
  for (const [name, value] of filters) {
    conditions.push(filterCondition(list.columns.get(name) as ListColumn, value, parameters))
  }
  const { window, leftOut } = list.definition
  if (leftOut && !leftOut.unless.some((name) => filters.has(name))) conditions.push(`NOT (${leftOut.condition})`)
  if (isWindowed(list, filters) && window) {
    const from = new Date(now - window.days * DAY_MS).toISOString()
    conditions.push(filterCondition(list.columns.get(window.column) as ListColumn, { from }, parameters))
  }
  return conditions.join(' AND ')
}

/**
 * Whether only the last days are looked through: where a filter could match so few rows that all would have to be read.
 * Without one, the newest rows are found at once.
 */
export function isWindowed({ definition: { window } }: ListShape, filters: Filters): boolean {
  return (
    window !== undefined && filters.size > 0 && ![window.column, ...window.unless].some((name) => filters.has(name))
  )
}

function scopeOf(list: ListShape, actor: Actor, parameters: Parameters): string {
  if (!mayLook(list, actor)) return 'false'
  if (actor.side === 'OPERATOR') return 'true'
  const { resellers } = list.definition
  if (resellers === null) return 'false'
  // A scope that needs no reseller must leave no value behind that no placeholder stands for.
  const needsReseller = resellers(PROBE).includes(PROBE)
  return `(${resellers(needsReseller ? `${parameters.add(actor.resellerId)}::uuid` : PROBE)})`
}

function selection(list: ListShape, actor: Actor): string {
  const columns = [...list.columns.values()].filter(isSeen(actor))
  const selected = columns.filter(({ name }) => name !== 'id').map((column) => `${readSql(column)} AS "${column.name}"`)
  const currency =
    list.currencySql === null || list.columns.has('currency') ? [] : [`${list.currencySql} AS "currency"`]
  return [`${list.keySql} AS "id"`, ...selected, ...currency].join(', ')
}

/** Everything is read as text or a plain value, exactly: the driver rounds nothing and shifts no date. */
function readSql({ kind, sql }: ListColumn): string {
  if (kind === 'hash') return `encode(${sql}, 'hex')`
  if (kind === 'list') return `array_to_string(${sql}, ', ')`
  if (
    kind === 'nano' ||
    kind === 'minor' ||
    kind === 'json' ||
    kind === 'rates' ||
    kind === 'day' ||
    kind === 'link' ||
    kind === 'state'
  ) {
    return `(${sql})::text`
  }
  return sql
}

/** The column asked for where an index orders it, else the list's own order; the key decides between equals. */
function orderOf(list: ListShape, filters: Filters, { column, direction }: Sort): string {
  const { sorts, ascending, orderWithin } = list.definition
  const isAsked = column !== undefined && sorts.includes(column)
  const chosen = list.columns.get(isAsked ? column : (sorts[0] as string)) as ListColumn
  const way = (isAsked ? direction : undefined) ?? (ascending ? 'asc' : 'desc')
  if (orderWithin && filters.has(orderWithin.filter)) return `${orderWithin.sql} ${way.toUpperCase()}`
  const order = [chosen.sortBy ?? chosen.sql, ...list.key.map(({ sql }) => sql)]
  return [...new Set(order)].map((sql) => `${sql} ${way.toUpperCase()}`).join(', ')
}

import { z } from 'zod'
import { NANO_PER_CENT, parseDecimalNano } from '../../money/nano.ts'
import type { ListColumn, ListShape } from '../list-shape.ts'
import type { Parameters } from './parameters.ts'

/** A filter as the address of a list says it: one value, or the bounds of a range. */
export type FilterValue = string | { readonly from?: string | undefined; readonly to?: string | undefined }
export type Filters = ReadonlyMap<string, FilterValue>

/** What was typed cannot be understood; the message says what was expected. */
export class FilterError extends Error {
  override name = 'FilterError'
}

const TEXT_LENGTH_MAX = 200
const filterValue = z.union([
  z.string().max(TEXT_LENGTH_MAX),
  z.object({ from: z.string().max(TEXT_LENGTH_MAX), to: z.string().max(TEXT_LENGTH_MAX) }).partial(),
])
const INT8_MAX = 9_223_372_036_854_775_807n
/** Rows that refer to none, such as customers without a reseller. */
const NOBODY = 'none'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Reads what somebody filters by: only by columns that the list says can be filtered by, and that they may see.
 * @throws FilterError
 */
export function readFilters(
  list: ListShape,
  given: Record<string, unknown>,
  isSeen: (column: ListColumn) => boolean,
): Filters {
  const filters = new Map<string, FilterValue>()
  for (const [name, value] of Object.entries(given)) {
    const column = list.columns.get(name)
    if (!column || !isFilter(list, name) || !isSeen(column))
      throw new FilterError(`This list cannot be filtered by '${name}'.`)
    const parsed = filterValue.safeParse(value)
    if (!parsed.success) throw new FilterError(`The filter '${column.label}' is not as it should be.`)
    if (parsed.data === '') continue
    filters.set(name, parsed.data)
  }
  return filters
}

/** A list is always filtered by what names its rows as well: the search for a reference does. */
function isFilter({ definition }: ListShape, name: string): boolean {
  return definition.filters.includes(name) || definition.title === name
}

/**
 * The condition of one filter.
 * @throws FilterError where the value does not fit the column
 */
export function filterCondition(column: ListColumn, value: FilterValue, parameters: Parameters): string {
  if (typeof value !== 'string') return rangeCondition(column, value, parameters)
  const { kind, sql } = column
  switch (kind) {
    case 'text':
      if (column.contains) return `${sql} ILIKE ${parameters.add(`%${value.replace(/[\\%_]/g, '\\$&')}%`)}`
      return `${sql} = ${parameters.add(value.trim())}`
    case 'exact':
      // References are read out in groups, and typed as they are read.
      return `${sql} = ${parameters.add(value.replace(/\s/g, ''))}`
    case 'id':
    case 'link':
      if (value === NOBODY) return `${sql} IS NULL`
      if (!UUID.test(value))
        return column.to !== undefined && kind === 'link' ? `(${sql})::text = ${parameters.add(value)}` : 'false'
      return kind === 'id' ? `${sql} = ${parameters.add(value)}` : `${sql} = ${parameters.add(value)}::uuid`
    case 'state':
      return stateCondition(column, value, parameters)
    case 'flag':
      if (value !== 'true' && value !== 'false') throw new FilterError(`'${column.label}' is either true or false.`)
      return `${sql} = ${value}`
    case 'time':
    case 'day':
      return rangeCondition(column, { from: value, to: value }, parameters)
    case 'nano':
    case 'minor':
    case 'bps':
    case 'number':
      return `${sql} = ${parameters.add(quantity(column, value))}`
    default:
      throw new FilterError(`This list cannot be filtered by '${column.label}'.`)
  }
}

function stateCondition({ sql, values, enumType, label }: ListColumn, value: string, parameters: Parameters): string {
  // One of several, as figures of pages are made of them: AWAITING_PAYMENT,EXPIRED.
  const asked = value.split(',')
  if (values && !asked.every((each) => values.includes(each)))
    throw new FilterError(`'${label}' is one of ${values.join(', ')}.`)
  const type = enumType === null ? 'text' : `"${enumType}"`
  return `${sql} = ANY (${parameters.add(asked)}::${type}[])`
}

/** Half-open for times; days and amounts include both ends, as people mean them. */
function rangeCondition(
  column: ListColumn,
  { from, to }: Exclude<FilterValue, string>,
  parameters: Parameters,
): string {
  const { kind, sql, rangeOf } = column
  const conditions: string[] = []
  if (kind === 'time') {
    const bounds = (value: string) =>
      (rangeOf ?? plainRange(sql))(`${parameters.add(instant(column, value))}::timestamptz`)
    if (from) conditions.push(bounds(from)[0])
    if (to) conditions.push(bounds(to)[1])
  } else if (kind === 'day') {
    if (from) conditions.push(`${sql} >= ${parameters.add(day(column, from))}::date`)
    if (to) conditions.push(`${sql} <= ${parameters.add(day(column, to))}::date`)
  } else if (kind === 'nano' || kind === 'minor' || kind === 'bps' || kind === 'number') {
    if (from) conditions.push(`${sql} >= ${parameters.add(quantity(column, from))}`)
    if (to) conditions.push(`${sql} <= ${parameters.add(quantity(column, to))}`)
  } else {
    throw new FilterError(`'${column.label}' has no range.`)
  }
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

const plainRange = (sql: string) => (parameter: string) => [`${sql} >= ${parameter}`, `${sql} < ${parameter}`] as const

function instant({ label }: ListColumn, text: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new FilterError(`'${label}' expects a time such as 2026-11-21T08:00:00Z.`)
  return time
}

function day({ label }: ListColumn, text: string): string {
  const date = text.slice(0, 10)
  if (!z.iso.date().safeParse(date).success) throw new FilterError(`'${label}' expects a day such as 2026-11-21.`)
  return date
}

/** Amounts are typed in currency units, percentages in percent; both become the integers that are stored. */
function quantity({ label, kind }: ListColumn, text: string): string {
  const refuse = (example: string) => new FilterError(`'${label}' expects ${example}.`)
  const typed = text.trim()
  let exact: bigint
  if (kind === 'number') {
    if (!/^-?\d{1,18}$/.test(typed)) throw refuse('a whole number')
    return typed
  }
  try {
    exact = parseDecimalNano(typed)
  } catch {
    throw refuse(kind === 'bps' ? 'a percentage such as 12.5' : 'an amount such as 10.50')
  }
  const unit = kind === 'nano' ? 1n : kind === 'minor' ? NANO_PER_CENT : NANO_PER_CENT
  if (exact % unit !== 0n)
    throw refuse(kind === 'bps' ? 'a percentage such as 12.5' : 'an amount with two decimals such as 10.50')
  if (exact > INT8_MAX || exact < -INT8_MAX) throw refuse('a smaller amount')
  return (exact / unit).toString()
}

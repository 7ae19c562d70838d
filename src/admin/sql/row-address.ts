import type { ListShape } from '../list-shape.ts'
import type { Parameters } from './parameters.ts'

const PATTERNS: Readonly<Record<string, RegExp>> = {
  id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  link: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  number: /^\d{1,18}$/,
  day: /^\d{4}-\d{2}-\d{2}$/,
}
const TEXT_LENGTH_MAX = 200

/** The condition that is true for the one row of an address; null where no row can have it. */
export function rowCondition({ key }: ListShape, address: string, parameters: Parameters): string | null {
  const parts = key.length === 1 ? [address] : address.split('.')
  if (parts.length !== key.length || address.length > TEXT_LENGTH_MAX || address.includes('\0')) return null
  const conditions: string[] = []
  for (const [index, column] of key.entries()) {
    const part = parts[index] as string
    const pattern = PATTERNS[column.kind]
    if (pattern && !pattern.test(part)) return null
    if (column.kind === 'day' && Number.isNaN(Date.parse(part))) return null
    conditions.push(`${column.sql} = ${parameters.add(part)}${column.enumType ? `::"${column.enumType}"` : ''}`)
  }
  return conditions.join(' AND ')
}

/** The condition that is true for the rows of these addresses; null where no row can have any of them. */
export function rowsCondition(list: ListShape, addresses: readonly string[], parameters: Parameters): string | null {
  const [only, ...more] = list.key
  if (only && more.length === 0 && (only.kind === 'id' || only.kind === 'link')) {
    const possible = addresses.filter((address) => PATTERNS.id?.test(address))
    return possible.length === 0 ? null : `${only.sql} = ANY(${parameters.add(possible)}::uuid[])`
  }
  const conditions = addresses.flatMap((address) => rowCondition(list, address, parameters) ?? [])
  return conditions.length === 0 ? null : `(${conditions.join(' OR ')})`
}

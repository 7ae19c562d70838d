import type { ListShape } from './list-shape.ts'
import { type Filters, readFilters } from './sql/filter-condition.ts'
import { isSeen, type Looking, type Sort } from './sql/list-query.ts'

const FILTER = /^filters\.([A-Za-z0-9]+)(?:~~(from|to))?$/

/**
 * The filters and the order in the address of a list, as AdminJS writes them: `filters.state=PAID&filters.createdAt~~from=…`.
 * @throws FilterError
 */
export function readListAddress(
  list: ListShape,
  { actor }: Looking,
  query: Readonly<Record<string, unknown>>,
): { filters: Filters; sort: Sort } {
  const given: Record<string, string | Record<string, string>> = {}
  for (const [name, value] of Object.entries(query)) {
    const match = FILTER.exec(name)
    if (!match || typeof value !== 'string' || value === '') continue
    const [, column, bound] = match as unknown as [string, string, 'from' | 'to' | undefined]
    if (bound === undefined) given[column] = value
    else given[column] = { ...(typeof given[column] === 'object' && given[column]), [bound]: value }
  }
  const { sortBy, direction } = query
  return {
    filters: readFilters(list, given, isSeen(actor)),
    sort: {
      column: typeof sortBy === 'string' ? sortBy : undefined,
      direction: direction === 'asc' || direction === 'desc' ? direction : undefined,
    },
  }
}

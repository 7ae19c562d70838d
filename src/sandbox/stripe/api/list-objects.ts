import { z } from 'zod'
import type { ObjectTable } from '../records/object-table.ts'
import type { ApiCall } from './api-call.ts'
import { expandParam, integer, readParams, text } from './read-params.ts'
import { invalidParameter, noSuchReference } from './stripe-refusal.ts'

const LIMIT_DEFAULT = 10
const LIMIT_MAX = 100

const bounds = z.union([
  integer,
  z.strictObject({
    gt: integer.optional(),
    gte: integer.optional(),
    lt: integer.optional(),
    lte: integer.optional(),
  }),
])

const pageParams = {
  limit: integer.optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
  created: bounds.optional(),
  ...expandParam,
}

interface ListOptions<T> {
  noun: string
  /** Names of the text parameters that filter by a field of the same name. */
  filters: readonly string[]
  /** Values of fields that the path gives. */
  where?: Record<string, string>
  matches?: (object: T) => boolean
  /** What is sent for a row; the row itself without it. */
  render?: (object: T) => object
}

/** A list object with one page, the newest first. */
export function listObjects<T extends { id: string; created: number }>(
  call: ApiCall,
  table: ObjectTable<T>,
  options: ListOptions<T>,
): object {
  const filters = Object.fromEntries(options.filters.map((name) => [name, text.optional()]))
  const given = readParams(z.strictObject({ ...pageParams, ...filters }), call.params) as PageParams & Filters
  const limit = given.limit ?? LIMIT_DEFAULT
  if (limit < 1 || limit > LIMIT_MAX)
    throw invalidParameter(`Invalid limit: must be between 1 and ${LIMIT_MAX}`, 'limit', 'parameter_invalid_integer')
  for (const param of ['starting_after', 'ending_before'] as const) {
    const id = given[param]
    if (id !== undefined && !table.get(id)) throw noSuchReference(options.noun, id, param)
  }
  const chosen = Object.fromEntries(options.filters.map((name) => [name, given[name] as string | undefined]))
  const { objects, hasMore } = table.find({
    limit,
    startingAfter: given.starting_after,
    endingBefore: given.ending_before,
    where: { ...chosen, ...options.where },
    matches: (object) => isWithin(object.created, given.created) && (options.matches?.(object) ?? true),
  })
  return listObject(call.path, options.render ? objects.map(options.render) : objects, hasMore)
}

type PageParams = z.infer<z.ZodObject<typeof pageParams>>
type Filters = Record<string, unknown>

export function listObject(path: string, data: readonly object[], hasMore = false): object {
  return { object: 'list', data, has_more: hasMore, url: path }
}

function isWithin(created: number, range: z.infer<typeof bounds> | undefined): boolean {
  if (range === undefined) return true
  if (typeof range === 'number') return created === range
  const { gt, gte, lt, lte } = range
  if (gt !== undefined && created <= gt) return false
  if (gte !== undefined && created < gte) return false
  if (lt !== undefined && created >= lt) return false
  return lte === undefined || created <= lte
}

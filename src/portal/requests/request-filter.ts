import { z } from 'zod'
import { EVENT_STATUSES, type eventFilters } from '../../reports/usage/event-filters.ts'
import { rangeQuery, readTimeRange, type TimeRange } from '../usage/time-range.ts'
import { readUsageFilter, type UsageFilterFields } from '../usage/usage-filter.ts'

/** Requests on a page. */
export const PAGE_SIZES = ['25', '50', '100'] as const
const PAGE_SIZE = '50'

export interface RequestFilter {
  readonly range: TimeRange
  readonly filters: UsageFilterFields
  readonly status: (typeof EVENT_STATUSES)[number] | null
  readonly streaming: boolean | null
  readonly size: (typeof PAGE_SIZES)[number]
  /** Where the page begins; null = at the newest. */
  readonly cursor: string | null
}

export type ReadRequestFilter = { ok: true; filter: RequestFilter } | { ok: false; problems: Record<string, string> }

const GUID = z.guid()
const LOST = 'This page cannot be found again. Begin at the newest.'

const choices = z.object({
  status: z.enum(['', ...EVENT_STATUSES], { error: 'Choose a status from the list.' }).default(''),
  streaming: z.enum(['', 'yes', 'no'], { error: 'Choose yes, no, or both.' }).default(''),
  size: z.enum(PAGE_SIZES, { error: `Choose ${PAGE_SIZES.join(', ')} requests a page.` }).default(PAGE_SIZE),
  cursor: z
    .string({ error: LOST })
    .refine((text) => text === '' || GUID.safeParse(text).success, { error: LOST })
    .default(''),
})

export function readRequestFilter(query: Readonly<Record<string, unknown>>, now: number): ReadRequestFilter {
  const range = readTimeRange(query, now, '7d')
  const narrowed = readUsageFilter(query)
  const { status, streaming, size, cursor } = query
  const chosen = choices.safeParse({ status, streaming, size, cursor })
  if (range.ok && narrowed.ok && chosen.success) {
    const { status, streaming, size, cursor } = chosen.data
    const filter: RequestFilter = {
      ...{ range: range.range, filters: narrowed.filters, size, cursor: cursor || null, status: status || null },
      streaming: streaming === '' ? null : streaming === 'yes',
    }
    return { ok: true, filter }
  }
  const problems: Record<string, string> = { ...(!range.ok && range.problems), ...(!narrowed.ok && narrowed.problems) }
  if (!chosen.success) for (const { path, message } of chosen.error.issues) problems[String(path[0])] = message
  return { ok: false, problems }
}

/** The same in an address, without the place in the list. */
export function filterQuery({
  range,
  filters,
  status,
  streaming,
  size,
}: RequestFilter): Record<string, string | undefined> {
  return {
    ...rangeQuery(range),
    ...filters,
    status: status ?? undefined,
    streaming: streaming === null ? undefined : streaming ? 'yes' : 'no',
    size: size === PAGE_SIZE ? undefined : size,
  }
}

/** The same as reports have it. */
export function eventFiltersOf({ filters, status, streaming }: RequestFilter): z.input<typeof eventFilters> {
  return { ...filters, ...(status !== null && { status }), ...(streaming !== null && { streaming }) }
}

import type { ClientBase } from 'pg'
import { uuidV7Time } from '../../lib/uuid-v7.ts'
import { HOUR_MS } from '../hours.ts'
import { completeDay, readMark } from '../rollup-mark.ts'
import { bindValues } from '../sql/bind-values.ts'
import { ID_SLACK_MS, idFloor } from '../usage-extent.ts'
import { type EventFilters, type IdRange, matchingHours } from './sql/read-events.ts'

/** Hours looked up for one page: of the rarest requests, as many hours as there are requests on a page. */
const HOURS_MAX = 1_000

/** After every id. */
export const END_OF_IDS = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Where to look for requests, the newest first; together they hold every request that may be asked for down to `downTo`. */
export interface EventRanges {
  readonly ranges: readonly IdRange[]
  /** Below it nothing was looked for; null = there is nothing more. */
  readonly downTo: string | null
}

/**
 * Requests of one model, key, project, provider or status may be few among very many. The sums know the hours that have
 * some, so only these are read; and whatever the sums do not hold yet.
 *
 * @param whole the ids that may be asked for at all
 * @param wanted how many requests a page takes
 */
export async function findRanges(
  client: ClientBase,
  accountId: string,
  filters: EventFilters,
  whole: IdRange,
  wanted: number,
): Promise<EventRanges> {
  const isNarrow = [filters.model, filters.providerId, filters.accessKeyId, filters.projectId, filters.status].some(
    (value) => value !== undefined,
  )
  const { mark, isCurrent } = await readMark(client)
  if (!isNarrow || !mark) return { ranges: [whole], downTo: null }
  // From this id on events are read whatever the sums say: not all of them are summed.
  const heldUntil = isCurrent ? mark.builtUntil : completeDay(mark)
  const openFrom = heldUntil === null ? [mark.floor] : [mark.floor, idFloor(heldUntil - ID_SLACK_MS)]
  const open = clip({ from: least(openFrom), to: END_OF_IDS }, whole)
  const values = bindValues()
  const span = {
    from: uuidV7Time(whole.from) - ID_SLACK_MS - HOUR_MS,
    to: Math.min(uuidV7Time(whole.to) + ID_SLACK_MS, FAR),
  }
  const statement = matchingHours(accountId, filters, span, HOURS_MAX, values)
  const { rows } = await client.query<{ hour: Date; requests: string }>(statement, values.values)
  const ranges: IdRange[] = open ? [open] : []
  let found = 0n
  for (const [index, { hour, requests }] of rows.entries()) {
    const at = hour.getTime()
    const range = clip({ from: idFloor(at - ID_SLACK_MS), to: idFloor(at + HOUR_MS + ID_SLACK_MS) }, whole)
    if (range) merge(ranges, range)
    // An hour that the page begins in, or that is read anyhow, promises nothing.
    if (range && idFloor(at + HOUR_MS + ID_SLACK_MS) < whole.to) found += BigInt(requests)
    const isLast = index === rows.length - 1 && rows.length < HOURS_MAX
    if (!isLast && (found > BigInt(wanted) || index === rows.length - 1)) return { ranges, downTo: lowest(ranges) }
  }
  return { ranges, downTo: null }
}

/** 9999-01-01: the end of what is looked for, where there is none. */
const FAR = Date.UTC(9999, 0, 1)

function least(ids: readonly string[]): string {
  return ids.reduce((left, right) => (left < right ? left : right))
}

function clip({ from, to }: IdRange, whole: IdRange): IdRange | null {
  const inner = { from: from > whole.from ? from : whole.from, to: to < whole.to ? to : whole.to }
  return inner.from < inner.to ? inner : null
}

/** Ranges come the newest first; one that touches the last is a part of it. */
function merge(ranges: IdRange[], range: IdRange): void {
  const last = ranges.at(-1)
  if (!last || range.to < last.from) ranges.push(range)
  else ranges[ranges.length - 1] = { from: range.from < last.from ? range.from : last.from, to: last.to }
}

function lowest(ranges: readonly IdRange[]): string | null {
  return ranges.at(-1)?.from ?? null
}

import { DAY_MS, HOUR_MS, type Span } from './hours.ts'
import { completeDay, type ReadMark } from './rollup-mark.ts'

/** How a period is read: whole buckets from sums, the rest from events. Together the pieces are the period, exactly once. */
export interface UsagePieces {
  /** Days of a table by day. */
  readonly days: Span | null
  /** Hours of a table by hour. */
  readonly hours: readonly Span[]
  /** What is read from events. */
  readonly events: readonly Span[]
  /** Where sums are read: there the events come besides that the sums do not hold yet. */
  readonly summed: readonly Span[]
}

/**
 * @param isByDay whether there are sums by day for what is asked
 */
export function piecesOf({ from, to }: Span, read: ReadMark, isByDay: boolean): UsagePieces {
  const heldUntil = heldUntilOf(read)
  const hours = within({ from, to: Math.min(to, heldUntil) }, HOUR_MS)
  if (!hours) return { days: null, hours: [], events: [{ from, to }], summed: [] }
  const events = besides({ from, to }, hours)
  const days = isByDay ? within(hours, DAY_MS) : null
  return { days, hours: days ? besides(hours, days) : [hours], events, summed: [hours] }
}

function heldUntilOf({ mark, isCurrent }: ReadMark): number {
  if (!mark) return Number.NEGATIVE_INFINITY
  return isCurrent ? (mark.builtUntil ?? Number.POSITIVE_INFINITY) : completeDay(mark)
}

/** The whole buckets that lie in a span. */
function within({ from, to }: Span, bucketMs: number): Span | null {
  const inner = { from: Math.ceil(from / bucketMs) * bucketMs, to: Math.floor(to / bucketMs) * bucketMs }
  return inner.from < inner.to ? inner : null
}

/** What of a span lies before and after a part of it. */
function besides(whole: Span, part: Span): Span[] {
  return [
    { from: whole.from, to: part.from },
    { from: part.to, to: whole.to },
  ].filter(({ from, to }) => from < to)
}

import { type Row, rounded } from './bench.ts'
import { Histogram, type Percentiles } from './histogram.ts'

/** What a number of equal pieces of work took. */
export interface MoneyInLoad {
  count: number
  durationMs: number
  latenciesMs: readonly number[]
}

export const perSecond = ({ count, durationMs }: Pick<MoneyInLoad, 'count' | 'durationMs'>): number =>
  (count * 1000) / durationMs

/** Does the work of each item, so many at once, and takes the time of each and of all. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<MoneyInLoad> {
  const latenciesMs: number[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const item = items[next++] as Item
      const startedAt = performance.now()
      await work(item)
      latenciesMs.push(performance.now() - startedAt)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { count: items.length, durationMs: performance.now() - startedAt, latenciesMs }
}

export interface RowFigures {
  what: string
  target: string
  /** Null where the program itself decides. */
  inFlight: number | null
  count: number
  durationMs?: number
  latenciesMs?: readonly number[]
}

/** One line of the table; what was not measured stays empty. */
export function moneyInRow({ what, target, inFlight, count, durationMs, latenciesMs }: RowFigures): Row {
  const percentiles = latenciesMs && percentilesOf(latenciesMs)
  return {
    what,
    target,
    'in flight': inFlight,
    count,
    seconds: durationMs === undefined ? null : rounded(durationMs / 1000),
    'per second': durationMs === undefined ? null : Math.round(perSecond({ count, durationMs })),
    'p50 ms': rounded(percentiles?.p50 ?? null),
    'p90 ms': rounded(percentiles?.p90 ?? null),
    'p99 ms': rounded(percentiles?.p99 ?? null),
  }
}

export function percentilesOf(latenciesMs: readonly number[]): Percentiles {
  const histogram = new Histogram()
  for (const latency of latenciesMs) histogram.record(latency)
  return histogram.percentiles()
}

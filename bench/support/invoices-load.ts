import { type BenchResult, median, type Row, rounded } from './bench.ts'
import { type MoneyInLoad, moneyInRow, perSecond } from './money-in-load.ts'
import { cpuTimeMs } from './process-usage.ts'

/** What the parts of the bench share. */
export interface Ground {
  progress(line: string): void
  result: BenchResult
}

/** What a number of equal pieces of work took, of the clock and of the processors. */
export interface InvoicesLoad extends MoneyInLoad {
  nodeCpuMs: number
  /** Null where there is no /proc, or no database takes part. */
  postgresCpuMs: number | null
}

/** Does the work and counts what Node, all its threads together, and PostgreSQL computed meanwhile. */
export async function withCpuTime(postgresPid: number | null, work: () => Promise<MoneyInLoad>): Promise<InvoicesLoad> {
  const postgresTime = () => (postgresPid === null ? null : cpuTimeMs(postgresPid))
  const postgresBefore = postgresTime()
  const nodeBefore = process.cpuUsage()
  const load = await work()
  const { user, system } = process.cpuUsage(nodeBefore)
  const postgresAfter = postgresTime()
  return {
    ...load,
    nodeCpuMs: (user + system) / 1000,
    postgresCpuMs: postgresBefore === null || postgresAfter === null ? null : postgresAfter - postgresBefore,
  }
}

/** Several rounds as one. */
export function together(loads: readonly InvoicesLoad[]): InvoicesLoad {
  const sum = (pick: (load: InvoicesLoad) => number) => loads.reduce((total, load) => total + pick(load), 0)
  const isKnown = loads.every(({ postgresCpuMs }) => postgresCpuMs !== null)
  return {
    count: sum(({ count }) => count),
    durationMs: sum(({ durationMs }) => durationMs),
    latenciesMs: loads.flatMap(({ latenciesMs }) => latenciesMs),
    nodeCpuMs: sum(({ nodeCpuMs }) => nodeCpuMs),
    postgresCpuMs: isKnown ? sum(({ postgresCpuMs }) => postgresCpuMs ?? 0) : null,
  }
}

/** One line of the table; CPU time is that of one piece of work. */
export function invoicesRow(what: string, target: string, inFlight: number, load: InvoicesLoad): Row {
  const { count, nodeCpuMs, postgresCpuMs } = load
  return {
    ...moneyInRow({ what, target, inFlight, ...load }),
    'Node CPU ms': rounded(nodeCpuMs / count),
    'PostgreSQL CPU ms': postgresCpuMs === null ? null : rounded(postgresCpuMs / count),
  }
}

/** How far the rounds lie apart, such as `310–345`. */
export function spreadOf(loads: readonly MoneyInLoad[]): string {
  const rates = loads.map((load) => Math.round(perSecond(load)))
  return `${Math.min(...rates)}–${Math.max(...rates)}`
}

/** The median of the rounds' own ratios: both sides of each come from the same few seconds. */
export function ratioOf(loads: readonly MoneyInLoad[], others: readonly MoneyInLoad[]): number | null {
  const ratios = loads.map((load, round) => perSecond(load) / perSecond(others[round] as MoneyInLoad))
  return rounded(median(ratios))
}

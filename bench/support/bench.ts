/** One figure beside another from the same run; the value is `of` divided by `to`. */
export interface Ratio {
  /** The circumstances, as in the rows. */
  what: string
  figure: string
  of: string
  to: string
  /** Null when one of the two was not measured or failed. */
  value: number | null
}

/** One line of the table; the first bench row decides about the columns. */
export type Row = Record<string, string | number | null>

export interface BenchResult {
  rows: Row[]
  ratios: Ratio[]
  /** What a reader has to know: a target that was missing, replies that failed. */
  notes: string[]
}

export interface BenchOptions {
  /** A short run that shows that all works; its figures are rough. */
  isQuick: boolean
  progress(line: string): void
}

/** A question that the bench answers; each lives in a file of its own. */
export interface Bench {
  name: string
  run(options: BenchOptions): Promise<BenchResult>
}

export function median(values: number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** Rounds to three significant digits: the rest is noise. */
export function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(3))
}

import { stringify } from 'csv-stringify/sync'
import { NANO_PER_UNIT, type Nano } from '../money/nano.ts'
import { FORMULA_STARTS } from './sql/export-columns.ts'

const starts = new Set<number>(FORMULA_STARTS)

/** Rows that become one buffer: few writes, little memory. */
const ROWS_PER_CHUNK = 500

/**
 * A text as a cell that no spreadsheet computes: one that would begin a formula gets an apostrophe before it. Amounts are
 * not texts and keep their minus.
 */
export function neutral(text: string | null): string {
  if (text === null) return ''
  return starts.has(text.codePointAt(0) ?? 0) ? `'${text}` : text
}

/** Nano as an exact decimal of units, always with nine digits: "-0.000000001". */
export function fixedDecimal(nano: Nano): string {
  const magnitude = nano < 0n ? -nano : nano
  const fraction = (magnitude % NANO_PER_UNIT).toString().padStart(9, '0')
  return `${nano < 0n ? '-' : ''}${magnitude / NANO_PER_UNIT}.${fraction}`
}

/** RFC 4180 with LF, as UTF-8, from cells that are neutral already. */
export async function* csvChunks(
  header: readonly string[],
  rows: Iterable<readonly string[]>,
): AsyncGenerator<Buffer, void, undefined> {
  let chunk: (readonly string[])[] = [header]
  for (const row of rows) {
    chunk.push(row)
    if (chunk.length < ROWS_PER_CHUNK) continue
    yield Buffer.from(stringify(chunk.map((cells) => [...cells])))
    chunk = []
  }
  if (chunk.length > 0) yield Buffer.from(stringify(chunk.map((cells) => [...cells])))
}

import { createHash } from 'node:crypto'
import type { ExportFormat } from './export-request.ts'

const LINE_FEED = 0x0a
const QUOTE = 0x22

/** How often the reader is told how far it is. */
const ROWS_PER_REPORT = 5_000

/** Lines that are no rows: the header of a CSV, the bracket that ends an array. */
const OTHER_LINES: Readonly<Record<ExportFormat, number>> = { csv: 1, json: 1, jsonl: 0 }

export interface FileFigures {
  rows: number
  sizeBytes: number
  sha256: Buffer
}

export interface RowMeter {
  /** The same bytes, weighed on their way through. */
  pass(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined>
  /** Once all has passed. */
  figures(): FileFigures
}

/**
 * Counts rows, bytes and the hash of a file while it is written, in constant memory.
 * @param report waited for every few thousand rows; what it throws ends the file
 */
export function createRowMeter(format: ExportFormat, report: (rows: number) => Promise<void>): RowMeter {
  const hash = createHash('sha256')
  const countLines = format === 'csv' ? csvLineCounter() : plainLineCounter
  let lines = 0
  let sizeBytes = 0
  const rows = () => Math.max(0, lines - OTHER_LINES[format])
  return {
    async *pass(source) {
      let reported = 0
      for await (const chunk of source) {
        hash.update(chunk)
        sizeBytes += chunk.length
        lines += countLines(chunk)
        if (rows() - reported >= ROWS_PER_REPORT) {
          reported = rows()
          await report(reported)
        }
        yield chunk
      }
    },
    figures: () => ({ rows: rows(), sizeBytes, sha256: hash.digest() }),
  }
}

/** JSON has no line feed within a row: it is escaped there. */
function plainLineCounter(chunk: Buffer): number {
  let lines = 0
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines += 1
  return lines
}

/** A line feed between quotes belongs to a cell; a doubled quote ends and begins one. */
function csvLineCounter(): (chunk: Buffer) => number {
  let isQuoted = false
  return (chunk) => {
    let lines = 0
    // By index: an iterator would take several times as long, for every byte of every export.
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (byte === QUOTE) isQuoted = !isQuoted
      else if (byte === LINE_FEED && !isQuoted) lines += 1
    }
    return lines
  }
}

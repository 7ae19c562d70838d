import { pipeline, type Readable, Transform } from 'node:stream'
import type { Pool } from 'pg'
import { z } from 'zod'
import { copyRows } from './export-copy.ts'
import { accountId, rangeFields, readRange } from './export-range.ts'
import { usageCsvQuery, usageJsonQuery } from './sql/usage-export.ts'
import { eventFilters } from './usage/event-filters.ts'

export const USAGE_EXPORT_FORMATS = ['csv', 'json', 'jsonl'] as const

const request = z.strictObject({
  accountId,
  ...rangeFields,
  format: z.enum(USAGE_EXPORT_FORMATS, { error: `must be one of ${USAGE_EXPORT_FORMATS.join(', ')}` }),
  filters: eventFilters.default({}),
})
export type UsageExport = z.input<typeof request>

/**
 * The requests of one account in a half-open range of time (milliseconds since the epoch), or those of them that pass the
 * filters, the oldest first, as a stream
 * of UTF-8 in constant memory. PostgreSQL writes every byte of it; the caller has to see to it that the reader may read
 * this account. Ending the stream early ends the query.
 *
 * @throws ExportError `invalid_request`
 */
export async function exportUsage({ pool }: { pool: Pool }, asked: UsageExport): Promise<Readable> {
  const { format, ...scope } = readRange(request, asked)
  if (format === 'csv') return copyRows(pool, usageCsvQuery(scope), 'csv')
  if (format === 'jsonl') return copyRows(pool, usageJsonQuery(scope, ''), 'lines')
  return asArray(await copyRows(pool, usageJsonQuery(scope, ','), 'lines'))
}

/** Rows that each begin with a comma, as one array: the first comma becomes its bracket. */
function asArray(rows: Readable): Readable {
  let isFirst = true
  const brackets = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isFirst) chunk.write('[')
      isFirst = false
      done(null, chunk)
    },
    flush(done) {
      done(null, isFirst ? '[]\n' : ']\n')
    },
  })
  // What fails on either side ends both; the reader hears of it on the stream that it holds.
  return pipeline(rows, brackets, () => undefined)
}

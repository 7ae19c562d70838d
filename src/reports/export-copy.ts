import type { Duplex, Readable } from 'node:stream'
import { finished } from 'node:stream'
import type { Pool, PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'

/** Room for the next rows while the reader is busy; the rest waits in PostgreSQL. */
const BUFFERED_BYTES = 262_144

/**
 * - `csv`: RFC 4180 with a header, LF at the ends of lines.
 * - `lines`: one column of text without control characters, as it is, a row a line. PostgreSQL's own text format would
 *   escape backslashes, so this is its CSV with a quote and a delimiter that do not occur.
 */
const FORMATS = {
  csv: 'FORMAT csv, HEADER true',
  lines: String.raw`FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'`,
} as const

/**
 * A query's rows as PostgreSQL itself writes them, in constant memory. The query runs on a connection of its own, which
 * goes back to the pool after the last byte; a reader that leaves early ends the query with its connection.
 *
 * @param query one SELECT with all its values in it: COPY takes no parameters
 */
export async function copyRows(pool: Pool, query: string, format: keyof typeof FORMATS): Promise<Readable> {
  const client = await pool.connect()
  // A connection that is lost fails the stream; unheard, the same error would end the process.
  client.on('error', heard)
  try {
    // A plan for one run is not worth compiling.
    await client.query('BEGIN READ ONLY; SET LOCAL jit = off')
    const copy = client.query(
      copyTo(`COPY (${query}) TO STDOUT WITH (${FORMATS[format]})`, { highWaterMark: BUFFERED_BYTES }),
    )
    finished(copy, (error) => void giveBack(client, copy, error ?? null))
    return copy
  } catch (error) {
    client.removeListener('error', heard)
    client.release(asError(error))
    throw error
  }
}

async function giveBack(client: PoolClient, copy: Readable, error: Error | null): Promise<void> {
  let failure = error
  if (failure) {
    // The driver only tells who listens at this moment. A reader that comes later must not wait for the rest.
    copy.destroy(failure)
    // Rows are still under way, or may be: the session is of no use any more, and must not wait for a reader.
    socketOf(copy)?.destroy()
  } else {
    await client.query('COMMIT').catch((reason: unknown) => {
      failure = asError(reason)
    })
  }
  client.release(failure ?? undefined)
  if (!failure) client.removeListener('error', heard)
}

/** The driver's stream keeps its connection where the types do not say so. */
function socketOf(copy: Readable): Duplex | undefined {
  return (copy as Readable & { connection?: { stream?: Duplex } }).connection?.stream
}

const heard = (): void => undefined
const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))

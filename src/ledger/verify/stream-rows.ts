import type { ClientBase } from 'pg'

/** Large enough that the round trips do not count, small enough that a batch is a few hundred kilobytes. */
const ROWS_PER_FETCH = 2_000
const CURSOR = 'verify_rows'

/**
 * Reads a statement's rows through a server-side cursor, so that memory stays constant whatever the table's size. Runs
 * inside the caller's transaction, one statement at a time; a reader that leaves early must end the transaction.
 */
export async function* streamRows<Row extends object>(client: ClientBase, sql: string): AsyncGenerator<Row> {
  await client.query(`DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${sql}`)
  for (;;) {
    const { rows } = await client.query<Row>(`FETCH FORWARD ${ROWS_PER_FETCH} FROM ${CURSOR}`)
    yield* rows
    if (rows.length < ROWS_PER_FETCH) break
  }
  await client.query(`CLOSE ${CURSOR}`)
}

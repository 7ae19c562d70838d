import type { Pool, PoolClient } from 'pg'

/** One transaction for one fact: commits what `work` did, or undoes all of it when `work` throws. */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  // A connection that is lost fails its statement; unheard, the same error would end the process.
  client.on('error', heard)
  let failure: Error | null = null
  try {
    await client.query('BEGIN')
    const result = await work(client)
    const { command } = await client.query('COMMIT')
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, not with an error.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back')
    return result
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    // A connection that cannot even roll back is thrown away, and the transaction with it.
    await client.query('ROLLBACK').then(
      () => {
        failure = null
      },
      () => undefined,
    )
    throw error
  } finally {
    client.removeListener('error', heard)
    client.release(failure ?? undefined)
  }
}

const heard = (): void => undefined

import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations, SchemaMigrationRequiredError } from 'bullmq'
import pg from 'pg'

/** The queues' tables live apart from ours, which our own migrations own. */
export const JOBS_SCHEMA = 'jobs'

const CONNECT_TIMEOUT_MS = 5_000

type Session = Parameters<typeof runMigrations>[0]

/**
 * Creates or updates the queues' tables where they are missing or old, and else only reads one row: a role that may
 * not create anything will do from then on. Processes that call it at once wait for each other.
 * @throws the database's error, such as 42501 when there is something to create and the role may not.
 */
export async function prepareJobsSchema(session: Session): Promise<void> {
  if ((await schemaVersion(session)) < LATEST_SCHEMA_VERSION) await runMigrations(session, JOBS_SCHEMA)
}

/** The same, on a connection of its own. For who brings a database up to date before anybody else connects. */
export async function migrateJobsSchema(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  await client.connect()
  try {
    await prepareJobsSchema(client)
  } finally {
    await client.end()
  }
}

async function schemaVersion(session: Session): Promise<number> {
  try {
    return await assertSchemaCompatibility(session, JOBS_SCHEMA)
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0
    throw error
  }
}

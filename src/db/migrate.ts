import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import pg from 'pg'
import { type MigrationEngine, openMigrationEngine, readMigrations } from './migration-engine.ts'

const PRISMA = resolve(import.meta.dirname, '../../prisma')
export const MIGRATIONS_DIRECTORY = resolve(PRISMA, 'migrations')
export const SCHEMA_PATH = resolve(PRISMA, 'schema.prisma')

/** Any fixed number that is not the engine's own (72707369); the letters of "farebox" on a telephone. */
const ADVISORY_LOCK_KEY = 3273269

/** How long a caller waits for another one's migrations; longer than any should take, shorter than forever. */
const WAIT_FOR_OTHERS = '30min'

export interface MigrateOptions {
  migrationsDirectory?: string
  schemaPath?: string
}

/**
 * A migration that the database refused. A script is one transaction (unless it says COMMIT itself), so it left nothing behind,
 * and its corrected version will be applied next time.
 */
export class MigrationFailed extends Error {
  readonly migrationName: string

  constructor(migrationName: string, databaseMessage: string, cause: unknown) {
    super(`Migration ${migrationName} failed: ${databaseMessage}`, { cause })
    this.name = 'MigrationFailed'
    this.migrationName = migrationName
  }
}

/**
 * Brings a database up to date with the migrations folder and returns the names applied now. Several processes may call
 * it at once: one works while the others wait, and then they find nothing left to do.
 */
export async function migrate(connectionString: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.migrationsDirectory ?? MIGRATIONS_DIRECTORY)
  const schema = await readFile(options.schemaPath ?? SCHEMA_PATH, 'utf8')
  return whileLocked(connectionString, async (client) => {
    const engine = await openMigrationEngine(connectionString, schema)
    try {
      return await engine.apply(migrations)
    } catch (error) {
      throw await explain(error, engine, client)
    } finally {
      await engine.close()
    }
  })
}

/** Names the migration that stopped us; one that the database refused just now is marked so that it can run again. */
async function explain(error: unknown, engine: MigrationEngine, client: pg.Client): Promise<unknown> {
  const name = await findUnfinished(client)
  if (name === undefined) return error
  const refusal = engine.lastRefusal()
  if (refusal) {
    await engine.markRolledBack(name)
    return new MigrationFailed(name, refusal.message, refusal)
  }
  const advice =
    'see whether its changes are there, then "prisma migrate resolve --applied" or "--rolled-back" its name'
  return new MigrationFailed(name, `an earlier run was cut short while it was being applied; ${advice}.`, error)
}

async function findUnfinished(client: pg.Client): Promise<string | undefined> {
  const { rows: tables } = await client.query(`SELECT 1 WHERE to_regclass('_prisma_migrations') IS NOT NULL`)
  if (tables.length === 0) return undefined
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations
      WHERE finished_at IS NULL AND rolled_back_at IS NULL ORDER BY started_at DESC LIMIT 1`,
  )
  return rows[0]?.name
}

/** The lock has a connection of its own, so it is held until the work has ended and goes when this process dies. */
async function whileLocked<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(`SET lock_timeout = '${WAIT_FOR_OTHERS}'`)
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK_KEY])
    return await work(client)
  } finally {
    await client.end()
  }
}

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { readIfPresent, writePrivate } from '../lib/private-file.ts'
import { type EmbeddedPostgresLogger, startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts'
import { migrate } from './migrate.ts'

const DATABASE = 'farebox'
/** PostgreSQL runs as another user when we are root, and must be able to pass through. */
const DATA_DIRECTORY_MODE = 0o755
const PROBE_TIMEOUT_MS = 2_000

export interface Database {
  connectionString: string
  stop(): Promise<void>
}

export interface DatabaseOptions {
  /** Null = the embedded PostgreSQL below the data directory. */
  databaseUrl: string | null
  dataDirectory: string
  logger: EmbeddedPostgresLogger
}

/** The database that the settings name, brought up to date: somebody's server, or the embedded one, started here. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  await mkdir(options.dataDirectory, { recursive: true, mode: DATA_DIRECTORY_MODE })
  if (options.databaseUrl !== null) {
    await migrate(options.databaseUrl)
    return { connectionString: options.databaseUrl, stop: () => Promise.resolve() }
  }
  const server = await startEmbeddedPostgres({
    directory: join(options.dataDirectory, 'postgres'),
    logger: options.logger,
  })
  try {
    await server.createDatabase(DATABASE)
    const connectionString = server.connectionString(DATABASE)
    await migrate(connectionString)
    await writePrivate(addressFile(options.dataDirectory), connectionString)
    return {
      connectionString,
      async stop() {
        await rm(addressFile(options.dataDirectory), { force: true })
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** For a command beside a running Farebox: the embedded server it has started, else the same as `openDatabase`. */
export async function joinDatabase(options: DatabaseOptions): Promise<Database> {
  const running = options.databaseUrl === null ? await readIfPresent(addressFile(options.dataDirectory)) : null
  if (running !== null && (await answers(running))) {
    return { connectionString: running, stop: () => Promise.resolve() }
  }
  return openDatabase(options)
}

function addressFile(dataDirectory: string): string {
  return join(dataDirectory, 'database.url')
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: PROBE_TIMEOUT_MS })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    // The file is what a killed process left behind.
    return false
  }
}

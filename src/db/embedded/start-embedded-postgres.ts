import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import {
  type Address,
  chooseSocketDirectory,
  connectionUrl,
  findFreePort,
  HOST,
  removeSocketDirectory,
} from './addresses.ts'
import { findBinaries } from './binaries.ts'
import { prepareCluster } from './cluster.ts'
import { acquireOwnerLock, type OwnerLock } from './owner-lock.ts'
import { choosePlacement, type Placement } from './placement.ts'
import { clearFormerServer, stopServer } from './postmaster.ts'
import { hasEnded, type ServerProcess, StartFailure, spawnServer, waitUntilReady } from './server-process.ts'

/** A chosen port can be lost to another program between choosing and binding, though hardly this often in a row. */
const PORT_ATTEMPTS_MAX = 5

/** After a kill -9 of the server itself, its backends notice within moments and free the shared memory. */
const LEFTOVER_ATTEMPTS_MAX = 50
const LEFTOVER_POLL_MS = 200

/** A fast shutdown that takes longer is cut short; the next start recovers from the log. */
const STOP_TIMEOUT_MS = 60_000

export interface EmbeddedPostgresOptions {
  /** Where the data is wanted. Its parent directory also gets the files `NAME.password` and `NAME.owner`. */
  directory: string
  /** A fixed TCP port; a free one is chosen at each start without it. */
  port?: number
  logger?: EmbeddedPostgresLogger
  /** PostgreSQL settings that win over ours. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgresLogger {
  info(message: string): void
  warn(message: string): void
}

export interface EmbeddedPostgres {
  /** For the given database, else for the maintenance database `postgres`; over the unix socket where one works. */
  connectionString(database?: string): string
  readonly host: string
  readonly port: number
  /** Where the data really is: not always where it was wanted. */
  readonly directory: string
  readonly socketDirectory?: string
  /** The server's process id. */
  readonly pid: number
  /** Ends all sessions, writes everything down, gives the directory free. Calling it again returns the same promise. */
  stop(): Promise<void>
  /** Makes the database unless it exists. */
  createDatabase(name: string): Promise<void>
}

/**
 * Runs PostgreSQL from the npm package in the given directory and heals what a crash left there.
 *
 * It installs no exit hooks: whoever starts it calls `stop()` as the last step of an ordered shutdown. If we die without
 * that, the server lives on as an orphan, and the next start on the directory stops it first.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const placement = await choosePlacement(options.directory, await findBinaries())
  if (placement.notice) options.logger?.info(placement.notice)
  const lock = await acquireOwnerLock(placement.dataDirectory)
  try {
    await lock.assertHeld()
    const former = await clearFormerServer(placement)
    if (former === 'stopped') options.logger?.warn('Stopped the database server of a Farebox that was killed.')
    const password = await prepareCluster(placement)
    await lock.assertHeld()
    const { server, address } = await startServer(placement, password, options)
    return runningServer(placement, server, address, lock, options.logger)
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Starts the server, once more where the reason of a failure is one that passes. */
async function startServer(placement: Placement, password: string, options: EmbeddedPostgresOptions) {
  const socketDirectory = await chooseSocketDirectory(placement)
  let portAttempts = 0
  for (let attempt = 1; ; attempt += 1) {
    const address: Address = { port: options.port ?? (await findFreePort()), password, socketDirectory }
    const server = await spawnServer(placement, address, options.settings ?? {})
    try {
      return { server, address: await waitUntilReady(server, address, placement.dataDirectory) }
    } catch (error) {
      await endServer(server, placement)
      const logTail = error instanceof StartFailure ? error.logTail : ''
      const portTaken = options.port === undefined && /could not bind|Address already in use/.test(logTail)
      if (portTaken && ++portAttempts < PORT_ATTEMPTS_MAX) continue
      if (!/pre-existing shared memory block/.test(logTail) || attempt >= LEFTOVER_ATTEMPTS_MAX) throw error
      await delay(LEFTOVER_POLL_MS)
    }
  }
}

function runningServer(
  placement: Placement,
  server: ServerProcess,
  address: Address,
  lock: OwnerLock,
  logger: EmbeddedPostgresLogger | undefined,
): EmbeddedPostgres {
  // The database alone must not keep a finished process alive.
  server.child.unref()
  let stopping: Promise<void> | undefined
  const end = async () => {
    await endServer(server, placement)
    await removeSocketDirectory(placement, address.socketDirectory)
    await lock.release()
  }
  void server.ended.then(async () => {
    if (!stopping) logger?.warn(`The database server ended by itself. Its log ends with:\n${await server.logTail()}`)
  })
  const connectionString = (database = 'postgres') => connectionUrl(address, database)
  return {
    connectionString,
    host: HOST,
    port: address.port,
    directory: placement.dataDirectory,
    ...(address.socketDirectory && { socketDirectory: address.socketDirectory }),
    pid: server.child.pid!,
    stop: () => {
      stopping ??= end()
      return stopping
    },
    createDatabase: (name) => createDatabase(connectionString(), name),
  }
}

/** A fast shutdown; cut short when it takes too long, which costs a recovery at the next start and no data. */
async function endServer(server: ServerProcess, placement: Placement): Promise<void> {
  const { child, ended } = server
  if (hasEnded(server)) return
  child.ref()
  // Windows knows no signals; there pg_ctl asks through a named pipe.
  if (process.platform === 'win32') await stopServer(placement)
  else child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

async function createDatabase(connectionString: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } catch (error) {
    // 42P04: it exists; 23505: somebody else made it at the same moment.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error
  } finally {
    await client.end()
  }
}

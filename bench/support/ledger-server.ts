import { rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../src/db/embedded/start-embedded-postgres.ts'
import { migrate } from '../../src/db/migrate.ts'

/** A real PostgreSQL as the product runs it: same binaries, same settings, every commit waits for the disk. */
export interface LedgerServer {
  pid: number
  /** A new database with all migrations applied; returns its connection string. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

const TEMPLATE = 'ledger_template'

export async function startLedgerServer(): Promise<LedgerServer> {
  const home = await mkdtemp(join(tmpdir(), 'farebox-bench-ledger-'))
  // PostgreSQL runs as another user when we are root, and has to pass through here.
  await chmod(home, 0o711)
  const server = await startEmbeddedPostgres({ directory: join(home, 'postgres') })
  // An interrupted bench leaves without its `finally`; no server must stay behind.
  const killServer = () => {
    process.kill(server.pid, 'SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', killServer)
  const stop = async () => {
    process.removeListener('exit', killServer)
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
  try {
    await server.createDatabase(TEMPLATE)
    await migrate(server.connectionString(TEMPLATE))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    pid: server.pid,
    async createDatabase(name) {
      const admin = new pg.Client({ connectionString: server.connectionString() })
      await admin.connect()
      try {
        await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
      } finally {
        await admin.end()
      }
      return server.connectionString(name)
    },
    stop,
  }
}

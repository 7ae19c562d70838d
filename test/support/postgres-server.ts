import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../src/db/embedded/start-embedded-postgres.ts'
import { migrate } from '../../src/db/migrate.ts'

/** The database that every test file gets a copy of. */
export const TEMPLATE_DATABASE = 'farebox_template'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { adminConnectionString: string; templateDatabase: string }
  }
}

/** Nothing here has to outlive a power cut, so the server does not wait for the disk. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Every test file of every worker holds a pool of its own.
  max_connections: '300',
}

/** Vitest's global set-up: one real server a run, with the migrated template; the returned function takes it all away. */
export default async function setUpPostgres(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'farebox-test-'))
  // As root we run the server under another account, which has to pass through here.
  await chmod(home, 0o711)
  const server = await startEmbeddedPostgres({ directory: join(home, 'postgres'), settings: SETTINGS })
  // When Vitest leaves without its teardown (a second Ctrl-C), at least no server stays behind.
  const killServer = () => process.kill(server.pid, 'SIGQUIT')
  process.once('exit', killServer)
  const tearDown = async () => {
    process.removeListener('exit', killServer)
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
  try {
    await server.createDatabase(TEMPLATE_DATABASE)
    await migrate(server.connectionString(TEMPLATE_DATABASE))
  } catch (error) {
    await tearDown()
    throw error
  }
  project.provide('postgres', {
    adminConnectionString: server.connectionString(),
    templateDatabase: TEMPLATE_DATABASE,
  })
  return tearDown
}

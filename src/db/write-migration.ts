import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts'
import { MIGRATIONS_DIRECTORY, SCHEMA_PATH } from './migrate.ts'
import { diffSchema } from './migration-engine.ts'

/**
 * `node src/db/write-migration.ts NAME` prints the SQL that leads from prisma/migrations to prisma/schema.prisma, and says
 * where it belongs. What Prisma cannot say (checks, triggers, partitions) is for the reader to add.
 */
async function main(name: string | undefined): Promise<void> {
  if (!name || !/^[a-z0-9_]+$/.test(name)) throw new Error('Usage: node src/db/write-migration.ts name_in_snake_case')
  const home = await mkdtemp(join(tmpdir(), 'farebox-diff-'))
  await chmod(home, 0o711)
  const server = await startEmbeddedPostgres({ directory: join(home, 'postgres'), settings: { fsync: 'off' } })
  try {
    await server.createDatabase('scratch')
    process.stdout.write(await diffSchema(server.connectionString('scratch'), MIGRATIONS_DIRECTORY, SCHEMA_PATH))
  } finally {
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  process.stderr.write(`Belongs in prisma/migrations/${stamp}_${name}/migration.sql\n`)
}

await main(process.argv[2])

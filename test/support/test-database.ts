import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type {} from './postgres-server.ts'

/** Held while a database is copied: PostgreSQL refuses to copy one that is being copied or connected to. */
const CLONE_LOCK_KEY = 26663

export interface TestDatabase {
  connectionString: string
  /** Ends whatever is still connected and removes the database. */
  drop(): Promise<void>
}

/**
 * A database of one's own with all migrations applied, in milliseconds. Once per test file:
 *
 *     let database: TestDatabase
 *     beforeAll(async () => { database = await createTestDatabase() })
 *     afterAll(() => database.drop())
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { templateDatabase } = inject('postgres')
  return create(`TEMPLATE ${pg.escapeIdentifier(templateDatabase)}`)
}

/** A database with nothing in it, for what is about migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return create('TEMPLATE template0')
}

async function create(template: string): Promise<TestDatabase> {
  const { adminConnectionString } = inject('postgres')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onAdmin(adminConnectionString, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [CLONE_LOCK_KEY])
    await admin.query(`CREATE DATABASE ${name} ${template}`)
  })
  const url = new URL(adminConnectionString)
  url.pathname = `/${name}`
  return {
    connectionString: url.href,
    drop: () =>
      onAdmin(adminConnectionString, async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      }),
  }
}

async function onAdmin(connectionString: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString })
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}

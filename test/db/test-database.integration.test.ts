import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let databases: TestDatabase[]

beforeAll(async () => {
  databases = await Promise.all(Array.from({ length: 5 }, () => createTestDatabase()))
})

afterAll(() => Promise.all(databases.map((database) => database.drop())))

test('copies of the template made at once are complete and apart', async () => {
  const counts = await Promise.all(
    databases.map(async ({ connectionString }, index) => {
      const client = new pg.Client({ connectionString })
      await client.connect()
      await client.query(`CREATE TABLE only_here_${index} (id int)`)
      const { rows } = await client.query<{ migrations: number; own: number }>(
        `SELECT (SELECT count(*)::int FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS migrations,
                (SELECT count(*)::int FROM pg_class WHERE relname LIKE 'only_here_%') AS own`,
      )
      await client.end()
      return rows[0]!
    }),
  )
  expect(counts.every(({ migrations }) => migrations > 0)).toBe(true)
  expect(counts.map(({ own }) => own)).toEqual([1, 1, 1, 1, 1])
})

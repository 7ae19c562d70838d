import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../../src/accounts/password.ts'
import { MIGRATIONS_DIRECTORY } from '../../src/db/migrate.ts'
import { createEmptyDatabase } from '../support/test-database.ts'

const OURS = '20261122000000_sign_in'

test('whoever had a password keeps it, and their address is confirmed', async () => {
  const database = await createEmptyDatabase()
  const client = new pg.Client({ connectionString: database.connectionString })
  await client.connect()
  try {
    const apply = (name: string) =>
      client.query(readFileSync(join(MIGRATIONS_DIRECTORY, name, 'migration.sql'), 'utf8'))
    const before = readdirSync(MIGRATIONS_DIRECTORY).filter((name) => /^\d/.test(name) && name < OURS)
    for (const name of before.sort()) await apply(name)
    const [id, without] = [randomUUID(), randomUUID()]
    await client.query(
      `INSERT INTO "user" (id, email, name, password_hash, created_at)
       VALUES ($1, 'old@example.test', 'Old', $3, now()), ($2, 'none@example.test', 'None', '', now())`,
      [id, without, await hashPassword('as it was before')],
    )
    await apply(OURS)
    const { rows } = await client.query(
      `SELECT "user".id, email_verified, provider_id, subject_id, sign_in_method.password_hash
       FROM "user" LEFT JOIN sign_in_method ON user_id = "user".id ORDER BY email`,
    )
    expect(rows).toEqual([
      { id: without, email_verified: true, provider_id: null, subject_id: null, password_hash: null },
      { id, email_verified: true, provider_id: 'credential', subject_id: id, password_hash: expect.any(String) },
    ])
    expect(await verifyPassword('as it was before', rows[1].password_hash)).toBe(true)
  } finally {
    await client.end()
    await database.drop()
  }
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { diffSchema } from '../../src/db/migration-engine.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.ts'
import { query } from './embedded-support.ts'

/** All that trips a runner which cuts scripts at semicolons: strings, $$ bodies, triggers, partitions. */
const LEDGER = `
CREATE TABLE entry (id bigint NOT NULL, note text DEFAULT 'a;b', CONSTRAINT entry_pkey PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE entry_first PARTITION OF entry FOR VALUES FROM (0) TO (100);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entries; are append-only';
END $$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION refuse();
INSERT INTO entry VALUES (1);`

const HALF_WRONG = 'CREATE TABLE half (id int); ALTER TABLE nowhere ADD COLUMN id int;'
const SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\n'

let database: TestDatabase
let home: string

beforeEach(async () => {
  database = await createEmptyDatabase()
  home = await mkdtemp(join(tmpdir(), 'farebox-migrate-'))
  await writeFile(join(home, 'schema.prisma'), SCHEMA)
})

afterEach(async () => {
  await database.drop()
  await rm(home, { recursive: true, force: true })
})

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(home, 'migrations', name), { recursive: true })
  await writeFile(join(home, 'migrations', name, 'migration.sql'), sql)
}

function run(): Promise<string[]> {
  return migrate(database.connectionString, {
    migrationsDirectory: join(home, 'migrations'),
    schemaPath: join(home, 'schema.prisma'),
  })
}

test('migrations are applied in order and once; a second run finds nothing to do', async () => {
  await write('002_more', 'INSERT INTO entry VALUES (2);')
  await write('001_ledger', LEDGER)
  expect(await run()).toEqual(['001_ledger', '002_more'])
  expect(await run()).toEqual([])
  expect(await query(database.connectionString, 'SELECT id, note FROM entry ORDER BY id')).toEqual([
    { id: '1', note: 'a;b' },
    { id: '2', note: 'a;b' },
  ])
  await expect(query(database.connectionString, 'DELETE FROM entry')).rejects.toThrow('entries; are append-only')
})

test('of several runs at once one applies and the others find nothing to do', async () => {
  await write('001_ledger', LEDGER)
  const applied = await Promise.all([run(), run(), run()])
  expect(applied.flat()).toEqual(['001_ledger'])
  expect(await query(database.connectionString, 'SELECT count(*)::int AS n FROM entry')).toEqual([{ n: 1 }])
})

test('a failing migration is named with what the database said, leaves nothing behind, and runs once corrected', async () => {
  await write('001_ledger', LEDGER)
  await write('002_half_wrong', HALF_WRONG)
  const failure = 'Migration 002_half_wrong failed: relation "nowhere" does not exist'
  await expect(run()).rejects.toThrow(failure)
  await expect(run()).rejects.toThrow(failure)
  expect(
    await query(database.connectionString, "SELECT to_regclass('half') AS half, to_regclass('entry') AS kept"),
  ).toEqual([{ half: null, kept: 'entry' }])
  await write('002_half_wrong', 'CREATE TABLE half (id int);')
  expect(await run()).toEqual(['002_half_wrong'])
})

test('a migration that an earlier process died in is not guessed about', async () => {
  await write('001_ledger', LEDGER)
  await run()
  await query(database.connectionString, 'UPDATE _prisma_migrations SET finished_at = NULL')
  await expect(run()).rejects.toThrow('Migration 001_ledger failed: an earlier run was cut short')
})

test('the next migration is written from the difference between folder and schema', async () => {
  await write('001_first', 'CREATE TABLE account (id bigint NOT NULL, CONSTRAINT account_pkey PRIMARY KEY (id));')
  const model = 'model Account {\n  id BigInt @id\n  name String\n\n  @@map("account")\n}\n'
  await writeFile(join(home, 'schema.prisma'), SCHEMA + model)
  const sql = await diffSchema(database.connectionString, join(home, 'migrations'), join(home, 'schema.prisma'))
  expect(sql.trim()).toMatch(/^-- AlterTable\nALTER TABLE "account" ADD COLUMN +"name" TEXT NOT NULL;$/)
})

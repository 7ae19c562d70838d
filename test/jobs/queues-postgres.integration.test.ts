import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { createNudger, startWorkers, type Workers } from '../../jobs/main.ts'
import { migrateJobsSchema } from '../../jobs/postgres-schema.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type RecordedJobs, recordJobs } from '../support/queue-backends.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.ts'

const HOUR_MS = 3_600_000
const noNudge = () => undefined

describe('the queues in PostgreSQL', () => {
  let database: TestDatabase
  let admin: pg.Client
  let jobs: RecordedJobs
  let errors: Error[]

  beforeEach(async () => {
    database = await createEmptyDatabase()
    admin = new pg.Client({ connectionString: database.connectionString })
    await admin.connect()
    jobs = recordJobs()
    errors = []
  })
  afterEach(async () => {
    await admin.end()
    await database.drop()
    expect(errors.map(({ message }) => message)).toEqual([])
  })

  const work = (connectionString: string, recorded = jobs): Promise<Workers> =>
    startWorkers({
      redisUrl: null,
      connectionString,
      deps: recorded.deps,
      nudge: noNudge,
      report: (error) => errors.push(error),
      sweepEveryMs: HOUR_MS,
    })

  async function mails(connectionString: string, recorded = jobs): Promise<void> {
    const nudger = createNudger({ redisUrl: null, connectionString, report: (error) => errors.push(error) })
    const mailId = uuidV7(systemClock)
    nudger.nudge({ job: 'mail', mailId })
    await vi.waitFor(() => expect(recorded.calls).toContain(`mail ${mailId}`), { timeout: 10_000 })
    await nudger.close()
  }

  const connections = async () => {
    const { rows } = await admin.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    return rows[0]?.count
  }

  test('processes that start at once on a new database all work', async () => {
    const started = await Promise.all([
      ...Array.from({ length: 5 }, () => work(database.connectionString)),
      migrateJobsSchema(database.connectionString),
      mails(database.connectionString),
    ])
    const { rows } = await admin.query('SELECT version FROM jobs.migration')
    expect(rows.length).toBe(new Set(rows.map(({ version }) => version)).size)
    for (const workers of started) await workers?.close()
  })

  test('a process with all kinds of jobs holds few connections, and none after its stop', async () => {
    const workers = await work(database.connectionString)
    await mails(database.connectionString)
    // Those of the test before may still be closing.
    await expect.poll(connections, { timeout: 10_000 }).toBeLessThanOrEqual(6)
    await workers.close()
    await expect.poll(connections, { timeout: 10_000 }).toBe(0)
  })

  test('a copy of a database with queues has queues of its own', async () => {
    await migrateJobsSchema(database.connectionString)
    await admin.end()
    const { adminConnectionString } = inject('postgres')
    const url = new URL(database.connectionString)
    const copy = `copy_${randomUUID().replaceAll('-', '')}`
    admin = new pg.Client({ connectionString: adminConnectionString })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${copy} TEMPLATE ${url.pathname.slice(1)}`)
    url.pathname = `/${copy}`
    const copied = recordJobs()
    const both = [await work(database.connectionString), await work(url.href, copied)]
    await mails(url.href, copied)
    await mails(database.connectionString)
    expect([jobs.calls.length, copied.calls.length]).toEqual([1, 1])
    await Promise.all(both.map((workers) => workers.close()))
    await admin.query(`DROP DATABASE ${copy}`)
  })

  describe('for a role that may create nothing', () => {
    const role = `jobs_role_${randomUUID().replaceAll('-', '')}`
    const password = randomUUID()
    let connectionString: string

    beforeEach(async () => {
      await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`)
      const url = new URL(database.connectionString)
      url.username = role
      url.password = password
      connectionString = url.href
    })
    afterEach(async () => {
      await admin.query(`DROP OWNED BY ${role}`)
      await admin.query(`DROP ROLE ${role}`)
    })

    test('they work once somebody else has created the tables', async () => {
      await migrateJobsSchema(database.connectionString)
      await admin.query(`GRANT USAGE ON SCHEMA jobs TO ${role}`)
      await admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO ${role}`)
      await admin.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO ${role}`)
      const workers = await work(connectionString)
      await mails(connectionString)
      await workers.close()
    })

    test('a start without the tables is refused with the reason, and leaves nothing open', async () => {
      await expect(work(connectionString)).rejects.toThrow(/permission denied/)
      await expect.poll(connections, { timeout: 10_000 }).toBe(0)
    })
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type JobsWorld, openJobsWorld } from '../jobs/real-jobs-world.ts'
import { queueBackends } from '../support/queue-backends.ts'
import { DAY_MS, download, reached, writeUsage } from './export-calls.ts'

describe.each(queueBackends)('with the queue on $name', (backendUnderTest) => {
  let world: JobsWorld

  beforeAll(async () => {
    world = await openJobsWorld(backendUnderTest)
  })
  afterAll(() => world.close())

  test('the sweep makes exports that no nudge told of, takes over those of dead workers, and removes files in time', async () => {
    const { farebox } = world
    const customer = await farebox.customer()
    await writeUsage(farebox, customer, 50)
    const now = farebox.clock.now()
    const left = async (state: 'PENDING' | 'RUNNING', heartbeatAt: number | null) => {
      const id = uuidV7(farebox.clock)
      await farebox.rows(
        `INSERT INTO export_request (id, account_id, kind, format, range_from, range_to, state, attempts, heartbeat_at, requested_by, created_at)
         VALUES ($1, $2, 'USAGE', 'jsonl', $3, $4, $5, 1, $6, $7, $4)`,
        ...[id, customer.accountId, new Date(now - DAY_MS), new Date(now), state],
        ...[heartbeatAt === null ? null : new Date(heartbeatAt), customer.keyId],
      )
      return id
    }
    const ids = [await left('PENDING', null), await left('RUNNING', now - 3_600_000)]
    const alive = await left('RUNNING', now + 3_600_000)
    await world.sweep('export')
    for (const id of ids) {
      const { body } = await reached(farebox, customer, id, 'DONE')
      expect(body).toMatchObject({ rowsDone: 50, rowsTotal: 50 })
      expect((await download(farebox, customer, `/v1/exports/${id}/file`)).status).toBe(200)
    }
    await reached(farebox, customer, alive, 'RUNNING')
    farebox.clock.advance(7 * DAY_MS + 1_000)
    await world.sweep('export')
    await world.settled()
    const rows = await farebox.rows('SELECT state FROM export_request WHERE id = ANY($1) AND storage_key IS NULL', ids)
    expect(rows).toEqual([{ state: 'EXPIRED' }, { state: 'EXPIRED' }])
  })
})

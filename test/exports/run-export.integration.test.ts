import { hash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dueExports, runExport } from '../../src/exports/run-export.ts'
import type { DocumentStorage } from '../../src/invoicing/document-storage.ts'
import { callApi } from '../orders/money-in-calls.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { askForExport, DAY_MS, download, lastDays, writeUsage } from './export-calls.ts'

const ROWS = 12_000

let farebox: Farebox
let customer: Customer

beforeAll(async () => {
  // Without workers: each run is the test's own.
  farebox = await startFarebox()
  customer = await farebox.customer()
  await writeUsage(farebox, customer, ROWS)
})
afterAll(() => farebox.close())

const desk = () => farebox.running.desk
const usage = (more: object = {}) => ({ kind: 'USAGE', format: 'csv', ...lastDays(farebox, 2), ...more })
const fileOf = (id: string, of = customer) => download(farebox, of, `/v1/exports/${id}/file`)
const row = async (id: string) => (await farebox.rows('SELECT * FROM export_request WHERE id = $1', id))[0]
const filesOf = async ({ accountId }: Customer) => {
  const directory = join(farebox.outbox, '..', 'documents', 'exports', accountId)
  return (await readdir(directory).catch(() => [])).sort()
}

async function asked(of: Customer, body: object = usage()): Promise<string> {
  return (await askForExport(farebox, of, body)).body.id as string
}

async function made(of: Customer, body?: object): Promise<string> {
  const id = await asked(of, body)
  await runExport(desk(), id)
  return id
}

/** As a worker leaves it that dies in the middle: the row says RUNNING, and the storage has a part of the file. */
async function diedInTheMiddle(of: Customer, body?: object): Promise<string> {
  const id = await asked(of, body)
  const storage: DocumentStorage = {
    ...desk().storage,
    async writeStream(key, content, contentType) {
      for await (const chunk of content) await desk().storage.write(key, Buffer.from(chunk), contentType)
      await farebox.rows(`UPDATE export_request SET heartbeat_at = $2, attempts = 2 WHERE id = $1`, id, now())
      throw new Error('the process is gone')
    },
  }
  await runExport({ ...desk(), storage }, id)
  await farebox.rows(`UPDATE export_request SET attempts = 1 WHERE id = $1`, id)
  return id
}
const now = () => new Date(farebox.clock.now())

describe('a run', () => {
  test('tells how far it has come while the file is made', async () => {
    const id = await asked(customer)
    const seen: unknown[] = []
    const storage: DocumentStorage = {
      ...desk().storage,
      async writeStream(_key, content) {
        for await (const _ of content) seen.push((await row(id))?.rows_done)
      },
    }
    await runExport({ ...desk(), storage }, id)
    const counts = seen.map(Number)
    expect(counts).toEqual(counts.toSorted((left, right) => left - right))
    expect(counts.some((count) => count >= 5_000 && count < ROWS)).toBe(true)
  })

  test('of an export that is done, alone or two at once, changes nothing and tells nobody again', async () => {
    const id = await made(customer)
    const state = async () => [await row(id), await filesOf(customer), await farebox.rows('SELECT id FROM mail')]
    const before = await state()
    await Promise.all([runExport(desk(), id), runExport(desk(), id)])
    expect(await state()).toEqual(before)
  })

  test('is one of two that begin at once', async () => {
    const id = await asked(customer)
    await Promise.all([runExport(desk(), id), runExport(desk(), id)])
    expect(await row(id)).toMatchObject({ state: 'DONE', attempts: 1, rows_done: String(ROWS) })
  })

  test('whose worker died in the middle is found by its silence and starts anew, to the same file', async () => {
    const buyer = await farebox.customer()
    await writeUsage(farebox, buyer, 6_000)
    const body = usage()
    const id = await diedInTheMiddle(buyer, body)
    expect(await filesOf(buyer)).toEqual([`${id}.1.csv`])
    expect(await dueExports(desk(), 100)).not.toContain(id)
    await runExport(desk(), id)
    expect(await row(id)).toMatchObject({ state: 'RUNNING', attempts: 1 })
    farebox.clock.advance(120_000)
    expect(await dueExports(desk(), 100)).toContain(id)
    await Promise.all([runExport(desk(), id), runExport(desk(), id)])
    expect(await row(id)).toMatchObject({ state: 'DONE', attempts: 2, rows_done: '6000' })
    const whole = await (await fileOf(id, buyer)).text()
    expect(whole).toBe(await (await fileOf(await made(buyer, body), buyer)).text())
    // What the dead run had written is gone.
    expect((await filesOf(buyer)).filter((name) => name.startsWith(id))).toEqual([`${id}.2.csv`])
  })

  test('that was given up for dead and still lives changes nothing', async () => {
    const id = await asked(customer)
    const storage: DocumentStorage = {
      ...desk().storage,
      async writeStream(key, content, contentType) {
        await farebox.rows(`UPDATE export_request SET heartbeat_at = to_timestamp(0) WHERE id = $1`, id)
        await runExport(desk(), id)
        await desk().storage.writeStream(key, content, contentType)
      },
    }
    await runExport({ ...desk(), storage }, id)
    const after = await row(id)
    expect(after).toMatchObject({ state: 'DONE', attempts: 2, rows_done: String(ROWS) })
    const content = Buffer.from(await (await fileOf(id)).arrayBuffer())
    expect(hash('sha256', content, 'buffer')).toEqual(after?.sha256)
  })

  test('that fails gives the export back, holds no connection, and after ten runs the export has failed', async () => {
    const id = await asked(customer)
    const storage: DocumentStorage = {
      ...desk().storage,
      writeStream: () => Promise.reject(new Error('the disk is full')),
    }
    const busy = () =>
      farebox.rows(`SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()`)
    for (let run = 1; run <= 10; run += 1) {
      await expect(runExport({ ...desk(), storage }, id)).rejects.toThrow('the disk is full')
      expect(await row(id)).toMatchObject({ state: 'PENDING', attempts: run })
    }
    await expect.poll(busy, PATIENCE).toEqual([])
    await runExport({ ...desk(), storage }, id)
    expect(await callApi(farebox, customer, 'GET', `/v1/exports/${id}/file`)).toMatchObject({
      status: 409,
      body: { errorCode: 'export_failed' },
    })
    expect(await dueExports(desk(), 100)).not.toContain(id)
  })

  test('that has not ended yet has no file to download', async () => {
    const id = await diedInTheMiddle(customer)
    expect(await callApi(farebox, customer, 'GET', `/v1/exports/${id}/file`)).toMatchObject({
      status: 409,
      body: { errorCode: 'export_not_ready' },
    })
    expect((await callApi(farebox, customer, 'GET', `/v1/exports/${id}`)).body).toMatchObject({
      ...{ state: 'RUNNING', rowsDone: expect.toSatisfy((rows) => rows >= 5_000 && rows <= ROWS), rowsTotal: ROWS },
    })
  })
})

describe('seven days later', () => {
  test('the file may not be downloaded any more, and the sweep removes it', async () => {
    const buyer = await farebox.customer()
    const id = await made(buyer, usage())
    farebox.clock.advance(7 * DAY_MS - 60_000)
    expect((await fileOf(id, buyer)).status).toBe(200)
    expect(await dueExports(desk(), 100)).not.toContain(id)
    farebox.clock.advance(60_000)
    expect((await callApi(farebox, buyer, 'GET', `/v1/exports/${id}`)).body.state).toBe('EXPIRED')
    expect(await callApi(farebox, buyer, 'GET', `/v1/exports/${id}/file`)).toMatchObject({
      status: 410,
      body: { errorCode: 'export_expired' },
    })
    expect(await dueExports(desk(), 100)).toContain(id)
    await runExport(desk(), id)
    expect(await row(id)).toMatchObject({ state: 'EXPIRED', storage_key: null })
    expect(await filesOf(buyer)).toEqual([])
    expect(await farebox.verify()).toBe(CLEAN)
  })
})

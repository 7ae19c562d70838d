import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { EVENTS_AT_ONCE_MAX } from '../../src/api/usage-file.ts'
import { writeUsage } from '../exports/export-calls.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type ApiCustomer, apiCustomer, call, type Sent } from './api-world.ts'

let farebox: Farebox
let few: ApiCustomer
let many: ApiCustomer
beforeAll(async () => {
  farebox = await startFarebox({ workers: true })
  few = await apiCustomer(farebox)
  many = await apiCustomer(farebox)
  await writeUsage(farebox, few, 25)
  await writeUsage(farebox, many, EVENTS_AT_ONCE_MAX + 1)
})
afterAll(() => farebox.close())

const get = (of: ApiCustomer, path: string, sent: Sent = {}) => call(farebox, of.apiKey, 'GET', path, sent)

describe('requests, one by one', () => {
  test('come in pages, each once, the latest first, with nothing of what they cost us', async () => {
    const seen: { id: string; at: string }[] = []
    let cursor: string | null = null
    do {
      const { body, text } = await get(few, `/v1/usage/events?limit=10${cursor === null ? '' : `&cursor=${cursor}`}`)
      expect(text).not.toMatch(/wholesale|margin|costNano|provider_cost/i)
      seen.push(...body.data)
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(seen).toHaveLength(25)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(25)
    expect(seen.map(({ at }) => at)).toEqual(
      seen
        .map(({ at }) => at)
        .sort()
        .reverse(),
    )
  })

  test.each([
    ['?format=csv', {}, 'text/csv; charset=utf-8'],
    ['', { accept: 'text/csv' }, 'text/csv; charset=utf-8'],
    ['?format=jsonl', {}, 'application/jsonl'],
    ['?format=json', {}, 'application/json; charset=utf-8'],
  ])('a small range is a file at once: %s %j', async (query, headers, type) => {
    const reply = await get(few, `/v1/usage/events${query}`, { headers })
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, type])
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment; filename="usage-[\d-]+\.(csv|jsonl?)"$/)
    const rows = reply.body ?? reply.text.trim().split('\n')
    expect(rows).toHaveLength(type.startsWith('text/csv') ? 26 : 25)
  })

  test('a large range becomes an export, once, however often it is asked for', async () => {
    const to = new Date(farebox.clock.now() + 1_000).toISOString()
    const path = `/v1/usage/events?format=csv&to=${to}`
    const replies = await Promise.all([get(many, path), get(many, path), get(many, path)])
    expect(replies.map(({ status }) => status)).toEqual([202, 202, 202])
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1)
    const location = replies[0]?.headers.get('location') as string
    await vi.waitFor(async () => expect((await get(many, location)).body.state).toBe('DONE'), PATIENCE)
    const file = await get(many, `${location}/file`)
    expect(file.text.trim().split('\n')).toHaveLength(EVENTS_AT_ONCE_MAX + 2)
    expect((await get(few, location)).status).toBe(404)
  })

  test('who reads usage alone is shown no statement', async () => {
    const made = await call(farebox, many.secret, 'POST', '/v1/exports', {
      body: { kind: 'STATEMENT', format: 'csv', from: '2026-11-01', to: '2026-11-02' },
    })
    const { body } = await call(farebox, many.apiKey, 'POST', '/v1/api-keys', {
      body: { name: 'Usage', scopes: ['usage:read'] },
    })
    for (const path of [`/v1/exports/${made.body.id}`, `/v1/exports/${made.body.id}/file`]) {
      const reply = await call(farebox, body.secret, 'GET', path)
      expect([reply.status, reply.body.errorCode]).toEqual([403, 'scope_missing'])
    }
  })
})

test('the balance is never older than its question, also where many ask at once', async () => {
  const customer = await apiCustomer(farebox, { creditNano: 0n })
  const balance = async () => (await get(customer, '/credits/balance')).body.balanceCents
  for (let cents = 1; cents <= 5; cents += 1) {
    const meanwhile = Promise.all(Array.from({ length: 20 }, balance))
    await farebox.credit(customer.accountId, 10_000_000n)
    expect(await Promise.all(Array.from({ length: 20 }, balance))).toEqual(Array(20).fill(cents))
    for (const early of await meanwhile) expect([cents - 1, cents]).toContain(early)
  }
})

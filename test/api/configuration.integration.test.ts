import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ask, errorOf, onlyEventOf, post, walletOf } from '../gateway/gateway-reads.ts'
import { json, type OddProvider, startOddProvider, wholeReply } from '../gateway/odd-provider.ts'
import { CLEAN, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type ApiCustomer, apiCustomer, call, type Sent } from './api-world.ts'

let odd: OddProvider
let farebox: Farebox
let customer: ApiCustomer
const hanging: ServerResponse[] = []
beforeAll(async () => {
  odd = await startOddProvider()
  farebox = await startFarebox({ providerUrl: odd.url })
})
afterAll(async () => {
  for (const response of hanging) response.destroy()
  await odd.close()
  await farebox.close()
})
beforeEach(async () => {
  customer = await apiCustomer(farebox)
  odd.answer = (response) => json(response, 200, wholeReply('hello'))
})

const PATH = '/v1/configuration'
const set = (body: unknown, headers: Record<string, string> = {}, sent: Sent = {}) =>
  call(farebox, customer.apiKey, 'PUT', PATH, { body, headers, ...sent })
const read = () => call(farebox, customer.apiKey, 'GET', PATH)

describe('the configuration of an account', () => {
  test('is empty at first, is replaced as a whole, and counts its versions', async () => {
    const first = await read()
    expect(first.headers.get('etag')).toBe('"0"')
    expect(first.body).toMatchObject({ version: 0, requestTimeoutMs: null, maxOutputTokens: null, metadata: {} })
    const changed = await set({ maxOutputTokens: 100, metadata: { team: 'search' } })
    expect([changed.headers.get('etag'), changed.body.version]).toEqual(['"1"', 1])
    expect((await set({ maxOutputTokens: 100, metadata: { team: 'search' } })).body.version).toBe(1)
    const next = await set({ requestTimeoutMs: 5_000 })
    expect(next.body).toMatchObject({ version: 2, requestTimeoutMs: 5_000, maxOutputTokens: null, metadata: {} })
  })

  test('is not replaced by whoever has not seen the version in force: of two at once, one wins', async () => {
    await set({ metadata: { by: 'nobody' } })
    const replies = await Promise.all(
      ['one', 'two', 'three'].map((by) => set({ metadata: { by } }, { 'if-match': '"1"' })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    const late = replies.find(({ status }) => status === 412)
    expect(late?.body).toMatchObject({
      errorCode: 'configuration_changed_meanwhile',
      details: { field: 'If-Match' },
    })
    expect((await read()).body.version).toBe(2)
    expect((await set({}, { 'if-match': 'nonsense' })).body.details.field).toBe('If-Match')
    expect((await set({}, { 'if-match': '*' })).status).toBe(200)
  })

  test.each([
    ['requestTimeoutMs', { requestTimeoutMs: 10 }],
    ['requestTimeoutMs', { requestTimeoutMs: 86_400_000 }],
    ['maxOutputTokens', { maxOutputTokens: -1 }],
    ['metadata.team', { metadata: { team: 7 } }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key-${index}`, 'x'])) }],
    ['metadata.a b', { metadata: { 'a b': 'x' } }],
    ['timeout', { timeout: 1 }],
  ])('is refused with a wrong %s', async (field, body) => {
    const reply = await set(body)
    expect([reply.status, reply.body.details.field]).toEqual([400, field])
    expect((await read()).body.version).toBe(0)
  })
})

describe('in the gateway', () => {
  const sentCap = () => (JSON.parse(odd.received) as { max_completion_tokens?: number }).max_completion_tokens

  test('the output cap of the account holds for all of its keys; the lower of the two counts', async () => {
    await set({ maxOutputTokens: 50 })
    await vi.waitFor(async () => {
      expect((await post(farebox, customer.secret, ask('hi'))).status).toBe(200)
      expect(sentCap()).toBe(50)
    }, PATIENCE)
    await call(farebox, customer.apiKey, 'PATCH', `/v1/keys/${customer.keyId}`, { body: { maxOutputTokens: 20 } })
    await vi.waitFor(async () => {
      await post(farebox, customer.secret, ask('hi'))
      expect(sentCap()).toBe(20)
    }, PATIENCE)
    await call(farebox, customer.apiKey, 'PATCH', `/v1/keys/${customer.keyId}`, { body: { maxOutputTokens: 500 } })
    await vi.waitFor(async () => {
      await post(farebox, customer.secret, ask('hi'))
      expect(sentCap()).toBe(50)
    }, PATIENCE)
  })

  test('a provider that does not answer in time is left; nothing is charged, and what it may bill us is noted', async () => {
    odd.answer = (response) => {
      hanging.push(response)
    }
    await set({ requestTimeoutMs: 1_000 })
    const reply = await post(farebox, customer.secret, ask('hi'))
    expect([reply.status, (await errorOf(reply)).code]).toEqual([504, 'upstream_timeout'])
    const event = await onlyEventOf(farebox, customer)
    expect(event).toMatchObject({ status: 'CLIENT_ABORTED', httpStatus: 504, price: 0n })
    expect(event.exposure).toBeGreaterThan(0n)
    expect(await walletOf(farebox, customer.accountId)).toMatchObject({ held: 0n, balance: 1_000_000_000n })
    expect(await farebox.verify()).toBe(CLEAN)
  })
})

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { API_KEY_SCOPES, type ApiKeyScope } from '../../src/accounts/api-keys/api-key.ts'
import { revokeApiKey, setApiKeyDisabled } from '../../src/accounts/api-keys/revoke-api-key.ts'
import type { OpenApiDocument, OperationObject } from '../../src/api/openapi/document.ts'
import { RATE_LIMITS } from '../../src/api/rate-limits.ts'
import { errorOf, post } from '../gateway/gateway-reads.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type ApiCustomer, apiCustomer, apiKeyFor, call } from './api-world.ts'

let farebox: Farebox
let customer: ApiCustomer
let stranger: ApiCustomer
let operations: { path: string; method: string; operation: OperationObject }[]
beforeAll(async () => {
  farebox = await startFarebox()
  customer = await apiCustomer(farebox)
  stranger = await apiCustomer(farebox)
  const document = (await call(farebox, null, 'GET', '/openapi.json')).body as OpenApiDocument
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
})
afterAll(() => farebox.close())

const NOWHERE = '01a00000-0000-7000-8000-000000000000'
const place = (path: string) => path.replace('{month}', '2026-01').replace(/\{\w+\}/g, NOWHERE)
const scopesOf = ({ security }: OperationObject, scheme: string) => security.flatMap((way) => way[scheme] ?? [])
const closed = () => operations.filter(({ operation }) => operation.security.length > 0)

describe('who may call', () => {
  test('nobody without a key, with a wrong one, or with one of absurd length', async () => {
    for (const { path, method } of closed()) {
      for (const [secret, code] of [
        [null, 'missing_api_key'],
        ['fbm-wrong', 'invalid_api_key'],
        ['sk-farebox-wrong', 'invalid_api_key'],
        [`fbm-${'x'.repeat(5_000)}`, 'invalid_api_key'],
      ] as const) {
        const reply = await call(farebox, secret, method.toUpperCase(), place(path))
        expect([path, reply.status, reply.body.errorCode]).toEqual([path, 401, code])
      }
    }
  })

  test.each(API_KEY_SCOPES)(
    'an API key with %s alone is let in where the document says so, and nowhere else',
    async (scope) => {
      const { secret } = await apiKeyFor(farebox, customer.accountId, [scope])
      for (const { path, method, operation } of closed()) {
        const isNamed = scopesOf(operation, 'apiKey').includes(scope)
        const reply = await call(farebox, secret, method.toUpperCase(), place(path), {
          ...(operation.requestBody && { body: '{"nonsense":' }),
        })
        const isRefused = reply.status === 403 && reply.body.errorCode === 'scope_missing'
        expect([method, path, isRefused]).toEqual([method, path, !isNamed])
        if (isRefused) expect(reply.body.msg).toContain(scopesOf(operation, 'apiKey')[0])
      }
    },
  )

  test('an access key is let in where the document names one of its scopes, and is told what to use elsewhere', async () => {
    for (const { path, method, operation } of closed()) {
      const reply = await call(farebox, customer.secret, method.toUpperCase(), place(path), {
        ...(operation.requestBody && { body: '{"nonsense":' }),
      })
      const isRefused = reply.status === 403 && reply.body.errorCode === 'scope_missing'
      expect([method, path, isRefused]).toEqual([method, path, scopesOf(operation, 'accessKey').length === 0])
      if (isRefused) expect(reply.body.msg).toContain('use an API key with the scope')
    }
  })

  test('an API key calls no model, and is told so', async () => {
    const reply = await post(farebox, customer.apiKey, { model: 'priced', messages: [{ role: 'user', content: 'hi' }] })
    const error = await errorOf(reply)
    expect([reply.status, error.code]).toEqual([401, 'invalid_api_key'])
    expect(error.message).toContain('access key')
  })

  test('an API key ends with its expiry, its account, and at once in every process when it is disabled or revoked', async () => {
    const more = await farebox.another()
    const urls = [farebox.url, `http://127.0.0.1:${more.port}`]
    const made = await apiKeyFor(farebox, customer.accountId)
    const codes = (secret = made.secret) =>
      Promise.all(
        urls.map(async (url) => {
          const { status, body } = await call(farebox, secret, 'GET', '/credits/balance', { url })
          return status === 200 ? 200 : body.errorCode
        }),
      )
    expect(await codes()).toEqual([200, 200])
    const named = { accountId: customer.accountId, apiKeyId: made.id }
    await setApiKeyDisabled(farebox, { ...named, disabled: true }, { actor: null })
    await vi.waitFor(async () => expect(await codes()).toEqual(['api_key_disabled', 'api_key_disabled']), PATIENCE)
    await setApiKeyDisabled(farebox, { ...named, disabled: false }, { actor: null })
    await vi.waitFor(async () => expect(await codes()).toEqual([200, 200]), PATIENCE)
    await revokeApiKey(farebox, named, { actor: null })
    await vi.waitFor(async () => expect(await codes()).toEqual(['api_key_disabled', 'api_key_disabled']), PATIENCE)
    await setApiKeyDisabled(farebox, { ...named, disabled: false }, { actor: null })
    await vi.waitFor(async () => expect(await codes()).toEqual(['api_key_disabled', 'api_key_disabled']), PATIENCE)
    const ending = await apiKeyFor(farebox, customer.accountId, ['credits:read'], farebox.clock.now() + 60_000)
    expect(await codes(ending.secret)).toEqual([200, 200])
    farebox.clock.advance(60_000)
    expect(await codes(ending.secret)).toEqual(['api_key_expired', 'api_key_expired'])
    await more.stop()
  })
})

describe('what belongs to another account', () => {
  test('is answered like what does not exist, to the letter, and stays as it is', async () => {
    const paths: [method: string, path: string, body?: unknown][] = [
      ['GET', `/v1/keys/${customer.keyId}`],
      ['PATCH', `/v1/keys/${customer.keyId}`, { name: 'Stolen' }],
      ['DELETE', `/v1/keys/${customer.keyId}`],
      ['GET', `/v1/keys/${customer.keyId}/usage`],
      ['DELETE', `/v1/api-keys/${customer.apiKeyId}`],
    ]
    const [project] = (await call(farebox, customer.apiKey, 'GET', '/v1/projects')).body.data
    paths.push(['GET', `/v1/projects/${project.id}`], ['PATCH', `/v1/projects/${project.id}`, { name: 'Stolen' }])
    const rows = () =>
      farebox.rows(
        `SELECT key.xmin::text AS key, api_key.revoked_at, project.xmin::text AS project FROM access_key key
         JOIN project ON project.id = key.project_id JOIN api_key ON api_key.account_id = key.account_id
         WHERE key.id = $1`,
        customer.keyId,
      )
    const before = await rows()
    for (const [method, path, body] of paths) {
      const sent = body === undefined ? {} : { body }
      const theirs = await call(farebox, stranger.apiKey, method, path, sent)
      const nobodys = await call(farebox, stranger.apiKey, method, path.replace(/[\da-f-]{36}/, NOWHERE), sent)
      const noId = await call(farebox, stranger.apiKey, method, path.replace(/[\da-f-]{36}/, 'nonsense'), sent)
      expect([theirs.status, theirs.text]).toEqual([404, nobodys.text])
      expect(noId.text).toBe(nobodys.text)
    }
    expect(await rows()).toEqual(before)
  })

  test('is found by no list, no filter, no project of a new key', async () => {
    const [project] = (await call(farebox, customer.apiKey, 'GET', '/v1/projects')).body.data
    const listed = await call(farebox, stranger.apiKey, 'GET', `/v1/keys?projectId=${project.id}`)
    expect(listed.body.data).toEqual([])
    const usage = await call(farebox, stranger.apiKey, 'GET', `/v1/usage?groupBy=key&keyId=${customer.keyId}`)
    expect(usage.body.groups).toEqual([])
    const made = await call(farebox, stranger.apiKey, 'POST', '/v1/keys', {
      body: { name: 'Inside', projectId: project.id },
    })
    expect([made.status, made.body.errorCode]).toEqual([404, 'project_not_found'])
  })

  test('a request is shown to its account, and to the access key that made it, but not to another key', async () => {
    await customer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'hi' }] })
    const [event] = (await call(farebox, customer.apiKey, 'GET', '/v1/usage/events')).body.data
    const { secret } = (await call(farebox, customer.apiKey, 'POST', '/v1/keys', { body: { name: 'Other' } })).body
    const status = async (key: string) => (await call(farebox, key, 'GET', `/v1/generations/${event.id}`)).status
    expect(await Promise.all([customer.apiKey, customer.secret, secret, stranger.apiKey].map(status))).toEqual([
      ...[200, 200, 404, 404],
    ])
  })
})

describe('keys give no more than they have', () => {
  const refused = async (secret: string, path: string, body: unknown, method = 'POST') => {
    const reply = await call(farebox, secret, method, path, { body })
    return [reply.status, reply.body.errorCode, reply.body.details?.field]
  }

  test('an API key makes no API key with more scopes, nor one that outlives it', async () => {
    const end = farebox.clock.now() + 3_600_000
    const own: ApiKeyScope[] = ['settings:write', 'usage:read']
    const { secret } = await apiKeyFor(farebox, customer.accountId, own, end)
    const path = '/v1/api-keys'
    const at = (time: number) => new Date(time).toISOString()
    const body = { name: 'Child', scopes: ['usage:read'], expiresAt: at(end) }
    expect(await refused(secret, path, { ...body, scopes: ['keys:write'] })).toEqual([403, 'scope_not_yours', 'scopes'])
    expect(await refused(secret, path, { ...body, expiresAt: null })).toEqual([403, 'scope_not_yours', 'expiresAt'])
    expect(await refused(secret, path, { ...body, expiresAt: at(end + 1) })).toEqual([
      ...[403, 'scope_not_yours', 'expiresAt'],
    ])
    expect((await call(farebox, secret, 'POST', path, { body })).status).toBe(201)
  })

  test('nor an access key that may do more with money', async () => {
    const { secret } = await apiKeyFor(farebox, customer.accountId, ['keys:write'])
    for (const scope of ['balance', 'purchase', 'billing']) {
      const answered = await refused(secret, '/v1/keys', { name: 'x', scopes: ['inference', scope] })
      expect(answered).toEqual([403, 'scope_not_yours', 'scopes'])
      const changed = await refused(secret, `/v1/keys/${customer.keyId}`, { scopes: [scope] }, 'PATCH')
      expect(changed).toEqual([403, 'scope_not_yours', 'scopes'])
    }
    expect((await call(farebox, secret, 'POST', '/v1/keys', { body: { name: 'x' } })).status).toBe(201)
  })
})

describe('rate limits', () => {
  test('every reply tells what is left; beyond the burst the answer is 429 until time has passed, for this key alone', async () => {
    const { secret } = await apiKeyFor(farebox, customer.accountId)
    const path = `/v1/api-keys/${NOWHERE}`
    const { burst } = RATE_LIMITS.write
    const first = await call(farebox, secret, 'DELETE', path)
    expect(first.headers.get('ratelimit-limit')).toBe(String(burst))
    expect(first.headers.get('x-ratelimit-remaining')).toBe(String(burst - 1))
    let last = first
    for (let sent = 0; sent < burst * 2 && last.status !== 429; sent += 25) {
      const replies = await Promise.all(Array.from({ length: 25 }, () => call(farebox, secret, 'DELETE', path)))
      last = replies.find(({ status }) => status === 429) ?? first
    }
    expect([last.status, last.body.errorCode]).toEqual([429, 'rate_limited'])
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(last.headers.get('ratelimit-remaining')).toBe('0')
    expect((await call(farebox, customer.apiKey, 'DELETE', path)).status).toBe(404)
    farebox.clock.advance(60_000)
    expect((await call(farebox, secret, 'DELETE', path)).status).toBe(404)
  })
})

describe('what cannot be meant', () => {
  test.each([
    ['/v1/usage?from=2026-11-02&to=2026-11-01', 'to'],
    ['/v1/usage?from=2016-01-01&to=2026-01-01', 'to'],
    ['/v1/usage?groupBy=shoe-size', 'groupBy'],
    ['/v1/usage?metric=joy', 'metric'],
    ['/v1/usage?from=yesterday', 'from'],
    ['/v1/usage?from=2026-02-30', 'from'],
    ['/v1/usage?groupBy=model&groupBy=key', 'groupBy'],
    ['/v1/usage/events?limit=1000000000', 'limit'],
    ['/v1/usage/events?limit=-1', 'limit'],
    ['/v1/usage/events?cursor=1', 'cursor'],
    ['/v1/usage/events?format=csv&model=priced', 'model'],
    ['/v1/usage/events?format=csv&from=2016-01-01&to=2026-01-01', 'to'],
    ['/v1/transactions?limit=1e9', 'limit'],
    ['/v1/transactions?cursor=-5', 'cursor'],
    ['/v1/transactions?kind=PURCHASE,THEFT', 'kind.1'],
    ['/v1/keys?state=LOST', 'state'],
    ['/v1/keys?projectId=mine', 'projectId'],
    ['/v1/keys?constructor=1', 'constructor'],
    ['/v1/projects?limit=1.5', 'limit'],
    ['/credits/balance?currency=EUR', 'currency'],
  ])('%s is refused, naming %s', async (path, field) => {
    const reply = await call(farebox, customer.apiKey, 'GET', path)
    expect([reply.status, reply.body.errorCode, reply.body.details.field]).toEqual([400, 'invalid_request', field])
  })
})

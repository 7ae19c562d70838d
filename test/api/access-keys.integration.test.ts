import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { ask, errorOf, post } from '../gateway/gateway-reads.ts'
import { CLEAN, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type ApiCustomer, apiCustomer, call, type Sent } from './api-world.ts'

let farebox: Farebox
let customer: ApiCustomer
beforeAll(async () => {
  farebox = await startFarebox()
  customer = await apiCustomer(farebox, { creditNano: 10_000_000_000n })
})
afterAll(() => farebox.close())

const send = (method: string, path: string, sent: Sent = {}) => call(farebox, customer.apiKey, method, path, sent)
const make = async (body: object = {}) => {
  const reply = await send('POST', '/v1/keys', { body: { name: 'Made for a test', ...body } })
  if (reply.status !== 201) throw new Error(reply.text)
  return reply.body as { key: { id: string; prefix: string; budgets: unknown[] }; secret: string }
}
const chat = (secret: string, more: object = {}, url?: string) =>
  post(farebox, secret, ask('hi', more), { ...(url !== undefined && { url }) })
const keysNamed = (name: string) =>
  farebox.rows('SELECT id FROM access_key WHERE account_id = $1 AND name = $2', customer.accountId, name)

describe('an access key that was made', () => {
  test('calls models at once, and does nothing else', async () => {
    const { secret } = await make()
    expect((await chat(secret)).status).toBe(200)
    const balance = await call(farebox, secret, 'GET', '/credits/balance')
    expect([balance.status, balance.body.errorCode]).toEqual([403, 'scope_missing'])
  })

  test('is made once, however many ask at once with one Idempotency-Key, and its secret is shown once', async () => {
    const asked = { body: { name: 'Once' }, headers: { 'idempotency-key': uuidV7(farebox.clock) } }
    const replies = await Promise.all(Array.from({ length: 8 }, () => send('POST', '/v1/keys', asked)))
    expect(replies.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201])
    expect(new Set(replies.map(({ body }) => body.key.id)).size).toBe(1)
    expect(replies.filter(({ body }) => body.secret !== null)).toHaveLength(1)
    expect(await keysNamed('Once')).toHaveLength(1)
    const other = await send('POST', '/v1/keys', { ...asked, body: { name: 'Twice' } })
    expect([other.status, other.body.errorCode]).toEqual([409, 'idempotency_conflict'])
    expect(await keysNamed('Twice')).toEqual([])
  })

  test('is stored as a hash: neither lists nor the database nor the log know its secret', async () => {
    const { key, secret } = await make({ name: 'Hidden' })
    const shown = [
      ...[await send('GET', '/v1/keys?limit=100'), await send('GET', `/v1/keys/${key.id}`)],
      ...[await send('PATCH', `/v1/keys/${key.id}`, { body: { name: 'Still hidden' } })],
      ...[await send('DELETE', `/v1/keys/${key.id}`), await chat(secret).then(async (r) => ({ text: await r.text() }))],
    ]
    const tail = secret.slice(key.prefix.length)
    for (const { text } of shown) expect(text).not.toContain(tail)
    const rows = await farebox.rows('SELECT access_key::text AS row FROM access_key')
    expect(JSON.stringify(rows)).not.toContain(tail)
    expect(farebox.log.join('\n')).not.toContain(tail)
  })

  test('goes by its limits: models, also by alias, addresses, output, expiry', async () => {
    const { key, secret } = await make({
      ...{ allowedModels: ['nickname'], allowedIps: ['127.0.0.1'], maxOutputTokens: 7 },
      expiresAt: new Date(farebox.clock.now() + 3_600_000).toISOString(),
    })
    expect((await send('GET', `/v1/keys/${key.id}`)).body.allowedModels).toEqual(['priced'])
    const { usage } = (await (await chat(secret)).json()) as { usage: { completion_tokens: number } }
    expect(usage.completion_tokens).toBeLessThanOrEqual(7)
    const refused = await chat(secret, { model: 'doubled' })
    expect((await errorOf(refused)).code).toBe('model_not_allowed')
  })

  test.each([
    ['name', { name: '' }],
    ['name', { name: 'two\nlines' }],
    ['scopes', { name: 'x', scopes: [] }],
    ['scopes.0', { name: 'x', scopes: ['root'] }],
    ['allowedModels.0', { name: 'x', allowedModels: ['no-such-model'] }],
    ['allowedIps.1', { name: 'x', allowedIps: ['192.0.2.1', '192.0.2.0/40'] }],
    ['maxOutputTokens', { name: 'x', maxOutputTokens: 0 }],
    ['expiresAt', { name: 'x', expiresAt: '2001-01-01' }],
    ['expiresAt', { name: 'x', expiresAt: '2199-01-01' }],
    ['expiresAt', { name: 'x', expiresAt: 'tomorrow' }],
    ['budgets.0.limitCents', { name: 'x', budgets: [{ period: 'DAY', limitCents: 1.5 }] }],
    ['budgets', { name: 'x', budgets: [...Array(2)].map(() => ({ period: 'DAY', limitCents: 1 })) }],
    ['secret', { name: 'x', secret: 'mine' }],
    ['projectId', { name: 'x', projectId: 'mine' }],
  ])('is refused with a wrong %s, which is named', async (field, body) => {
    const before = await keysNamed('x')
    const reply = await send('POST', '/v1/keys', { body })
    expect([reply.status, reply.body.errorCode, reply.body.details.field]).toEqual([400, 'invalid_request', field])
    expect(await keysNamed('x')).toEqual(before)
  })

  test('is listed page by page, each once, without what is revoked', async () => {
    const other = await apiCustomer(farebox)
    const ask = (path: string) => call(farebox, other.apiKey, 'GET', path)
    for (let made = 0; made < 4; made += 1) {
      await call(farebox, other.apiKey, 'POST', '/v1/keys', { body: { name: `Key ${made}` } })
    }
    const { body } = await ask('/v1/keys?limit=2')
    const rest = await ask(`/v1/keys?limit=3&cursor=${body.nextCursor}`)
    const names = [...body.data, ...rest.body.data].map(({ name }: { name: string }) => name)
    expect(names).toEqual(['Key 3', 'Key 2', 'Key 1', 'Key 0', 'Test'])
    expect(rest.body.nextCursor).toBeNull()
    await call(farebox, other.apiKey, 'DELETE', `/v1/keys/${body.data[0].id}`)
    expect((await ask('/v1/keys')).body.data).toHaveLength(4)
    expect((await ask('/v1/keys?state=REVOKED')).body.data).toHaveLength(1)
  })
})

describe('on two serving processes', () => {
  test('a key is refused everywhere at once when it is revoked, for ever, and its usage still names it', async () => {
    const more = await farebox.another()
    const otherUrl = `http://127.0.0.1:${more.port}`
    const { key, secret } = await make({ name: 'To be revoked' })
    const statuses = async () => [(await chat(secret)).status, (await chat(secret, {}, otherUrl)).status]
    expect(await statuses()).toEqual([200, 200])
    expect((await send('DELETE', `/v1/keys/${key.id}`)).body.state).toBe('REVOKED')
    await vi.waitFor(async () => expect(await statuses()).toEqual([401, 401]), PATIENCE)
    const again = await send('PATCH', `/v1/keys/${key.id}`, { body: { disabled: false } })
    expect([again.status, again.body.errorCode]).toEqual([409, 'key_revoked'])
    await expect(
      farebox.rows('UPDATE access_key SET disabled_at = NULL, revoked_at = NULL WHERE id = $1', key.id),
    ).rejects.toThrow('revoked for ever')
    const usage = await send('GET', `/v1/keys/${key.id}/usage`)
    expect(usage.body.totals.requests).toBe(2)
    await more.stop()
  })

  test('a key that is disabled is refused everywhere, and served again once it is enabled', async () => {
    const more = await farebox.another()
    const otherUrl = `http://127.0.0.1:${more.port}`
    const { key, secret } = await make()
    const statuses = async () => [(await chat(secret)).status, (await chat(secret, {}, otherUrl)).status]
    // Whichever process is told, all of them know.
    await send('PATCH', `/v1/keys/${key.id}`, { body: { disabled: true }, url: otherUrl })
    await vi.waitFor(async () => expect(await statuses()).toEqual([401, 401]), PATIENCE)
    await send('PATCH', `/v1/keys/${key.id}`, { body: { disabled: false } })
    await vi.waitFor(async () => expect(await statuses()).toEqual([200, 200]), PATIENCE)
    await more.stop()
  })
})

describe('a budget', () => {
  const BUDGET_TINY = { period: 'DAY', limitCents: 0 }
  const codeOf = async (secret: string) => {
    const reply = await chat(secret)
    return reply.status === 200 ? 200 : (await errorOf(reply)).code
  }

  test('of a key is enforced from the change on, keeps what was spent, and is gone when it is left out', async () => {
    const { key, secret } = await make()
    const set = async (budgets: object[]) => (await send('PATCH', `/v1/keys/${key.id}`, { body: { budgets } })).body
    await set([{ period: 'MONTH', limitCents: 100_000 }])
    await vi.waitFor(async () => {
      expect(await codeOf(secret)).toBe(200)
      const [budget] = (await send('GET', `/v1/keys/${key.id}`)).body.budgets
      expect(Number(budget.spent)).toBeGreaterThan(0)
    }, PATIENCE)
    const [before] = (await send('GET', `/v1/keys/${key.id}`)).body.budgets
    const [after] = (await set([{ period: 'MONTH', limitCents: 0 }])).budgets
    expect(after).toMatchObject({ id: before.id, limitCents: 0, spent: before.spent })
    // Limits are read with each decision: nobody has to be told.
    expect(await codeOf(secret)).toBe('budget_exceeded')
    expect((await set([])).budgets).toEqual([])
    expect(await codeOf(secret)).toBe(200)
  })

  test.each(['project', 'account'])('of the %s holds for all of its keys', async (subject) => {
    const other = await apiCustomer(farebox)
    const ask = (method: string, path: string, body?: unknown) =>
      call(farebox, other.apiKey, method, path, body === undefined ? {} : { body })
    const [project] = (await ask('GET', '/v1/projects')).body.data
    const set = (budgets: object[]) =>
      subject === 'project'
        ? ask('PATCH', `/v1/projects/${project.id}`, { budgets })
        : ask('PUT', '/v1/budgets', { budgets })
    const { secret } = (await ask('POST', '/v1/keys', { name: 'Second' })).body
    await set([BUDGET_TINY])
    await vi.waitFor(async () => {
      expect(await codeOf(secret)).toBe('budget_exceeded')
      expect(await codeOf(other.secret)).toBe('budget_exceeded')
    }, PATIENCE)
    await set([])
    await vi.waitFor(
      async () => expect([await codeOf(secret), await codeOf(other.secret)]).toEqual([200, 200]),
      PATIENCE,
    )
  })

  test('survives being changed while requests are charged: nothing that was spent is lost', async () => {
    const { key, secret } = await make({ budgets: [{ period: 'TOTAL', limitCents: 100_000 }] })
    const changes = Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        send('PATCH', `/v1/keys/${key.id}`, { body: { budgets: [{ period: 'TOTAL', limitCents: 90_000 + index }] } }),
      ),
    )
    const chats = await Promise.all(Array.from({ length: 20 }, () => chat(secret)))
    expect((await changes).every(({ status }) => status === 200)).toBe(true)
    expect(chats.every(({ status }) => status === 200)).toBe(true)
    await Promise.all(chats.map((reply) => reply.text()))
    const [sum] = await farebox.rows<{ nano: string }>(
      'SELECT sum(price_nano) AS nano FROM usage_event WHERE access_key_id = $1',
      key.id,
    )
    const [row] = await farebox.rows<{ nano: string }>(
      'SELECT spent_nano AS nano FROM budget WHERE access_key_id = $1',
      key.id,
    )
    expect(row?.nano).toBe(sum?.nano)
    expect(await farebox.verify()).toBe(CLEAN)
  })
})

describe('projects', () => {
  test('two makers of one name make one project', async () => {
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => send('POST', '/v1/projects', { body: { name: 'Contested' } })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
  })

  test('a key moves to another project, and what it uses from then on is counted there', async () => {
    const project = (await send('POST', '/v1/projects', { body: { name: 'Elsewhere' } })).body
    const { key, secret } = await make()
    await send('PATCH', `/v1/keys/${key.id}`, { body: { projectId: project.id } })
    await vi.waitFor(async () => {
      expect((await chat(secret)).status).toBe(200)
      const { groups } = (await send('GET', `/v1/usage?groupBy=project&projectId=${project.id}`)).body
      expect(groups.map(({ name }: { name: string }) => name)).toEqual(['Elsewhere'])
    }, PATIENCE)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, chargeOf, debitsOf, errorOf, eventsOf, onlyEventOf, post, priceOf, walletOf } from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())
afterEach(async () => {
  for (const one of [farebox.provider, farebox.second]) one.setBehaviour({ errorRate: 0, disconnectRate: 0 })
  expect(await farebox.verify()).toBe(CLEAN)
})

async function attemptsOf(customer: Customer) {
  return await farebox.rows(
    `SELECT attempt.ordinal, attempt.http_status AS status, attempt.error_code AS code, provider.slug AS provider
     FROM route_attempt attempt JOIN usage_event event ON event.id = attempt.request_id
     JOIN provider ON provider.id = attempt.provider_id
     WHERE event.account_id = $1 ORDER BY attempt.ordinal`,
    customer.accountId,
  )
}

async function chargedNothing(customer: Customer): Promise<void> {
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: 1_000_000_000n, held: 0n, debt: 0n })
  expect(await debitsOf(farebox, customer)).toEqual([])
}

const failing = (status: number) => ({ errorRate: 1, errorStatus: status })

describe('a provider’s refusal is passed on in OpenAI’s shape and charged nothing', () => {
  test.each([
    { status: 400, tries: 1, code: null, type: 'invalid_request_error' },
    { status: 404, tries: 1, code: null, type: 'invalid_request_error' },
    { status: 413, tries: 1, code: null, type: 'invalid_request_error' },
    { status: 429, tries: 2, code: 'rate_limit_exceeded', type: 'requests' },
    { status: 500, tries: 2, code: null, type: 'server_error' },
    { status: 503, tries: 2, code: null, type: 'server_error' },
  ])('$status after $tries tries', async ({ status, tries, code, type }) => {
    const customer = await farebox.customer()
    const { started } = farebox.provider.requests()
    const response = await post(farebox, customer.secret, ask(`[[sandbox:error=${status}]]`))
    expect(response.status).toBe(status)
    const error = await errorOf(response)
    expect(error.type).toBe(type)
    if (code !== null) expect(error.code).toBe(code)
    expect(farebox.provider.requests().started - started).toBe(tries)
    expect(response.headers.get('x-farebox-charge')).toBeNull()
    expect(response.headers.get('retry-after')).toBe(status === 429 || status === 503 ? '1' : null)
    expect(await onlyEventOf(farebox, customer)).toMatchObject({
      ...{ status: 'FAILED', httpStatus: status, errorCode: `http_${status}`, price: 0n, attempts: tries },
    })
    const failed = { ordinal: 0, status, code: `http_${status}`, provider: 'first' }
    expect(await attemptsOf(customer)).toEqual(tries === 2 ? [failed] : [])
    await chargedNothing(customer)
  })

  test('the same for a stream, as a plain reply', async () => {
    const customer = await farebox.customer()
    const response = await post(farebox, customer.secret, ask('[[sandbox:error=400]]', { stream: true }))
    expect(response.status).toBe(400)
    await errorOf(response)
    await chargedNothing(customer)
  })

  test.each([401, 403])('but %i is about our credential, and not the caller’s: 502', async (status) => {
    const customer = await farebox.customer()
    const response = await post(farebox, customer.secret, ask(`[[sandbox:error=${status}]]`))
    expect([response.status, (await errorOf(response)).code]).toEqual([502, 'upstream_error'])
    expect(await eventsOf(farebox, customer)).toMatchObject([{ status: 'FAILED', httpStatus: status, price: 0n }])
    await chargedNothing(customer)
  })
})

describe('another route answers where the first fails, and the failed attempts are remembered', () => {
  test.each([
    ['an error', failing(500), { status: 500, code: 'http_500' }],
    ['a rate limit', failing(429), { status: 429, code: 'http_429' }],
  ])('after %s', async (_what, behaviour, attempt) => {
    const customer = await farebox.customer()
    farebox.provider.setBehaviour(behaviour)
    const response = await post(farebox, customer.secret, ask('hi', { model: 'doubled' }))
    expect(response.status).toBe(200)
    const event = await onlyEventOf(farebox, customer)
    expect(event).toMatchObject({ status: 'COMPLETED', httpStatus: 200, attempts: 3 })
    expect(chargeOf(response)).toBe(priceOf({ input: event.input, output: event.output }))
    const [provider] = await farebox.rows(
      'SELECT slug FROM usage_event JOIN provider ON provider.id = provider_id WHERE usage_event.id = $1',
      event.id,
    )
    expect(provider).toEqual({ slug: 'second' })
    expect(await attemptsOf(customer)).toEqual([
      { ordinal: 0, provider: 'first', ...attempt },
      { ordinal: 1, provider: 'first', ...attempt },
    ])
  })

  test('after a connection that breaks before the first byte, also for a stream', async () => {
    const customer = await farebox.customer()
    const body = ask('[[sandbox:disconnect=0]]', { model: 'doubled', stream: true })
    const { started } = farebox.second.requests()
    const response = await post(farebox, customer.secret, body)
    expect([response.status, (await errorOf(response)).code]).toEqual([502, 'upstream_error'])
    expect(farebox.second.requests().started - started).toBe(2)
    expect((await attemptsOf(customer)).map((attempt) => attempt.provider)).toEqual([
      ...['first', 'first'],
      ...['second', 'second'],
    ])
    await chargedNothing(customer)
  })

  test('but a client’s own fault is not tried elsewhere', async () => {
    const customer = await farebox.customer()
    const { started } = farebox.second.requests()
    expect((await post(farebox, customer.secret, ask('[[sandbox:error=400]]', { model: 'doubled' }))).status).toBe(400)
    expect(farebox.second.requests().started).toBe(started)
  })

  test('and a reply that has begun is never asked for again', async () => {
    const customer = await farebox.customer()
    const { started } = farebox.second.requests()
    const body = ask('[[sandbox:disconnect=2]] [[sandbox:tokens=50]]', { model: 'doubled', stream: true })
    await (await post(farebox, customer.secret, body)).text()
    expect(farebox.second.requests().started).toBe(started)
    expect(await eventsOf(farebox, customer)).toMatchObject([{ status: 'PROVIDER_ABORTED', attempts: 1 }])
  })
})

test('a provider that cannot be reached is 502 with retry-after, charged nothing, each attempt recorded', async () => {
  await using away = await farebox502()
  const customer = await away.farebox.customer()
  const response = await post(away.farebox, customer.secret, ask('hi'))
  expect([response.status, response.headers.get('retry-after')]).toEqual([502, '5'])
  expect((await errorOf(response)).code).toBe('upstream_error')
  expect(await eventsOf(away.farebox, customer)).toMatchObject([{ status: 'FAILED', httpStatus: 502, price: 0n }])
  const attempts = await away.farebox.rows('SELECT error_code AS code, http_status AS status FROM route_attempt')
  expect(attempts).toEqual([
    { code: 'ECONNREFUSED', status: null },
    { code: 'ECONNREFUSED', status: null },
  ])
  expect(await walletOf(away.farebox, customer.accountId)).toMatchObject({ balance: 1_000_000_000n, held: 0n })
  expect(await away.farebox.verify()).toBe(CLEAN)
})

/** A Farebox whose first provider is at an address where nothing listens. */
async function farebox502() {
  const away = await startFarebox({ providerUrl: 'http://127.0.0.1:1/v1' })
  return { farebox: away, [Symbol.asyncDispose]: () => away.close() }
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { ask, errorOf, post } from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())

const DAY_MS = 24 * 3_600_000

/** Sends a request that is refused, and proves that nothing moved: no book, and nothing to the provider. */
async function refused(secret: string | null, body: unknown = ask('hi')) {
  const booksBefore = await farebox.books()
  const sentBefore = farebox.provider.requests().started
  const response = await post(farebox, secret, body)
  const error = await errorOf(response)
  expect(await farebox.books()).toEqual(booksBefore)
  expect(farebox.provider.requests().started).toBe(sentBefore)
  return { status: response.status, ...error }
}

const setKey = (customer: Customer, assignment: string) =>
  farebox.rows(`UPDATE access_key SET ${assignment} WHERE id = $1`, customer.keyId)

describe('401, with nothing booked and nothing sent', () => {
  test('without a key', async () => {
    expect(await refused(null)).toMatchObject({
      status: 401,
      type: 'authentication_error',
      code: 'missing_api_key',
      param: null,
    })
  })

  test.each([
    ['a wrong key', 'sk-farebox-wrong'],
    ['a key of absurd length', 'x'.repeat(10_000)],
  ])('with %s', async (_what, secret) => {
    expect(await refused(secret)).toMatchObject({ status: 401, code: 'invalid_api_key' })
    // The second time the answer comes from memory, and is the same.
    expect(await refused(secret)).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('with a disabled key, from the moment it is disabled, and no more once it is enabled again', async () => {
    const customer = await farebox.customer()
    expect((await post(farebox, customer.secret, ask('hi'))).status).toBe(200)
    const status = async () => (await post(farebox, customer.secret, ask('hi'))).status
    await setKey(customer, 'disabled_at = now()')
    await expect.poll(status, PATIENCE).toBe(401)
    expect(await refused(customer.secret)).toMatchObject({ status: 401, code: 'api_key_disabled' })
    await setKey(customer, 'disabled_at = NULL')
    await expect.poll(status, PATIENCE).toBe(200)
  })

  test('a key that was made after it had been tried in vain works at once', async () => {
    const customer = await farebox.customer()
    await setKey(customer, `secret_hash = decode(repeat('ab', 32), 'hex')`)
    await expect.poll(async () => (await refused(customer.secret)).code, PATIENCE).toBe('invalid_api_key')
    await farebox.rows(
      `UPDATE access_key SET secret_hash = sha256($2::bytea) WHERE id = $1`,
      customer.keyId,
      Buffer.from(customer.secret),
    )
    await expect.poll(async () => (await post(farebox, customer.secret, ask('hi'))).status, PATIENCE).toBe(200)
  })

  test('with an expired key, from the instant it expires', async () => {
    const customer = await farebox.customer()
    const expiresAt = new Date(farebox.clock.now() + 7 * DAY_MS)
    await farebox.rows('UPDATE access_key SET expires_at = $2 WHERE id = $1', customer.keyId, expiresAt)
    expect((await post(farebox, customer.secret, ask('hi'))).status).toBe(200)
    farebox.clock.advance(7 * DAY_MS)
    expect(await refused(customer.secret)).toMatchObject({ status: 401, code: 'api_key_expired' })
  })

  test('also for the list of models', async () => {
    const response = await fetch(`${farebox.url}/v1/models`)
    expect([response.status, (await errorOf(response)).code]).toEqual([401, 'missing_api_key'])
  })

  test('also for the balance, in the shape of the management API', async () => {
    const response = await fetch(`${farebox.url}/credits/balance`)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errorCode: 'missing_api_key', statusCode: 401, details: {} })
  })
})

describe('403, with nothing booked and nothing sent', () => {
  test('from an address that the key is not for; from one it is for, it works', async () => {
    const customer = await farebox.customer()
    await setKey(customer, `allowed_ips = '{10.0.0.0/8,2001:db8::/32}'`)
    expect(await refused(customer.secret)).toMatchObject({
      status: 403,
      type: 'permission_error',
      code: 'ip_not_allowed',
    })
    await setKey(customer, `allowed_ips = '{10.0.0.0/8,127.0.0.1}'`)
    await expect.poll(async () => (await post(farebox, customer.secret, ask('hi'))).status, PATIENCE).toBe(200)
  })

  test('a header that claims another address changes nothing', async () => {
    const customer = await farebox.customer()
    await setKey(customer, `allowed_ips = '{10.0.0.0/8}'`)
    const headers = { 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1', forwarded: 'for=10.0.0.1' }
    expect((await post(farebox, customer.secret, ask('hi'), { headers })).status).toBe(403)
  })

  test('for a model that the key may not use, also by its alias', async () => {
    const customer = await farebox.customer()
    await setKey(customer, `allowed_models = '{doubled}'`)
    const expected = { status: 403, code: 'model_not_allowed', param: 'model' }
    expect(await refused(customer.secret)).toMatchObject(expected)
    expect(await refused(customer.secret, ask('hi', { model: 'nickname' }))).toMatchObject(expected)
    expect((await post(farebox, customer.secret, ask('hi', { model: 'doubled' }))).status).toBe(200)
  })

  test('without the scope: a key for balances runs no model, and a key for models sees no balance', async () => {
    const customer = await farebox.customer()
    const headers = { authorization: `Bearer ${customer.secret}` }
    const balance = async () => (await fetch(`${farebox.url}/credits/balance`, { headers })).status
    await setKey(customer, `scopes = '{balance}'`)
    expect(await refused(customer.secret)).toMatchObject({ status: 403, code: 'scope_missing' })
    expect(await balance()).toBe(200)
    await setKey(customer, `scopes = '{inference}'`)
    await expect.poll(balance, PATIENCE).toBe(403)
  })

  test('when the account is disabled, or its reseller is', async () => {
    const customer = await farebox.customer({ resellerId: farebox.resellerId })
    await farebox.rows('UPDATE account SET disabled_at = now() WHERE id = $1', customer.accountId)
    expect(await refused(customer.secret)).toMatchObject({ status: 403, code: 'account_disabled' })
    await farebox.rows('UPDATE account SET disabled_at = NULL WHERE id = $1', customer.accountId)
    await farebox.rows('UPDATE account SET disabled_at = now() WHERE id = $1', farebox.resellerId)
    expect(await refused(customer.secret)).toMatchObject({ status: 403, code: 'account_disabled' })
    await farebox.rows('UPDATE account SET disabled_at = NULL WHERE id = $1', farebox.resellerId)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { formatDecimalNano, parseDecimalNano } from '../../src/money/nano.ts'
import { CLEAN, type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, balanceOf, chargeOf, debitsOf, eventsIn, eventsOf, post, priceOf, walletOf } from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())
afterEach(async () => expect(await farebox.verify()).toBe(CLEAN))

/** `cost` is ours; the SDK does not know it. */
const costIn = (usage: unknown) => (usage as { cost: number } | null | undefined)?.cost

test('a whole reply costs the same in its body, its header, the ledger and the balance', async () => {
  const customer = await farebox.customer()
  const before = await balanceOf(farebox, customer)
  const { data, response } = await customer.client.chat.completions
    .create(ask('[[sandbox:tokens=20]] hi'))
    .withResponse()
  const charge = chargeOf(response)
  const { prompt_tokens: input = 0, completion_tokens: output = 0 } = data.usage ?? {}
  expect(output).toBe(20)
  expect(charge).toBe(priceOf({ input, output }))
  expect(parseDecimalNano(String(costIn(data.usage)))).toBe(charge)
  const requestId = response.headers.get('x-request-id')
  expect(await debitsOf(farebox, customer)).toEqual([{ requestId, nano: charge }])
  expect(await balanceOf(farebox, customer)).toBe(before - charge)
  expect(response.headers.get('x-farebox-balance')).toBe(formatDecimalNano(before - charge))
  expect(await walletOf(farebox, customer.accountId)).toMatchObject({ held: 0n, debt: 0n })
  expect(await eventsOf(farebox, customer)).toMatchObject([
    {
      id: requestId,
      status: 'COMPLETED',
      httpStatus: 200,
      estimated: false,
      input,
      output,
      price: charge,
      attempts: 1,
    },
  ])
})

test('the reply is the provider’s own, byte for byte, but for the cost', async () => {
  const customer = await farebox.customer()
  const body = ask('the same each time')
  const direct = await fetch(`${farebox.provider.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer any' },
    body: JSON.stringify({ ...body, model: 'upstream-priced' }),
  })
  const ours = await post(farebox, customer.secret, body)
  const withoutIdentity = (text: string) => text.replace(/"id":"[^"]*"/, '').replace(/"created":\d+/, '')
  const cost = `"cost":${ours.headers.get('x-farebox-charge')},`
  const text = await ours.text()
  expect(text).toContain(cost)
  expect(withoutIdentity(text.replace(cost, ''))).toBe(withoutIdentity(await direct.text()))
})

test('a stream through the SDK brings the text, hides the usage chunk and is charged when it ends', async () => {
  const customer = await farebox.customer()
  const before = await balanceOf(farebox, customer)
  const stream = await customer.client.chat.completions.create(
    ask('[[sandbox:tokens=33]] hi', { stream: true as const }),
  )
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage == null)).toBe(true)
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
  expect(text.split(' ')).toHaveLength(33)
  const [event] = await eventsOf(farebox, customer)
  expect(event).toMatchObject({ status: 'COMPLETED', output: 33, estimated: false })
  expect(event?.price).toBe(priceOf({ input: event?.input ?? 0, output: 33 }))
  expect(await debitsOf(farebox, customer)).toEqual([{ requestId: event?.id, nano: event?.price }])
  expect(await balanceOf(farebox, customer)).toBe(before - (event?.price ?? 0n))
})

test('a stream whose client asked for usage ends with the usage chunk, and the cost in it is the charge', async () => {
  const customer = await farebox.customer()
  const body = ask('hi', { stream: true as const, stream_options: { include_usage: true } })
  const stream = await customer.client.chat.completions.create(body)
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  const withUsage = chunks.filter((chunk) => chunk.usage != null)
  expect(withUsage).toEqual([chunks.at(-1)])
  expect(withUsage[0]?.choices).toEqual([])
  const [debit] = await debitsOf(farebox, customer)
  expect(parseDecimalNano(String(costIn(withUsage[0]?.usage)))).toBe(debit?.nano)
})

test('when the end mark of a stream arrives, the charge is already in the ledger', async () => {
  const customer = await farebox.customer()
  const response = await post(farebox, customer.secret, ask('hi', { stream: true }))
  expect((await eventsIn(response)).at(-1)).toBe('[DONE]')
  expect(await debitsOf(farebox, customer)).toHaveLength(1)
})

test('other stream options and null caps of the client survive the usage switch', async () => {
  const customer = await farebox.customer()
  const body = ask('hi', { stream: true, stream_options: { include_obfuscation: false }, max_tokens: null })
  const events = await eventsIn(await post(farebox, customer.secret, body))
  expect(events.at(-1)).toBe('[DONE]')
  expect(events.some((event) => event.includes('"prompt_tokens"'))).toBe(false)
})

test('an alias calls the model it stands for', async () => {
  const customer = await farebox.customer()
  const reply = await customer.client.chat.completions.create({ ...ask('hi'), model: 'nickname' })
  expect(reply.choices).toHaveLength(1)
  expect(farebox.provider.requests().recent.at(-1)?.model).toBe('upstream-priced')
  const [event] = await farebox.rows('SELECT model FROM usage_event WHERE account_id = $1', customer.accountId)
  expect(event).toEqual({ model: 'priced' })
})

test('several choices are charged together', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:tokens=10]]', { n: 3, max_tokens: 50 })
  const reply = await customer.client.chat.completions.create(body)
  expect(reply.choices).toHaveLength(3)
  expect((await eventsOf(farebox, customer))[0]?.output).toBe(30)
})

describe('the access key is found', () => {
  const places: [string, (secret: string) => { headers: Record<string, string>; query: string }][] = [
    ['as a bearer token', (secret) => ({ headers: { authorization: `Bearer ${secret}` }, query: '' })],
    ['in x-api-key', (secret) => ({ headers: { 'x-api-key': secret }, query: '' })],
    ['in x-goog-api-key', (secret) => ({ headers: { 'x-goog-api-key': secret }, query: '' })],
    ['in ?key=', (secret) => ({ headers: {}, query: `?key=${secret}` })],
  ]
  test.each(places)('%s', async (_place, where) => {
    const customer = await farebox.customer()
    const { headers, query } = where(customer.secret)
    const response = await fetch(`${farebox.url}/v1/chat/completions${query}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(ask('hi')),
    })
    expect(response.status).toBe(200)
    expect(await debitsOf(farebox, customer)).toHaveLength(1)
  })
})

test('GET /v1/models lists what the key may call and has a price, and no more', async () => {
  const customer = await farebox.customer()
  const listed = async () => (await customer.client.models.list()).data.map((model) => model.id)
  expect(await listed()).toEqual(['doubled', 'priced'])
  await farebox.rows(`UPDATE access_key SET allowed_models = '{doubled}' WHERE id = $1`, customer.keyId)
  await expect.poll(listed).toEqual(['doubled'])
})

test('GET /credits/balance tells the balance in whole cents, rounded down', async () => {
  const customer = await farebox.customer({ creditNano: 12_349_999_999n })
  const balance = async () => {
    const headers = { authorization: `Bearer ${customer.secret}` }
    const response = await fetch(`${farebox.url}/credits/balance`, { headers })
    return response.json()
  }
  expect(await balance()).toEqual({ balanceCents: 1_234 })
  await post(farebox, customer.secret, ask('hi'))
  expect(await balance()).toEqual({ balanceCents: Number((await balanceOf(farebox, customer)) / 10_000_000n) })
})

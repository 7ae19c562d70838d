import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CLEAN, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import {
  ask,
  balanceOf,
  chargeOf,
  debitsOf,
  type ErrorBody,
  errorOf,
  eventsIn,
  eventsOf,
  onlyEventOf,
  post,
  priceOf,
  type StoredEvent,
  walletOf,
} from './gateway-reads.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())
afterEach(async () => expect(await farebox.verify()).toBe(CLEAN))

const stream = { stream: true }
const priceOfEvent = ({ input, cached, output }: StoredEvent) => priceOf({ input, cached, output })

/** Reads a stream until it has brought text, and goes away. */
async function leaveAfterText(response: Response, abort: AbortController): Promise<string> {
  const decoder = new TextDecoder()
  let seen = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    seen += decoder.decode(chunk, { stream: true })
    if (/"content":"[^"]/.test(seen)) break
  }
  abort.abort()
  return seen
}

test('usage that rides on the last choice is charged, and the choice still reaches the client', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:usage=last-choice]] [[sandbox:tokens=15]]', stream)
  const events = await eventsIn(await post(farebox, customer.secret, body))
  expect(events.at(-1)).toBe('[DONE]')
  expect(events.some((event) => event.includes('"finish_reason":"stop"'))).toBe(true)
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'COMPLETED', output: 15, estimated: false })
  expect(event.price).toBe(priceOfEvent(event))
})

test('a stream without usage is counted here, charged, and says that it was estimated', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:usage=omit]] [[sandbox:tokens=25]]', stream)
  expect((await eventsIn(await post(farebox, customer.secret, body))).at(-1)).toBe('[DONE]')
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'COMPLETED', output: 25, estimated: true })
  expect(event.input).toBeGreaterThan(5)
  expect(event.price).toBe(priceOfEvent(event))
})

test('a whole reply without usage is counted here, charged, and says that it was estimated', async () => {
  const customer = await farebox.customer()
  const response = await post(farebox, customer.secret, ask('[[sandbox:usage=omit]] [[sandbox:tokens=25]]'))
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'COMPLETED', output: 25, estimated: true })
  expect(chargeOf(response)).toBe(priceOfEvent(event))
})

test('a client that leaves mid-stream stops the provider and pays once for what was delivered', async () => {
  const customer = await farebox.customer()
  const before = await balanceOf(farebox, customer)
  const aborted = farebox.provider.requests().abortedByClient
  const abort = new AbortController()
  const body = ask('[[sandbox:tokens=2000]] [[sandbox:chunk-delay=20]]', stream)
  const seen = await leaveAfterText(await post(farebox, customer.secret, body, { signal: abort.signal }), abort)
  await expect.poll(() => farebox.provider.requests().abortedByClient, PATIENCE).toBe(aborted + 1)
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'CLIENT_ABORTED', estimated: true })
  const deliveredChunks = seen.match(/"content":"[^"]/g)?.length ?? 0
  expect(event.output).toBeGreaterThanOrEqual(4 * deliveredChunks)
  expect(event.output).toBeLessThan(1_000)
  expect(event.price).toBe(priceOfEvent(event))
  // Whatever comes later from the connections that were cut, nothing more is booked.
  expect((await post(farebox, customer.secret, ask('hi'))).status).toBe(200)
  const [first, second, ...more] = await debitsOf(farebox, customer)
  expect(first).toEqual({ requestId: event.id, nano: event.price })
  expect(more).toEqual([])
  expect(await balanceOf(farebox, customer)).toBe(before - event.price - (second?.nano ?? 0n))
})

test('a client that leaves before any output stops the provider, pays nothing, and leaves the exposure noted', async () => {
  const customer = await farebox.customer()
  const { started, abortedByClient } = farebox.provider.requests()
  const abort = new AbortController()
  const body = ask('[[sandbox:latency=60000]]', stream)
  const request = post(farebox, customer.secret, body, { signal: abort.signal }).catch(() => 'left')
  await expect.poll(() => farebox.provider.requests().started, PATIENCE).toBe(started + 1)
  abort.abort()
  expect(await request).toBe('left')
  await expect.poll(() => farebox.provider.requests().abortedByClient, PATIENCE).toBe(abortedByClient + 1)
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'CLIENT_ABORTED', price: 0n, input: 0, output: 0 })
  expect(event.exposure).toBeGreaterThan(0n)
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: 1_000_000_000n, held: 0n, debt: 0n })
})

test('a client that leaves before a whole reply pays for it, because the provider has produced it', async () => {
  const customer = await farebox.customer()
  const { started } = farebox.provider.requests()
  const abort = new AbortController()
  const body = ask('[[sandbox:latency=300]] [[sandbox:tokens=10]]')
  const request = post(farebox, customer.secret, body, { signal: abort.signal }).catch(() => 'left')
  await expect.poll(() => farebox.provider.requests().started, PATIENCE).toBe(started + 1)
  abort.abort()
  expect(await request).toBe('left')
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'CLIENT_ABORTED', output: 10, estimated: false })
  expect(await debitsOf(farebox, customer)).toEqual([{ requestId: event.id, nano: priceOfEvent(event) }])
})

test('a stream that the provider breaks off is charged as far as it came, and ends with an error and no end mark', async () => {
  const customer = await farebox.customer()
  const response = await post(farebox, customer.secret, ask('[[sandbox:tokens=100]] [[sandbox:disconnect=3]]', stream))
  const events = await eventsIn(response)
  expect(events).not.toContain('[DONE]')
  const last = JSON.parse(events.at(-1) ?? '') as ErrorBody
  expect(last.error).toMatchObject({ type: 'server_error', code: 'upstream_error' })
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'PROVIDER_ABORTED', output: 12, estimated: true })
  expect(await debitsOf(farebox, customer)).toEqual([{ requestId: event.id, nano: priceOfEvent(event) }])
})

test('the SDK sees a stream that broke off as an error, not as an answer', async () => {
  const customer = await farebox.customer()
  const body = ask('[[sandbox:tokens=100]] [[sandbox:disconnect=3]]', { stream: true as const })
  const chunks = await customer.client.chat.completions.create(body)
  const read = async () => {
    for await (const chunk of chunks) expect(chunk.choices).toHaveLength(1)
  }
  await expect(read()).rejects.toThrow('broke the stream off')
})

test('a stream that breaks off before any text is charged nothing', async () => {
  const customer = await farebox.customer()
  const response = await post(farebox, customer.secret, ask('[[sandbox:tokens=0]] [[sandbox:disconnect=1]]', stream))
  expect(await eventsIn(response)).not.toContain('[DONE]')
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'PROVIDER_ABORTED', price: 0n })
  expect(event.exposure).toBeGreaterThan(0n)
  expect(await debitsOf(farebox, customer)).toEqual([])
})

test('a whole reply that breaks off is charged nothing, and the client is told', async () => {
  const customer = await farebox.customer()
  const response = await post(farebox, customer.secret, ask('[[sandbox:disconnect=3]]'))
  expect([response.status, (await errorOf(response)).code]).toEqual([502, 'upstream_error'])
  expect(response.headers.get('x-farebox-charge')).toBeNull()
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ status: 'PROVIDER_ABORTED', price: 0n, errorCode: 'upstream_broke_off' })
  expect(event.exposure).toBeGreaterThan(0n)
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: 1_000_000_000n, held: 0n, debt: 0n })
  expect(await eventsOf(farebox, customer)).toHaveLength(1)
})

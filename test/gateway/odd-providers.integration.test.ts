import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CLEAN, type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, chargeOf, debitsOf, errorOf, eventsIn, onlyEventOf, post, priceOf } from './gateway-reads.ts'
import {
  contentChunk,
  events,
  json,
  type OddProvider,
  startOddProvider,
  TEN_AND_TWENTY,
  usageChunk,
  wholeReply,
} from './odd-provider.ts'

let odd: OddProvider
let farebox: Farebox
beforeAll(async () => {
  odd = await startOddProvider()
  farebox = await startFarebox({ providerUrl: odd.url })
})
afterAll(async () => {
  await odd.close()
  await farebox.close()
})
afterEach(async () => expect(await farebox.verify()).toBe(CLEAN))

const charge = priceOf({ input: 10, output: 20 })
const stream = { stream: true }

test('the request goes upstream byte for byte, but for the model’s name, the cap and the usage switch', async () => {
  const customer = await farebox.customer()
  odd.answer = (response) => events(response, [contentChunk('x'), usageChunk(), '[DONE]'])
  const sent =
    '{ "max_tokens" : 7.0e0,\n"temperature":1.0, "model" :\t"nickname","seed":12345678901234567890, "stream":true,' +
    '"messages":[{"role":"user","content":"caf\\u00e9 \\ud83d\\ude00 é"}] }'
  const received = sent
    .replace('7.0e0', '7')
    .replace('"nickname"', '"upstream-priced"')
    .replace('{ "max', '{"stream_options":{"include_usage":true}, "max')
  expect((await post(farebox, customer.secret, sent)).status).toBe(200)
  expect(odd.received).toBe(received)
})

test('a cost that the provider reports is neither trusted nor shown', async () => {
  const customer = await farebox.customer()
  const usage = { ...TEN_AND_TWENTY, cost: 0.123456, cost_details: { upstream_inference_cost: 0.1 } }
  odd.answer = (response) => json(response, 200, wholeReply('hello', usage))
  const response = await post(farebox, customer.secret, ask('hi'))
  expect(chargeOf(response)).toBe(charge)
  const text = await response.text()
  expect(JSON.parse(text).usage.cost).toBe(Number(charge) / 1e9)
  expect(text).not.toContain('0.123456')
})

test('nor in the usage chunk of a stream', async () => {
  const customer = await farebox.customer()
  odd.answer = (response) =>
    events(response, [contentChunk('x'), usageChunk({ ...TEN_AND_TWENTY, cost: 0.123456 }), '[DONE]'])
  const body = ask('hi', { stream: true, stream_options: { include_usage: true } })
  const received = await eventsIn(await post(farebox, customer.secret, body))
  expect(JSON.parse(received.at(-2) ?? '').usage.cost).toBe(Number(charge) / 1e9)
  expect(received.join()).not.toContain('0.123456')
})

test('nor on a chunk that has choices and usage', async () => {
  const customer = await farebox.customer()
  const last = { choices: [{ index: 0, delta: { content: 'end' } }], usage: { ...TEN_AND_TWENTY, cost: 0.123456 } }
  odd.answer = (response) => events(response, [contentChunk('x'), JSON.stringify(last), '[DONE]'])
  const received = await eventsIn(await post(farebox, customer.secret, ask('hi', stream)))
  expect(received.join()).not.toContain('0.123456')
  expect(JSON.parse(received.at(-2) ?? '').choices).toEqual(last.choices)
  expect((await onlyEventOf(farebox, customer)).price).toBe(charge)
})

test('a whole reply to a request for a stream is charged, and not given away for want of events', async () => {
  const customer = await farebox.customer()
  odd.answer = (response) => json(response, 200, wholeReply('a long answer'))
  await (await post(farebox, customer.secret, ask('hi', stream))).text()
  expect((await onlyEventOf(farebox, customer)).price).toBe(charge)
})

test('a stream with CRLF line ends is metered, its usage hidden', async () => {
  const customer = await farebox.customer()
  odd.answer = (response) => events(response, [contentChunk('x'), usageChunk(), '[DONE]'], '\r\n')
  const text = await (await post(farebox, customer.secret, ask('hi', stream))).text()
  expect(text).not.toContain('prompt_tokens')
  expect(text).toContain('[DONE]')
  expect((await onlyEventOf(farebox, customer)).price).toBe(charge)
})

test('a stream that ends without an end mark, but with usage, is charged by that usage', async () => {
  const customer = await farebox.customer()
  odd.answer = (response) => events(response, [contentChunk('x'), usageChunk()])
  await (await post(farebox, customer.secret, ask('hi', stream))).text()
  expect(await onlyEventOf(farebox, customer)).toMatchObject({ status: 'COMPLETED', price: charge, estimated: false })
})

test('usage that grows with every chunk is charged as it stood last', async () => {
  const customer = await farebox.customer()
  const growing = (completion: number) =>
    JSON.stringify({
      choices: [{ index: 0, delta: { content: 'x' } }],
      usage: { prompt_tokens: 10, completion_tokens: completion },
    })
  odd.answer = (response) => events(response, [growing(1), growing(2), growing(3), '[DONE]'])
  await (await post(farebox, customer.secret, ask('hi', stream))).text()
  expect((await onlyEventOf(farebox, customer)).price).toBe(priceOf({ input: 10, output: 3 }))
})

test.each([
  ['negative', { prompt_tokens: -5, completion_tokens: 20 }],
  ['absurd', { prompt_tokens: 10, completion_tokens: 3e15 }],
  ['no numbers', { prompt_tokens: '10', completion_tokens: null }],
  ['no object', 'ten'],
])('figures that are %s are not billed; the text is counted instead', async (_what, usage) => {
  const customer = await farebox.customer()
  odd.answer = (response) => json(response, 200, wholeReply('one two three', usage))
  const response = await post(farebox, customer.secret, ask('hi'))
  expect(response.status).toBe(200)
  const event = await onlyEventOf(farebox, customer)
  expect(event).toMatchObject({ estimated: true, output: 3 })
  expect(chargeOf(response)).toBe(event.price)
})

test('an error that the provider sends within a stream is passed on, and its words are not billed', async () => {
  const customer = await farebox.customer()
  const error = JSON.stringify({ error: { message: 'a long story of what went wrong', type: 'server_error' } })
  odd.answer = (response) => events(response, [contentChunk('one two three'), error])
  const received = await eventsIn(await post(farebox, customer.secret, ask('hi', stream)))
  expect(received).toContain(error)
  expect(received).not.toContain('[DONE]')
  expect(await onlyEventOf(farebox, customer)).toMatchObject({ status: 'PROVIDER_ABORTED', output: 3, estimated: true })
})

test('reasoning that was delivered without usage is counted, in a stream and in a whole reply', async () => {
  const customer = await farebox.customer()
  const delta = { reasoning_content: 'one two three' }
  odd.answer = (response) => events(response, [JSON.stringify({ choices: [{ index: 0, delta }] }), '[DONE]'])
  await (await post(farebox, customer.secret, ask('hi', stream))).text()
  expect(await onlyEventOf(farebox, customer)).toMatchObject({ estimated: true, output: 3 })

  const other = await farebox.customer()
  const message = { role: 'assistant', content: null, ...delta }
  odd.answer = (response) => json(response, 200, JSON.stringify({ choices: [{ index: 0, message }] }))
  await post(farebox, other.secret, ask('hi'))
  expect(await onlyEventOf(farebox, other)).toMatchObject({ estimated: true, output: 3 })
})

test.each([
  ['a page', 200, '<html>welcome</html>'],
  ['nothing', 200, ''],
  ['a list', 200, 'null'],
  ['a redirect', 302, ''],
  ['an error page', 502, '<html>bad gateway</html>'],
])('%s instead of a reply is an error in OpenAI’s shape, charged nothing', async (_what, status, body) => {
  const customer = await farebox.customer()
  odd.answer = (response) => response.writeHead(status, { location: 'http://elsewhere.test' }).end(body)
  const response = await post(farebox, customer.secret, ask('hi'))
  expect(response.status).toBe(502)
  expect((await errorOf(response)).message).not.toContain('html')
  expect(await debitsOf(farebox, customer)).toEqual([])
})

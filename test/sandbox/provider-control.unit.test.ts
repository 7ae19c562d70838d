import type OpenAI from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'
import { ask, startWithClient } from './provider-support.ts'

let provider: SandboxProvider
let client: OpenAI

beforeEach(async () => {
  const started = await startWithClient()
  provider = started.provider
  client = started.client
})
afterEach(() => provider.close())

function control(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${provider.port}/sandbox/${path}`, init)
}

test('a change of behaviour holds for requests already seen, and leaves the rest of the behaviour as it was', async () => {
  const before = await client.chat.completions.create(ask('hi'))
  provider.setBehaviour({ completionTokens: 99 })
  const after = await client.chat.completions.create(ask('hi'))
  expect(before.usage?.completion_tokens).not.toBe(99)
  expect(after.usage?.completion_tokens).toBe(99)
  expect(provider.behaviour()).toMatchObject({ latencyMs: 0, tokensPerChunk: 4, completionTokens: 99 })
})

test('another process can read and change the behaviour', async () => {
  const response = await control('behaviour', { method: 'PUT', body: '{"tokensPerChunk":2,"errorRate":1}' })
  expect(response.status).toBe(200)
  expect(await (await control('behaviour')).json()).toEqual({
    ...provider.behaviour(),
    tokensPerChunk: 2,
    errorRate: 1,
  })
  await expect(client.chat.completions.create(ask('hi'))).rejects.toMatchObject({ status: 500 })
})

test.each(['{"errorRate":2}', '{"nonsense":1}', '{'])('the change %s is refused and changes nothing', async (body) => {
  const before = provider.behaviour()
  const response = await control('behaviour', { method: 'PUT', body })
  expect(response.status).toBe(400)
  expect(provider.behaviour()).toEqual(before)
})

test('the request log keeps facts of the last twenty requests and never what was said', async () => {
  for (let count = 0; count < 25; count += 1) {
    await client.chat.completions.create({ ...ask('my secret diary'), max_completion_tokens: count + 1 })
  }
  const text = await (await control('requests')).text()
  expect(text).not.toContain('secret')
  expect(text).not.toContain('sk-test')
  const counters = JSON.parse(text)
  expect(counters).toMatchObject({ started: 25, completed: 25, refused: 0, abortedByClient: 0, disconnected: 0 })
  expect(counters.recent).toHaveLength(20)
  expect(counters.recent.at(-1)).toEqual({
    path: '/v1/chat/completions',
    model: 'sandbox-model',
    isStream: false,
    outputCap: 25,
    hasAuthorization: true,
    status: 200,
  })
})

test('embeddings are the same for the same text', async () => {
  const create = () => client.embeddings.create({ model: 'sandbox-embedding', input: ['one', 'two'] })
  const [first, again] = await Promise.all([create(), create()])
  expect(first.data).toEqual(again.data)
  expect(first.data[0]?.embedding).not.toEqual(first.data[1]?.embedding)
  expect(first.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 })
})

test('closing ends running replies and frees the port', async () => {
  provider.setBehaviour({ latencyMs: 60_000 })
  const running = client.chat.completions.create(ask('hi'))
  const outcome = expect(running).rejects.toThrow()
  await expect.poll(() => provider.requests().started, { interval: 5 }).toBe(1)
  await provider.close()
  await outcome
})

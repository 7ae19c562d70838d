import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import type { BehaviourChange } from '../../src/sandbox/provider/behaviour.ts'
import type { SandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'
import { ask, collect, startWithClient } from './provider-support.ts'

const running: SandboxProvider[] = []

async function start(behaviour: BehaviourChange = {}, models?: string[]) {
  const started = await startWithClient({ behaviour, ...(models && { models }) })
  running.push(started.provider)
  return started
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((provider) => provider.close()))
})

function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  )
}

describe('a request that must be refused', () => {
  test('without a bearer key is 401', async () => {
    const { provider } = await start()
    const body = JSON.stringify(ask('hi'))
    const response = await fetch(`${provider.baseUrl}/chat/completions`, { method: 'POST', body })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param: null, code: null } })
  })

  test.each([
    ['broken JSON', '{"model":', null],
    ['no model', '{"messages":[{"role":"user","content":"hi"}]}', null],
    ['no messages', '{"model":"m"}', 'messages'],
    ['a negative cap', '{"model":"m","max_tokens":-1,"messages":[{"role":"user","content":"hi"}]}', 'max_tokens'],
    ['a JSON null', 'null', null],
  ])('with %s is 400 and names the parameter', async (_, body, param) => {
    const { provider } = await start()
    const headers = { authorization: 'Bearer k' }
    const response = await fetch(`${provider.baseUrl}/chat/completions`, { method: 'POST', headers, body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } })
  })

  test('for an unknown model is 404, and the known ones are listed', async () => {
    const { client } = await start({}, ['known'])
    const error = await failure(client.chat.completions.create(ask('hi')))
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ code: 'model_not_found' })
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['known'])
  })
})

describe('an error asked for', () => {
  test.each([400, 401, 404, 429, 500, 503])('by a marker is %i and concerns one request', async (status) => {
    const { client } = await start()
    expect(await failure(client.chat.completions.create(ask(`[[sandbox:error=${status}]]`)))).toMatchObject({ status })
    expect((await client.chat.completions.create(ask('hi'))).choices).toHaveLength(1)
  })

  test('as 429 tells when to come back', async () => {
    const { client } = await start({ errorRate: 1, errorStatus: 429 })
    const error = await failure(client.chat.completions.create(ask('hi')))
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect((error as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after')).toBe('1')
  })

  test('by a rate strikes the same requests for the same seed', async () => {
    const outcomes = await Promise.all(
      [1, 2].map(async () => {
        const { client } = await start({ errorRate: 0.5 })
        const seen: boolean[] = []
        for (let count = 0; count < 20; count += 1) {
          seen.push((await failure(client.chat.completions.create(ask('hi')))) === null)
        }
        return seen
      }),
    )
    expect(outcomes[0]).toEqual(outcomes[1])
    expect(new Set(outcomes[0]).size).toBe(2)
  })
})

describe('a disconnect', () => {
  test('cuts a stream after the chunks asked for', async () => {
    const { client, provider } = await start()
    const stream = await client.chat.completions.create({ ...ask('[[sandbox:disconnect=3]]'), stream: true })
    const { chunks, error } = await collect(stream)
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content)).toHaveLength(3)
    expect(error).not.toBeNull()
    expect(provider.requests()).toMatchObject({ started: 1, completed: 0, disconnected: 1, abortedByClient: 0 })
  })

  test('of zero chunks comes before the first byte', async () => {
    const { client, provider } = await start()
    const error = await failure(client.chat.completions.create(ask('[[sandbox:disconnect=0]]')))
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError)
    expect(provider.requests().recent[0]?.status).toBeNull()
  })

  test('by a rate cuts a stream in its middle and a whole reply in its body', async () => {
    const { client, provider } = await start({ disconnectRate: 1 })
    const { chunks, error } = await collect(await client.chat.completions.create({ ...ask('hi'), stream: true }))
    expect(chunks.length).toBeGreaterThan(1)
    expect(error).not.toBeNull()
    expect(await failure(client.chat.completions.create(ask('hi')))).not.toBeNull()
    expect(provider.requests().disconnected).toBe(2)
  })
})

describe('odd usage', () => {
  test('can be missing from replies and streams', async () => {
    const { client } = await start({ omitUsage: true })
    expect(await client.chat.completions.create(ask('hi'))).not.toHaveProperty('usage')
    const asked = { ...ask('hi'), stream: true as const, stream_options: { include_usage: true } }
    const { chunks } = await collect(await client.chat.completions.create(asked))
    expect(chunks.some((chunk) => chunk.usage)).toBe(false)
    expect(chunks.at(-1)?.choices).toHaveLength(1)
  })

  test('can ride on the last chunk that has choices', async () => {
    const { client } = await start({ usageInLastChoiceChunk: true })
    const { chunks } = await collect(await client.chat.completions.create({ ...ask('hi'), n: 2, stream: true }))
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0)
    expect(chunks.slice(0, -1).some((chunk) => chunk.usage)).toBe(false)
  })

  test('can exceed the output cap', async () => {
    const { client } = await start({ ignoreOutputCap: true })
    const reply = await client.chat.completions.create({ ...ask('hi'), max_tokens: 10 })
    expect(reply.usage?.completion_tokens).toBeGreaterThan(10)
    expect(reply.choices[0]?.finish_reason).toBe('stop')
  })

  test('can be a fixed number of tokens, still under the cap', async () => {
    const { client } = await start({ completionTokens: 123 })
    const [free, capped] = await Promise.all([
      client.chat.completions.create(ask('hi')),
      client.chat.completions.create({ ...ask('hi'), max_tokens: 100 }),
    ])
    expect([free.usage?.completion_tokens, capped.usage?.completion_tokens]).toEqual([123, 100])
  })
})

describe('slowness', () => {
  test('delays the first byte by the latency', async () => {
    const { client } = await start({ latencyMs: 60 })
    const startedAt = performance.now()
    await client.chat.completions.create(ask('hi'))
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55)
  })

  test('between chunks lets a client leave, which is counted', async () => {
    const { client, provider } = await start({ chunkDelayMs: 20, tokensPerChunk: 1 })
    const stream = await client.chat.completions.create({ ...ask('hi'), stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    await expect.poll(() => provider.requests().abortedByClient, { interval: 5, timeout: 2000 }).toBe(1)
    expect(provider.requests()).toMatchObject({ started: 1, completed: 0 })
  })
})

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import type OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'
import { ask, collect, startWithClient } from './provider-support.ts'

let provider: SandboxProvider
let client: OpenAI

beforeAll(async () => {
  const started = await startWithClient({ behaviour: { cachedTokensShare: 0.5 } })
  provider = started.provider
  client = started.client
})
afterAll(() => provider.close())

describe('a chat completion', () => {
  test('has the shape of the real one and tells its usage', async () => {
    const reply = await client.chat.completions.create(ask('How long is a mile?'))
    expect(reply).toMatchObject({ object: 'chat.completion', model: 'sandbox-model', service_tier: 'default' })
    expect(reply.id).toMatch(/^chatcmpl-[0-9a-z]+$/)
    expect(reply.choices).toHaveLength(1)
    expect(reply.choices[0]).toMatchObject({
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', refusal: null },
    })
    const promptTokens = Math.ceil('How long is a mile?'.length / 4) + 4
    expect(reply.usage).toMatchObject({
      prompt_tokens: promptTokens,
      prompt_tokens_details: { cached_tokens: Math.floor(promptTokens / 2), audio_tokens: 0 },
      total_tokens: promptTokens + (reply.usage?.completion_tokens ?? 0),
    })
  })

  test('bills as many tokens as a tokenizer counts in its text', async () => {
    const reply = await client.chat.completions.create(ask('[[sandbox:tokens=700]]'))
    expect(reply.usage?.completion_tokens).toBe(700)
    expect(countTokens(reply.choices[0]?.message.content ?? '')).toBe(700)
  })

  test('says the same to the same messages under a new id, and something else to others', async () => {
    const [first, again, other] = await Promise.all(
      ['a', 'a', 'b'].map((content) => client.chat.completions.create(ask(content))),
    )
    expect(again?.choices).toEqual(first?.choices)
    expect(again?.usage).toEqual(first?.usage)
    expect(again?.id).not.toBe(first?.id)
    expect(other?.choices).not.toEqual(first?.choices)
  })

  test.each(['max_tokens', 'max_completion_tokens'])('stops at %s for reason of length', async (cap) => {
    const reply = await client.chat.completions.create({ ...ask('Count to a hundred'), [cap]: 5 })
    expect(reply.choices[0]?.finish_reason).toBe('length')
    expect(reply.usage?.completion_tokens).toBe(5)
  })

  test('gives n different choices and bills them all', async () => {
    const reply = await client.chat.completions.create({ ...ask('[[sandbox:tokens=30]]'), n: 3 })
    expect(reply.choices.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(new Set(reply.choices.map(({ message }) => message.content)).size).toBe(3)
    expect(reply.usage?.completion_tokens).toBe(90)
  })

  test('never bills more prompt tokens than the body has bytes', async () => {
    const body = { model: 'm', messages: [{ role: 'user' as const, content: 'ä€😀'.repeat(50) }] }
    const reply = await client.chat.completions.create(body)
    expect(reply.usage?.prompt_tokens).toBe(Math.ceil((50 * 9) / 4) + 4)
    expect(reply.usage?.prompt_tokens).toBeLessThanOrEqual(Buffer.byteLength(JSON.stringify(body)))
  })
})

describe('a stream', () => {
  test('carries role, content, finish, and no word of usage unless asked', async () => {
    const whole = await client.chat.completions.create(ask('Tell me'))
    const { chunks } = await collect(await client.chat.completions.create({ ...ask('Tell me'), stream: true }))
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' })
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]?.message.content,
    )
  })

  test('ends with a usage chunk without choices when asked, and usage is null before it', async () => {
    const whole = await client.chat.completions.create(ask('Tell me'))
    const asked = { ...ask('Tell me'), stream: true as const, stream_options: { include_usage: true } }
    const { chunks } = await collect(await client.chat.completions.create(asked))
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(true)
  })

  test('finishes each of n choices', async () => {
    const { chunks } = await collect(await client.chat.completions.create({ ...ask('Tell me'), n: 2, stream: true }))
    const finished = chunks.flatMap(({ choices }) => choices).filter(({ finish_reason }) => finish_reason)
    expect(finished.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'stop'],
    ])
  })

  test('is sent as server-sent events that end with [DONE]', async () => {
    const response = await fetch(`${provider.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test' },
      body: JSON.stringify({ ...ask('Tell me'), stream: true }),
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = (await response.text()).split('\n\n')
    expect(events.slice(-2)).toEqual(['data: [DONE]', ''])
    expect(events.slice(0, -1).every((event) => event.startsWith('data: '))).toBe(true)
  })
})

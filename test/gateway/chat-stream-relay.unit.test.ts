import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChatStreamRelay } from '../../src/gateway/protocols/openai/stream.ts'
import { contentChunk, TEN_AND_TWENTY, usageChunk } from './odd-provider.ts'

const USAGE = { inputTokens: 10, outputTokens: 20 }

/** All that a relay makes of a stream which comes in these pieces. */
function relayed(pieces: readonly Buffer[], wantsUsage = false) {
  const relay = new ChatStreamRelay(wantsUsage)
  const passed = [...pieces.map((piece) => relay.push(piece)), relay.end()]
  return {
    passed: Buffer.concat(passed).toString('utf8'),
    text: relay.delivered.text(),
    usage: relay.usage,
    finished: relay.finished,
    tail: relay.tail('0.5').toString('utf8'),
  }
}

const streamOf = (datas: readonly string[], lineEnd = '\n') =>
  Buffer.from(datas.map((data) => `data: ${data}${lineEnd}${lineEnd}`).join(''))
const whole = (datas: readonly string[], wantsUsage = false) => relayed([streamOf(datas)], wantsUsage)

const event = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(contentChunk),
  fc.constantFrom(
    '',
    '[]',
    'not json',
    '{"usage":null}',
    '{"choices":[{"delta":{"content":"\\"usage\\":{}"}}],"usage":null}',
  ),
  fc.constant(JSON.stringify({ choices: [{ delta: { content: '' }, finish_reason: 'stop' }], usage: TEN_AND_TWENTY })),
  fc.constant(usageChunk()),
)
const line = fc.oneof(
  event.map((data) => `data: ${data}`),
  event.map((data) => `data:${data}`),
  event.map((data) => `event: message\nid: 7\ndata: ${data}`),
  fc.constantFrom(': a comment', 'retry: 10'),
)
const stream = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '[DONE]'), fc.boolean())
  .map(([lines, lineEnd, done, isClosed]) => {
    const events = [...lines, ...(done === '' ? [] : [`data: ${done}`])]
    const text = events.map((each) => each.replaceAll('\n', lineEnd)).join(lineEnd + lineEnd)
    return Buffer.from(isClosed && events.length > 0 ? text + lineEnd + lineEnd : text)
  })

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((left, right) => left - right)
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length))
}

test('however a stream is cut into pieces, the client gets the same bytes and the meter the same figures', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (bytes, places, wantsUsage) => {
      expect(relayed(cut(bytes, places), wantsUsage)).toEqual(relayed([bytes], wantsUsage))
    }),
    { numRuns: 2_000 },
  )
})

test('even byte by byte, through characters of several bytes', () => {
  const bytes = streamOf([contentChunk('é😀'), contentChunk('漢字'), usageChunk(), '[DONE]'])
  const single = relayed([...bytes].map((byte) => Buffer.of(byte)))
  expect(single).toEqual(relayed([bytes]))
  expect(single).toMatchObject({ text: 'é😀漢字', finished: true, usage: USAGE })
})

test('what has come is passed on at once, not held back until the end', () => {
  const relay = new ChatStreamRelay(false)
  const first = streamOf([contentChunk('a')])
  expect(relay.push(Buffer.concat([first, Buffer.from('data: {"cho')]))).toEqual(first)
})

describe('the usage chunk', () => {
  test('is kept back and not shown to a client that did not ask', () => {
    const { passed, tail, usage } = whole([contentChunk('a'), usageChunk(), '[DONE]'])
    expect(passed).toBe(streamOf([contentChunk('a')]).toString())
    expect(tail).toBe('data: [DONE]\n\n')
    expect(usage).toMatchObject(USAGE)
  })

  test('comes last with its cost to a client that asked', () => {
    const { tail } = whole([contentChunk('a'), usageChunk(), '[DONE]'], true)
    expect(tail).toBe(streamOf([usageChunk().replace('"usage":{', '"usage":{"cost":0.5,'), '[DONE]']).toString())
  })

  test('may come without any choices at all', () => {
    expect(whole([JSON.stringify({ usage: TEN_AND_TWENTY }), '[DONE]']).usage).toMatchObject(USAGE)
  })

  test('may be written with spaces', () => {
    expect(
      whole(['{ "choices" : [ ] , "usage" : { "prompt_tokens" : 10 , "completion_tokens" : 20 } }']).usage,
    ).toMatchObject(USAGE)
  })

  test('may come with CRLF line ends', () => {
    const { usage, finished, tail } = relayed([streamOf([usageChunk(), '[DONE]'], '\r\n')])
    expect({ usage, finished, tail }).toMatchObject({ usage: USAGE, finished: true, tail: 'data: [DONE]\n\n' })
  })

  test('of null on every chunk says nothing and takes nothing away', () => {
    const chunk = JSON.stringify({ choices: [{ delta: { content: 'a' } }], usage: null })
    const { passed, usage, text } = whole([chunk, chunk])
    expect(passed).toBe(streamOf([chunk, chunk]).toString())
    expect([usage, text]).toEqual([null, 'aa'])
  })

  test('with figures that make no sense is passed on as it is, and not believed', () => {
    const chunk = usageChunk({ prompt_tokens: -1, completion_tokens: 5 })
    expect(whole([chunk])).toMatchObject({ usage: null, passed: streamOf([chunk]).toString() })
  })

  test('that is only spoken of in the text is not taken for one', () => {
    const chunk = contentChunk('"usage":{"prompt_tokens":1,"completion_tokens":1}')
    expect(whole([chunk])).toMatchObject({ usage: null, passed: streamOf([chunk]).toString() })
  })
})

test('everything that was written counts as delivered: text, reasoning, refusal and tool calls', () => {
  const call = { function: { name: 'toll', arguments: '{"lane":7}' } }
  const deltas = [
    { content: 'a' },
    { reasoning_content: 'b' },
    { reasoning: 'c' },
    { refusal: 'd' },
    { tool_calls: [call] },
  ]
  const chunks = deltas.map((delta) => JSON.stringify({ choices: [{ index: 0, delta }] }))
  expect(whole(chunks).text).toBe('abcdtoll{"lane":7}')
})

test('the text of a long stream is all there', () => {
  const relay = new ChatStreamRelay(false)
  for (let index = 0; index < 5_000; index += 1) relay.push(streamOf([contentChunk('0123456789')]))
  expect(relay.delivered.text()).toHaveLength(50_000)
})

test('an event that never ends is refused, not kept without limit', () => {
  const relay = new ChatStreamRelay(false)
  const piece = Buffer.alloc(8 * 1024 * 1024, 'x')
  const pour = () => {
    for (let index = 0; index < 4; index += 1) relay.push(piece)
  }
  expect(pour).toThrow('too large')
})

import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, errorOf, post } from './gateway-reads.ts'

let farebox: Farebox
let customer: Customer
let booksBefore: unknown
let sentBefore: number
beforeAll(async () => {
  farebox = await startFarebox()
  customer = await farebox.customer()
})
afterAll(() => farebox.close())
beforeEach(async () => {
  booksBefore = await farebox.books()
  sentBefore = farebox.provider.requests().started
})

async function untouched(): Promise<void> {
  expect(await farebox.books()).toEqual(booksBefore)
  expect(farebox.provider.requests().started).toBe(sentBefore)
}

/** Sends a body that is refused, and proves that nothing moved. */
async function refused(body: unknown) {
  const response = await post(farebox, customer.secret, body)
  const error = await errorOf(response)
  await untouched()
  return { status: response.status, ...error }
}

/** A body as text, with a member that no object of JavaScript could say. */
const written = (members: string) => `{"model":"priced","messages":[{"role":"user","content":"hi"}],${members}}`

describe('a model', () => {
  test.each(['no-such-model', 'x'.repeat(5_000), '__proto__', 'PRICED'])('that is unknown is 404', async (model) => {
    const error = await refused(ask('hi', { model }))
    expect(error).toMatchObject({ status: 404, type: 'invalid_request_error', code: 'model_not_found', param: 'model' })
    expect(error.message.length).toBeLessThan(300)
  })

  test('that has no price is refused, never served free or at another price', async () => {
    expect(await refused(ask('hi', { model: 'unpriced' }))).toMatchObject({ status: 400, code: 'model_not_priced' })
  })

  test.each([[undefined], [null], [7], [''], [['priced']]])('that is not named as text (%j) is 400', async (model) => {
    expect(await refused({ ...ask('hi'), model })).toMatchObject({ status: 400, param: 'model' })
  })
})

describe('a body that is not a request is 400', () => {
  test.each(['', '{', '{"model":"priced"', '{"a":1,}', 'model=priced', '{"model":"priced" "x":1}', '\u{feff}{}'])(
    'broken JSON: %j',
    async (body) => {
      expect(await refused(body)).toMatchObject({ status: 400, code: 'invalid_json', type: 'invalid_request_error' })
    },
  )

  test('broken JSON is not quoted back, for it may hold a secret', async () => {
    expect((await refused('{"model": tell-nobody}')).message).not.toContain('tell')
  })

  test.each(['[]', 'null', '"text"', '7', 'true'])('not an object: %s', async (body) => {
    expect(await refused(body)).toMatchObject({ status: 400, code: 'invalid_request' })
  })

  test.each([[undefined], [[]], ['hi'], [{}]])('without messages: %j', async (messages) => {
    expect(await refused({ model: 'priced', messages })).toMatchObject({ status: 400, param: 'messages' })
  })

  test('with a stream switch that is not true or false', async () => {
    expect(await refused(ask('hi', { stream: 'yes' }))).toMatchObject({ status: 400, param: 'stream' })
  })
})

describe('an output cap that cannot be meant is 400', () => {
  const names = ['max_tokens', 'max_completion_tokens']
  const values = ['-1', '0', '0.5', '"100"', '1e300', '100001', '9007199254740993', '[1]', '{}', 'true']
  test.each(names.flatMap((name) => values.map((value) => [name, value])))('%s: %s', async (name, value) => {
    const error = await refused(written(`"${name}":${value}`))
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: name })
  })
})

describe('a field that stands twice is 400, for nobody knows which one counts', () => {
  test.each([
    ['max_tokens', '"max_tokens":1,"max_tokens":9999'],
    ['max_tokens', String.raw`"max_tokens":1,"\u006dax_tokens":9999`],
    ['max_tokens', String.raw`"max\u005ftokens":1,"max_\u0074okens":9999`],
    ['model', String.raw`"mod\u0065l":"unpriced"`],
    ['stream', '"stream":false, "x":[{"stream":1}],\n"stream" : true'],
    ['n', '"n":1,"n":1'],
  ])('%s in %s', async (param, members) => {
    expect(await refused(written(members))).toMatchObject({ status: 400, code: 'duplicate_field', param })
  })
})

describe('what is billed by figures that have no price here is 400', () => {
  test.each([
    ['service_tier', '"priority"'],
    ['service_tier', '"flex"'],
    ['modalities', '["text","audio"]'],
    ['web_search_options', '{}'],
  ])('%s: %s', async (param, value) => {
    const error = await refused(written(`"${param}":${value}`))
    expect(error).toMatchObject({ status: 400, code: 'feature_not_priced', param })
  })

  test.each(['0', '129', '-3', '1.5', '"2"'])('n: %s', async (value) => {
    expect(await refused(written(`"n":${value}`))).toMatchObject({ status: 400, param: 'n' })
  })

  test.each(['"auto"', '"default"', 'null'])('but service_tier %s is served', async (value) => {
    expect((await post(farebox, customer.secret, written(`"service_tier":${value}`))).status).toBe(200)
  })
})

describe('a body over the limit of 32 MiB is 400', () => {
  const LIMIT = 32 * 1024 * 1024

  /** The reply to a body that is sent in pieces until an answer comes. */
  function send(headers: Record<string, string | number>, pieces: number): Promise<Response> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`${farebox.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${customer.secret}`, ...headers },
      })
      let answered = false
      outgoing.on('response', (incoming) => {
        answered = true
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const { statusCode: status = 0, headers: heads } = incoming
          const type = heads['content-type'] ?? ''
          resolve(new Response(Buffer.concat(chunks), { status, headers: { 'content-type': type } }))
          outgoing.destroy()
        })
      })
      outgoing.on('error', (error) => answered || reject(error))
      const piece = Buffer.alloc(1024 * 1024, 0x20)
      const write = (left: number): void => {
        if (answered || left === 0) return
        outgoing.write(piece, () => write(left - 1))
      }
      if (pieces === 0) outgoing.flushHeaders()
      else write(pieces)
    })
  }

  test('as soon as its length is announced, before any of it is sent', async () => {
    const response = await send({ 'content-length': LIMIT + 1 }, 0)
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ code: 'body_too_large' })
    await untouched()
  })

  test('as soon as its chunks have come to more', async () => {
    const response = await send({ 'transfer-encoding': 'chunked' }, 40)
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ code: 'body_too_large' })
    await untouched()
  })
})

test('an address that nothing answers is 404', async () => {
  const response = await fetch(`${farebox.url}/v1/nothing`)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ errorCode: 'not_found', statusCode: 404 })
})

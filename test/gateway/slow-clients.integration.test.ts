import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { ask, onlyEventOf, priceOf } from './gateway-reads.ts'
import { type OddProvider, startOddProvider, usageChunk } from './odd-provider.ts'

const CHUNK = `data: {"choices":[],"padding":"${'x'.repeat(64 * 1024)}"}\n\n`
const CHUNKS = 1_024

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

/** Sends 64 MiB as fast as it is taken; tells how much that was so far. */
function pouring(): () => number {
  let sent = 0
  odd.answer = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const pour = () => {
      while (sent < CHUNKS) {
        sent += 1
        if (!response.write(CHUNK)) return response.once('drain', pour)
      }
      return response.end(`data: ${usageChunk()}\n\ndata: [DONE]\n\n`)
    }
    pour()
  }
  return () => sent
}

/** The head of a stream whose body is not read yet. */
function open({ secret }: Customer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${farebox.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
    })
    outgoing.on('response', resolve).on('error', reject)
    outgoing.end(JSON.stringify(ask('pour', { stream: true })))
  })
}

/** Waits until a figure has stopped growing for a while. */
async function settled(figure: () => number): Promise<number> {
  let last = figure()
  let same = 0
  const grown = () => {
    same = figure() === last ? same + 1 : 0
    last = figure()
    return same
  }
  await expect.poll(grown, PATIENCE).toBeGreaterThan(25)
  return last
}

test('a client that reads slowly slows the provider down instead of filling our memory, and misses nothing', async () => {
  const customer = await farebox.customer()
  const sent = pouring()
  const response = await open(customer)
  expect(await settled(sent)).toBeLessThan(CHUNKS / 2)
  let received = 0
  let end = ''
  for await (const piece of response) {
    received += (piece as Buffer).length
    end = (piece as Buffer).subarray(-20).toString()
  }
  expect(received).toBeGreaterThanOrEqual(CHUNKS * CHUNK.length)
  expect(end).toContain('data: [DONE]\n\n')
  expect((await onlyEventOf(farebox, customer)).price).toBe(priceOf({ input: 10, output: 20 }))
  expect(await farebox.verify()).toBe(CLEAN)
})

test('a client that stops reading and leaves ends the request, with no hold left', async () => {
  const customer = await farebox.customer()
  const sent = pouring()
  const response = await open(customer)
  await settled(sent)
  response.destroy()
  expect(await onlyEventOf(farebox, customer)).toMatchObject({ status: 'CLIENT_ABORTED' })
  expect(await farebox.rows('SELECT request_id FROM hold')).toEqual([])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, eventsOf, post } from './gateway-reads.ts'
import { contentChunk, events, json, type OddProvider, startOddProvider, wholeReply } from './odd-provider.ts'

const IN_PROMPT = 'prompt-marker-7c1f'
const IN_COMPLETION = 'completion-marker-9e2d'

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

/** Every value of every table, as text; bytes also as the text they may hold. */
async function everythingStored(): Promise<string> {
  const tables = await farebox.rows<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  )
  expect(tables.length).toBeGreaterThan(15)
  const dumps = tables.map(async ({ name }) =>
    (await farebox.rows<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`)).map(({ row }) => row),
  )
  return (await Promise.all(dumps)).flat().join('\n')
}

test('no prompt and no completion is found in any table or in the log, however the requests ended', async () => {
  const customer = await farebox.customer()
  const poor = await farebox.customer({ creditNano: 1n })
  const chunks = [contentChunk(IN_COMPLETION), contentChunk(IN_COMPLETION)]
  const error = JSON.stringify({ error: { message: `you said ${IN_PROMPT}, I say ${IN_COMPLETION}`, type: 'x' } })
  const answers: [string, OddProvider['answer'], object?][] = [
    ['whole', (response) => json(response, 200, wholeReply(IN_COMPLETION))],
    ['whole, counted here', (response) => json(response, 200, wholeReply(IN_COMPLETION, null))],
    ['stream, counted here', (response) => events(response, [...chunks, '[DONE]']), { stream: true }],
    ['refusal that quotes', (response) => json(response, 400, error)],
    ['failure that quotes', (response) => json(response, 500, error)],
    ['not JSON', (response) => response.end(`<html>${IN_COMPLETION}`)],
    ['odd usage', (response) => json(response, 200, wholeReply(IN_COMPLETION, { prompt_tokens: IN_COMPLETION }))],
    [
      'stream that breaks off',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`data: ${chunks[0]}\n\ndata: {"choices":"${IN_COMPLETION}`, () => response.destroy())
      },
      { stream: true },
    ],
  ]
  for (const [, answer, more] of answers) {
    odd.answer = answer
    const response = await post(farebox, customer.secret, ask(IN_PROMPT, { ...more, user: IN_PROMPT }))
    await response.text()
  }
  expect(await eventsOf(farebox, customer)).toHaveLength(answers.length)
  await post(farebox, poor.secret, ask(IN_PROMPT))
  await post(farebox, customer.secret, ask('hi', { model: IN_PROMPT }))
  await post(farebox, customer.secret, ask('hi', { service_tier: IN_PROMPT }))
  await post(farebox, customer.secret, `{"model":"priced","messages":"${IN_PROMPT}`)
  await post(farebox, customer.secret, `{"${IN_PROMPT}":1,"${IN_PROMPT}":2}`)

  const stored = await everythingStored()
  expect(stored).toContain(customer.accountId)
  const log = farebox.log.join('\n')
  for (const marker of [IN_PROMPT, IN_COMPLETION]) {
    expect(stored.includes(marker), `${marker} in the database`).toBe(false)
    expect(log.includes(marker), `${marker} in the log`).toBe(false)
  }
})

test('no access key and no provider credential is found in any table or in the log', async () => {
  const customer = await farebox.customer()
  odd.answer = (response) => json(response, 200, wholeReply('hi'))
  await post(farebox, customer.secret, ask('hi'))
  await fetch(`${farebox.url}/v1/models?key=${customer.secret}`)
  const stored = await everythingStored()
  const log = farebox.log.join('\n')
  for (const secret of [customer.secret, 'key-of-first', 'key-of-second']) {
    expect(stored.includes(secret), 'in the database').toBe(false)
    expect(log.includes(secret), 'in the log').toBe(false)
  }
})

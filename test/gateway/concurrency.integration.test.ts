import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { ask, chargeOf, debitsOf, errorOf, post, priceOf, walletOf } from './gateway-reads.ts'
import { json, type OddProvider, startOddProvider, wholeReply } from './odd-provider.ts'

const REQUESTS = 500
const AFFORDED = 100
const CAP = 50

const BODY = ask('spend it all', { max_tokens: CAP })
/** The input is bounded by its bytes, with 64 tokens for the provider's chat template. */
const INPUT_MAX = Buffer.byteLength(JSON.stringify(BODY)) + 64
const HELD = priceOf({ input: INPUT_MAX, output: CAP })

let odd: OddProvider
let farebox: Farebox
beforeAll(async () => {
  odd = await startOddProvider()
  // Uses all that was held, so that nothing is given back which another request could take.
  const usage = { prompt_tokens: INPUT_MAX, completion_tokens: CAP }
  odd.answer = (response) => json(response, 200, wholeReply('spent', usage))
  farebox = await startFarebox({ providerUrl: odd.url })
})
afterAll(async () => {
  await odd.close()
  await farebox.close()
})
afterEach(async () => expect(await farebox.verify()).toBe(CLEAN))

/** Looks at the wallet again and again while the work runs; returns the least balance and free credit it ever saw. */
async function watched<Result>(customer: Customer, work: Promise<Result>) {
  let running = true
  const done = work.finally(() => {
    running = false
  })
  let least = { balance: AFFORDED * Number(HELD), free: AFFORDED * Number(HELD), debt: 0 }
  let looks = 0
  while (running) {
    const { balance, held, debt } = await walletOf(farebox, customer.accountId)
    least = {
      balance: Math.min(least.balance, Number(balance)),
      free: Math.min(least.free, Number(balance - held)),
      debt: Math.max(least.debt, Number(debt)),
    }
    looks += 1
  }
  return { result: await done, least, looks }
}

async function spendItAll(urls: readonly string[]): Promise<void> {
  const customer = await farebox.customer({ creditNano: BigInt(AFFORDED) * HELD })
  const replies = Array.from({ length: REQUESTS }, (_, index) =>
    post(farebox, customer.secret, BODY, { url: urls[index % urls.length] as string }),
  )
  const { result, least, looks } = await watched(customer, Promise.all(replies))
  expect(looks).toBeGreaterThan(3)
  expect(least.balance).toBeGreaterThanOrEqual(0)
  expect(least.free).toBeGreaterThanOrEqual(0)
  expect(least.debt).toBe(0)

  const passed = result.filter(({ status }) => status === 200)
  const refused = result.filter(({ status }) => status === 402)
  expect([passed.length, refused.length]).toEqual([AFFORDED, REQUESTS - AFFORDED])
  expect(passed.every((response) => chargeOf(response) === HELD)).toBe(true)
  const codes = await Promise.all(refused.map(async (response) => (await errorOf(response)).code))
  expect(new Set(codes)).toEqual(new Set(['insufficient_credits']))
  expect(await debitsOf(farebox, customer)).toHaveLength(AFFORDED)
  expect(await walletOf(farebox, customer.accountId)).toEqual({ balance: 0n, held: 0n, debt: 0n })
}

test('of 500 requests at once on a wallet that affords 100, exactly 100 pass and the balance is never below zero', async () => {
  await spendItAll([farebox.url])
})

test('the same through two serving instances on one database', async () => {
  const { port } = await farebox.another()
  await spendItAll([farebox.url, `http://127.0.0.1:${port}`])
})

test('many customers at once each get exactly what they can afford', async () => {
  const customers = await Promise.all(Array.from({ length: 20 }, () => farebox.customer({ creditNano: 5n * HELD })))
  const replies = customers.flatMap(({ secret }) => Array.from({ length: 10 }, () => post(farebox, secret, BODY)))
  const statuses = (await Promise.all(replies)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(100)
  for (const customer of customers) expect(await debitsOf(farebox, customer)).toHaveLength(5)
})

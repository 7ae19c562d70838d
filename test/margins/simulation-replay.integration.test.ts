import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PriceChange } from '../../src/margins/price-change.ts'
import { simulate } from '../../src/margins/simulate.ts'
import { ask, chargeOf, post } from '../gateway/gateway-reads.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { depsOf, EDITOR, type Names, namesOf, proposeAndSave } from './margins-world.ts'

let farebox: Farebox
let names: Names
beforeAll(async () => {
  farebox = await startFarebox()
  names = await namesOf(farebox)
})
afterAll(() => farebox.close())

const BODIES = [
  ask('hi'),
  ask('[[sandbox:tokens=77]] more'),
  ask('[[sandbox:tokens=1]] again', { model: 'doubled' }),
  ask('[[sandbox:tokens=50]] streamed', { stream: true, stream_options: { include_usage: true } }),
]

/** Sends every request for each customer; the sum of what the customers and the reseller were debited. */
async function sendAll(customers: readonly Customer[]): Promise<void> {
  for (const customer of customers) {
    for (const body of BODIES) {
      const response = await post(farebox, customer.secret, body)
      expect(response.status).toBe(200)
      await response.text()
    }
  }
}

interface Booked {
  requests: bigint
  wholesale: bigint
  cost: bigint
  price: bigint
}

async function booked(after: string): Promise<Booked & { last: string }> {
  const [row] = await farebox.rows<Record<keyof Booked | 'last', string>>(
    `SELECT count(*) AS requests, sum(wholesale_nano) AS wholesale, sum(cost_nano) AS cost, sum(price_nano) AS price,
            max(id::text) AS last
       FROM usage_event WHERE id > $1 AND status = 'COMPLETED'`,
    after,
  )
  const figure = (name: keyof Booked) => BigInt(row?.[name] ?? 0)
  const figures = { requests: figure('requests'), wholesale: figure('wholesale'), cost: figure('cost') }
  return { ...figures, price: figure('price'), last: row?.last ?? after }
}

test('what is simulated for real requests is what they are charged when they are sent again after the change', async () => {
  const deps = depsOf(farebox)
  await farebox.credit(farebox.resellerId, 10_000_000_000n)
  const customers = [await farebox.customer(), await farebox.customer({ resellerId: farebox.resellerId })]
  await sendAll(customers)
  const first = await booked('00000000-0000-0000-0000-000000000000')
  const changes: PriceChange[] = [
    {
      kind: 'PRICE_RULE',
      scope: { modelId: names.models.priced! },
      terms: { kind: 'ADDITION_PER_MILLION', addition: '0.333' },
    },
    {
      kind: 'COST_PROFILE',
      providerId: names.providers.first!,
      upstreamModel: 'upstream-priced',
      rates: { input: '0.7', output: '5.5' },
    },
  ]
  farebox.clock.advance(1_000)
  const result = await simulate(deps, { changes, days: 7, actor: EDITOR })
  if (!result.ok) throw new Error(JSON.stringify(result))
  const take = ({ requests, wholesale, cost, price }: Booked) => {
    return { requests, revenueNano: wholesale, costNano: cost, marginNano: wholesale - cost, priceNano: price }
  }
  expect(result.total.before).toEqual(take(first))
  expect(result.total.unchanged).toEqual(take(first))

  const [watched] = customers
  const before = chargeOf(await post(farebox, watched!.secret, BODIES[0]))
  for (const change of changes) await proposeAndSave(deps, change, { reason: 'prices that the test has simulated' })
  await expect.poll(async () => chargeOf(await post(farebox, watched!.secret, BODIES[0])), PATIENCE).not.toBe(before)
  // Both changes are known once a request names both versions.
  const versions = async () => {
    await post(farebox, watched!.secret, BODIES[0])
    const [row] = await farebox.rows<{ newest: boolean }>(
      `SELECT event.cost_profile_id = (SELECT id FROM cost_profile ORDER BY id DESC LIMIT 1)
          AND event.operator_rule_id = (SELECT id FROM price_rule ORDER BY id DESC LIMIT 1) AS newest
         FROM usage_event event ORDER BY event.id DESC LIMIT 1`,
    )
    return row?.newest
  }
  await expect.poll(versions, PATIENCE).toBe(true)
  const { last } = await booked('00000000-0000-0000-0000-000000000000')
  await sendAll(customers)
  expect(result.total.after).toEqual(take(await booked(last)))
  expect(await farebox.verify()).toBe(CLEAN)
})

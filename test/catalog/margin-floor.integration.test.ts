import { expect, test } from 'vitest'
import { applyCatalog } from '../../src/catalog/apply-catalog.ts'
import { applied, apply, base, clock, contents, HOUR_MS, SECRET, setUpCatalogWorld, world } from './catalog-world.ts'

setUpCatalogWorld()

const under = () => base(['discountBps: 0', 'discountBps: 1000'])

test('a rule that sells under cost is refused with the model named, and writes nothing', async () => {
  await applied(base())
  const before = await contents()
  const result = await apply(under())
  expect(result).toMatchObject({ ok: false, reason: 'under_margin_floor' })
  expect(!result.ok && result.problems[0]).toBe(
    'model big via openai/big-1, customers: price under cost: input 2.7 < 3, cacheRead 2.7 < 3, cacheWrite5m 2.7 < 3, cacheWrite1h 2.7 < 3, output 13.5 < 15, input 5.4 < 6 above 100000 input tokens, cacheRead 5.4 < 6 above 100000 input tokens, cacheWrite5m 5.4 < 6 above 100000 input tokens, cacheWrite1h 5.4 < 6 above 100000 input tokens, output 20.25 < 22.5 above 100000 input tokens',
  )
  expect(await contents()).toEqual(before)
})

test('with a reason it is applied, the reason is kept, and later applies do not ask again', async () => {
  await applied(base())
  const result = await apply(under(), 'launch week')
  expect(result).toMatchObject({ ok: true, changed: true })
  const { rows } = await world.client.query(`SELECT value FROM setting WHERE key LIKE 'catalog.acknowledgement.%'`)
  expect(rows).toMatchObject([{ value: { reason: 'launch week', at: new Date(world.time).toISOString() } }])
  expect(await apply(under())).toMatchObject({ ok: true, changed: false })
})

test('an empty reason is none', async () => {
  await applied(base())
  expect(await apply(under(), '  ')).toMatchObject({ ok: false, reason: 'under_margin_floor' })
})

test('a cost that rises above an absolute price is refused, also when it rises only later', async () => {
  const absolute = 'kind: ABSOLUTE, price: { input: 0.16, output: 0.7 }, model: mini'
  const withRule = (cost: string) =>
    base(['kind: DISCOUNT_OFF_LIST, discountBps: 0, model: big', absolute], ['cost: { input: 0.1, output: 0.5 }', cost])
  await applied(withRule('cost: { input: 0.1, output: 0.5 }'))
  const later = new Date(world.time + HOUR_MS).toISOString()
  const result = await apply(withRule(`cost: { input: 0.1, output: 0.8, effectiveFrom: ${later} }`))
  expect(result).toMatchObject({
    ok: false,
    problems: ['model mini via groq/mini, customers: price under cost: output 0.7 < 0.8'],
  })
})

test('an operator’s price above a reseller’s is refused in the reseller’s name', async () => {
  const reseller = (markupBps: number) =>
    base(
      [
        'kind: MARKUP_ON_COST, markupBps: 1000, seller: acme',
        'kind: ABSOLUTE, price: { input: 0.16, output: 0.7 }, seller: acme, model: mini',
      ],
      ['markupBps: 500', `markupBps: ${markupBps}`],
    )
  await applied(reseller(500))
  const result = await apply(reseller(2000))
  expect(result).toMatchObject({
    ok: false,
    problems: [
      'model mini via openai/mini-2024, customers of acme: price under wholesale price: input 0.16 < 0.18, cacheWrite5m 0.16 < 0.18, cacheWrite1h 0.16 < 0.18, output 0.7 < 0.72',
    ],
  })
})

test('the floor is a parameter', async () => {
  // Plan gold pays cost + 100 bps, others cost + 0 for the big model. A reseller that earns 13 bps is not the operator's affair.
  const result = await applyCatalog(world.client, base(), { secret: SECRET, clock, marginFloorBps: 50 })
  expect(!result.ok && result.problems.map((problem) => problem.split(': ').slice(0, 2))).toEqual([
    ['model big via openai/big-1, customers', 'price under cost and floor'],
  ])
  expect(await apply(base())).toMatchObject({ ok: true })
})

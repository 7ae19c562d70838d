import fc from 'fast-check'
import pg from 'pg'
import { loadCatalog } from '../../src/catalog/load-catalog.ts'
import type { Caller } from '../../src/gateway/authenticate.ts'
import { createPricePlans } from '../../src/gateway/price-plans.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import type { MarginDeps } from '../../src/margins/margin-deps.ts'
import type { PriceChange } from '../../src/margins/price-change.ts'
import { formatDecimalNano } from '../../src/money/nano.ts'
import type { PriceRule } from '../../src/pricing/price-rule.ts'
import { compilePricePlan, type Quote, quote } from '../../src/pricing/quote.ts'
import { type RateCard, rateCardToJson } from '../../src/pricing/rate-card.ts'
import type { TokenUsage } from '../../src/pricing/token-usage.ts'
import { anyCard, planInput, usage } from '../pricing/price-arbitraries.ts'
import type { TestDatabase } from '../support/test-database.ts'

export const DAY_MS = 24 * 3_600_000

/** Two providers serve two models; a reseller has a customer, the operator two: one is on a plan, one has a rule. */
export interface SimulationWorld {
  deps: MarginDeps
  pool: pg.Pool
  clock: { now: () => number; time: number }
  resellerId: string
  accounts: string[]
  routes: string[]
  models: string[]
  providers: string[]
  planId: string
}

export interface PriceSet {
  costs: RateCard[]
  lists: RateCard[]
  rules: PriceRule[]
  resellerFeeNano: bigint | null
}

export interface SimulatedRequest {
  account: number
  route: number
  ownKey: boolean
  usage: TokenUsage
  /** Into the last seven days. */
  ageMs: number
}

const ruleOf = planInput(anyCard).map(({ operatorRule }) => operatorRule!)

export const priceSet: fc.Arbitrary<PriceSet> = fc.record({
  costs: fc.array(anyCard, { minLength: 3, maxLength: 3 }),
  lists: fc.array(anyCard, { minLength: 2, maxLength: 2 }),
  rules: fc.array(ruleOf, { minLength: 6, maxLength: 6 }),
  resellerFeeNano: fc.option(fc.bigInt({ min: 0n, max: 90_000_001n })),
})

/** Some of them several times, as a load of equal requests has them. */
export const requestsOf: fc.Arbitrary<SimulatedRequest[]> = fc
  .array(
    fc.record({
      account: fc.nat({ max: 2 }),
      route: fc.nat({ max: 2 }),
      ownKey: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      usage,
      ageMs: fc.integer({ min: 10, max: 7 * DAY_MS }),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((all) =>
    all.flatMap(({ times, ...request }) =>
      Array.from({ length: times }, (_, at) => ({ ...request, ageMs: request.ageMs - at })),
    ),
  )

/** A change of any kind, as a person would write it; of a world that is known only later. */
export const anyChange: fc.Arbitrary<(world: SimulationWorld) => PriceChange> = fc.oneof(
  fc.tuple(anyCard, fc.nat({ max: 2 })).map(
    ([card, route]) =>
      (world: SimulationWorld): PriceChange => ({
        ...{ kind: 'COST_PROFILE', providerId: world.providers[route % 2]!, upstreamModel: `upstream-${route}` },
        rates: writtenCard(card),
      }),
  ),
  fc.tuple(anyCard, fc.nat({ max: 1 })).map(
    ([card, model]) =>
      (world: SimulationWorld): PriceChange => ({
        ...{ kind: 'LIST_PRICE', modelId: world.models[model]!, rates: writtenCard(card) },
      }),
  ),
  fc.tuple(ruleOf, fc.nat({ max: 4 })).map(
    ([rule, scope]) =>
      (world: SimulationWorld): PriceChange => ({
        ...{ kind: 'PRICE_RULE', terms: writtenTerms(rule) },
        ...(scope === 4 && { sellerId: world.resellerId }),
        scope: [
          {},
          { modelId: world.models[0]! },
          { accountId: world.accounts[1]! },
          { providerId: world.providers[1]! },
          {},
        ][scope]!,
      }),
  ),
)

function writtenCard({ tiers, perRequestNano }: RateCard) {
  const [first, ...above] = tiers.map(({ aboveInputTokens, rates }) => ({
    aboveInputTokens: String(aboveInputTokens),
    ...(Object.fromEntries(Object.entries(rates).map(([name, nano]) => [name, formatDecimalNano(nano)])) as {
      input: string
      output: string
    }),
  }))
  const { aboveInputTokens: _, ...rates } = first!
  return { ...rates, perRequest: formatDecimalNano(perRequestNano), tiers: above }
}

function writtenTerms(rule: PriceRule): (PriceChange & { kind: 'PRICE_RULE' })['terms'] {
  switch (rule.kind) {
    case 'MARKUP_ON_COST':
      return { kind: rule.kind, markup: `${rule.markupBps} bps` }
    case 'ADDITION_PER_MILLION':
      return { kind: rule.kind, addition: formatDecimalNano(rule.additionNano) }
    case 'DISCOUNT_OFF_LIST':
      return { kind: rule.kind, discount: `${rule.discountBps} bps` }
    case 'ABSOLUTE':
      return { kind: rule.kind, rates: writtenCard(rule.rateCard) }
  }
}

export async function createSimulationWorld(database: TestDatabase): Promise<SimulationWorld> {
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 4 })
  const clock = { time: Date.parse('2026-03-01T00:00:00.000Z'), now: () => clock.time }
  const id = () => uuidV7(clock)
  const [models, providers, routes, accounts, resellerId, planId] = [
    [id(), id()],
    [id(), id()],
    [id(), id(), id()],
    [id(), id(), id()],
    id(),
    id(),
  ]
  await pool.query(`INSERT INTO plan (id, slug, name) VALUES ($1, 'gold', 'Gold')`, [planId])
  for (const [at, model] of models.entries()) {
    await pool.query(
      'INSERT INTO model (id, name, context_window, max_output_tokens, created_at) VALUES ($1, $2, 1000, 1000, now())',
      [model, `model-${at}`],
    )
    await pool.query(
      `INSERT INTO provider (id, slug, name, protocol, base_url, created_at) VALUES ($1, $2, $2, 'openai', 'http://x.test', now())`,
      [providers[at], `provider-${at}`],
    )
  }
  for (const [at, route] of routes.entries()) {
    await pool.query(
      'INSERT INTO route (id, model_id, provider_id, upstream_model, created_at) VALUES ($1, $2, $3, $4, now())',
      [route, models[at < 2 ? 0 : 1], providers[at % 2], `upstream-${at}`],
    )
  }
  const account = `INSERT INTO account (id, kind, name, slug, reseller_id, plan_id, created_at) VALUES ($1, $2, $3, $3, $4, $5, now())`
  await pool.query(account, [resellerId, 'RESELLER', 'reseller', null, null])
  await pool.query(account, [accounts[0], 'CUSTOMER', 'on-plan', null, planId])
  await pool.query(account, [accounts[1], 'CUSTOMER', 'with-rule', null, null])
  await pool.query(account, [accounts[2], 'CUSTOMER', 'resold', resellerId, null])
  return {
    deps: { pool, clock, operatorFeeNano: 50_000_001n },
    pool,
    clock,
    resellerId,
    accounts,
    routes,
    models,
    providers,
    planId,
  }
}

/** New versions of every price, from now on; nothing else is in force. */
export async function setPrices(world: SimulationWorld, prices: PriceSet): Promise<void> {
  const { pool, clock, models, providers, accounts, resellerId, planId } = world
  const now = new Date(clock.time)
  for (const [at, card] of prices.costs.entries()) {
    await pool.query(
      'INSERT INTO cost_profile (id, provider_id, upstream_model, rates, effective_from, created_at) VALUES ($1, $2, $3, $4, $5, $5)',
      [uuidV7(clock), providers[at % 2], `upstream-${at}`, JSON.stringify(rateCardToJson(card)), now],
    )
  }
  for (const [at, card] of prices.lists.entries()) {
    await pool.query(
      'INSERT INTO list_price (id, model_id, rates, effective_from, created_at) VALUES ($1, $2, $3, $4, $4)',
      [uuidV7(clock), models[at], JSON.stringify(rateCardToJson(card)), now],
    )
  }
  await pool.query('UPDATE price_rule SET retired_at = $1 WHERE retired_at IS NULL', [now])
  // Seller, account, plan, model.
  const places: (string | null)[][] = [
    [null, null, null, null],
    [null, accounts[1]!, null, null],
    [null, null, planId, null],
    [null, null, null, models[1]!],
    [resellerId, null, null, null],
    [null, resellerId, null, models[0]!],
  ]
  for (const [at, rule] of prices.rules.entries()) {
    await pool.query(
      `INSERT INTO price_rule (id, seller_id, account_id, plan_id, model_id, kind, markup_bps, addition_nano, discount_bps, rates, effective_from, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
      [
        ...[uuidV7(clock), ...places[at]!, rule.kind],
        rule.kind === 'MARKUP_ON_COST' ? rule.markupBps : null,
        rule.kind === 'ADDITION_PER_MILLION' ? rule.additionNano : null,
        rule.kind === 'DISCOUNT_OFF_LIST' ? rule.discountBps : null,
        rule.kind === 'ABSOLUTE' ? JSON.stringify(rateCardToJson(rule.rateCard)) : null,
        now,
      ],
    )
  }
  await pool.query('UPDATE account SET seller_fee_nano = $2 WHERE id = $1', [resellerId, prices.resellerFeeNano])
}

/** What the gateway charges for each request now: its own catalog and its own price plans. */
export async function chargesNow(
  world: SimulationWorld,
  requests: readonly SimulatedRequest[],
  resellerFeeNano: bigint | null,
): Promise<Quote[]> {
  const { pool, clock, deps, accounts, routes, resellerId, planId } = world
  const snapshot = await loadCatalog(pool, 'secret', {}, undefined, clock)
  const plans = createPricePlans(snapshot, deps.operatorFeeNano)
  return requests.map((request) => {
    const reseller = request.account === 2 ? { id: resellerId, planId: null, feeNano: resellerFeeNano } : null
    const caller = {
      accountId: accounts[request.account]!,
      planId: request.account === 0 ? planId : null,
      reseller,
    } as Caller
    const model = snapshot.models[request.route < 2 ? 0 : 1]!
    const route = model.routes.find((each) => each.id === routes[request.route])!
    const compiled = request.ownKey
      ? compilePricePlan({
          ...{ cost: null, list: null, operatorRule: null, operatorFeeNano: deps.operatorFeeNano, ownKey: true },
          reseller: reseller && { rule: null, feeNano: resellerFeeNano ?? deps.operatorFeeNano },
        })
      : plans.planFor(caller, model, route, clock.time)
    if (!compiled.ok) throw new Error(compiled.missing)
    return quote(compiled.plan, request.usage)
  })
}

/** Books requests at the prices that they were quoted, as the gateway does. */
export async function book(
  world: SimulationWorld,
  requests: readonly SimulatedRequest[],
  quotes: readonly Quote[],
  now: number,
): Promise<void> {
  const rows = requests.map((request, at) => eventRow(world, request, quotes[at]!, now - request.ageMs))
  await world.pool.query('SELECT ensure_usage_partitions($1, $2)', [new Date(now - 8 * DAY_MS), new Date(now + DAY_MS)])
  await world.pool.query(
    'INSERT INTO usage_event SELECT (jsonb_populate_record(NULL::usage_event, one)).* FROM jsonb_array_elements($1) AS one',
    [JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))],
  )
}

function eventRow(world: SimulationWorld, request: SimulatedRequest, quoted: Quote, at: number) {
  const accountId = world.accounts[request.account]
  return {
    id: uuidV7({ now: () => at }),
    ...{ account_id: accountId, project_id: accountId, access_key_id: accountId, surface: 'test', model: 'model' },
    reseller_id: request.account === 2 ? world.resellerId : null,
    route_id: world.routes[request.route],
    ...{ status: 'COMPLETED', http_status: 200, streaming: false, estimated: false, own_key: request.ownKey },
    input_tokens: request.usage.inputTokens,
    cache_read_tokens: request.usage.cacheReadTokens,
    cache_write_5m_tokens: request.usage.cacheWrite5mTokens,
    cache_write_1h_tokens: request.usage.cacheWrite1hTokens,
    output_tokens: request.usage.outputTokens,
    reasoning_tokens: 0,
    ...{
      currency: 'USD',
      cost_nano: quoted.costNano,
      wholesale_nano: quoted.wholesaleNano,
      price_nano: quoted.priceNano,
    },
    ...{ operator_fee_nano: quoted.operatorFeeNano, seller_fee_nano: quoted.sellerFeeNano, exposure_nano: 0 },
    operator_rule_id: quoted.versions.operatorRuleId,
    ...{ attempts: 1, latency_ms: 1, created_at: new Date(at).toISOString() },
  }
}

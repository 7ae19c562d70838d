import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { accountEvents, readGeneration } from '../../src/reports/usage/account-events.ts'
import { accountSpendSummary } from '../../src/reports/usage/account-spend-summary.ts'
import { accountTransactions, type Transaction } from '../../src/reports/usage/account-transactions.ts'
import { accountUsage } from '../../src/reports/usage/account-usage.ts'
import { captureOf, creditOf, requestOf } from '../ledger/ledger-fixture.ts'
import { allEvents, between, grouped, naiveSpending, type StoredEvent } from './naive-usage.ts'
import { openReportWorld, periods, type ReportWorld } from './report-world.ts'
import { DAY_MS, HOUR_MS, insertEvents } from './usage-world.ts'

const COLUMNS = { key: 'access_key_id', project: 'project_id', provider: 'provider_id', model: 'model' } as const
const MINUTE_MS = 60_000

let world: ReportWorld
let account: string
beforeAll(async () => {
  world = await openReportWorld()
  account = world.customers[0] as string
  await world.addEvents(700, 7)
  await world.rollUp()
  const now = world.clock.now()
  const recent = Array.from({ length: 40 }, (_, index) => ({
    at: now - index * MINUTE_MS,
    accountId: account,
    seed: index,
  }))
  await insertEvents(world.pool, recent)
})
afterAll(() => world.close())

const eventsOf = async (accountId: string) =>
  (await allEvents(world.pool)).filter((event) => event.account_id === accountId)
const plain = (value: unknown) => JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? one.toString() : one))

describe('usage of an account', () => {
  test('says of every group and bucket what its events say, whatever of them is summed', async () => {
    for (const { from, to } of periods(world.clock.now(), 8, 3)) {
      const events = between(await eventsOf(account), from, to)
      for (const groupBy of ['key', 'project', 'provider', 'model'] as const) {
        const found = await accountUsage(world, { accountId: account, from, to, groupBy, metric: 'cost' })
        expect(found.totals).toEqual(naiveSpending(events))
        const groups = new Map([...grouped(events, COLUMNS[groupBy])].map(([key, own]) => [key, naiveSpending(own)]))
        expect(new Map(found.groups.map(({ key, figures }) => [key, figures]))).toEqual(groups)
        expectSeries(found.series, events, COLUMNS[groupBy], found.bucket === 'hour' ? HOUR_MS : DAY_MS)
        expect(found.series.length).toBeLessThanOrEqual(9)
      }
    }
  })

  function expectSeries(
    series: Awaited<ReturnType<typeof accountUsage>>['series'],
    events: readonly StoredEvent[],
    column: string,
    length: number,
  ): void {
    const shown = new Set(series.map(({ key }) => key))
    for (const { key, points } of series) {
      const own = events.filter((event) => {
        const of = [...grouped([event], column).keys()][0] as string
        return key === null ? !shown.has(of) : of === key
      })
      for (const { at, figures } of points) expect(figures).toEqual(naiveSpending(between(own, at, at + length)))
      expect(points.reduce((sum, { figures }) => sum + figures.requests, 0n)).toBe(BigInt(own.length))
    }
  }

  test('by date is a row a day, and by hours a row an hour', async () => {
    const day = world.clock.now() - (world.clock.now() % DAY_MS)
    const events = await eventsOf(account)
    const days = await accountUsage(world, { accountId: account, from: day - 30 * DAY_MS, to: day + DAY_MS })
    expect(days.groups.length).toBe(31)
    for (const { key, figures } of days.groups) {
      expect(figures).toEqual(naiveSpending(between(events, Date.parse(key), Date.parse(key) + DAY_MS)))
    }
    const hours = await accountUsage(world, { accountId: account, from: day - DAY_MS, to: day + DAY_MS })
    expect(hours.groups.length).toBe(48)
    for (const { key, figures } of hours.groups) {
      expect(figures).toEqual(naiveSpending(between(events, Date.parse(key), Date.parse(key) + HOUR_MS)))
    }
  })

  test('can be narrowed to a model, a key, a project and a provider', async () => {
    const now = world.clock.now()
    const [from, to] = [now - 40 * DAY_MS, now]
    const events = between(await eventsOf(account), from, to)
    const accessKeyId = events[0]?.access_key_id as string
    const asked = {
      accountId: account,
      from,
      to,
      filters: { accessKeyId, model: 'small', providerId: world.providers[0] },
    }
    const own = events.filter(
      (event) =>
        event.access_key_id === accessKeyId && event.model === 'small' && event.provider_id === world.providers[0],
    )
    expect((await accountUsage(world, asked)).totals).toEqual(naiveSpending(own))
  })

  test('tells nothing of what it cost others, nor of another account', async () => {
    const now = world.clock.now()
    const found = plain(
      await accountUsage(world, { accountId: account, from: now - 40 * DAY_MS, to: now, groupBy: 'key' }),
    )
    expect(found).not.toMatch(/wholesale|margin|provider_?cost/i)
    const events = between(await eventsOf(account), now - 40 * DAY_MS, now)
    for (const column of ['cost_nano', 'wholesale_nano']) {
      expect(found).not.toContain(`"${events.reduce((sum, event) => sum + BigInt(event[column] as string), 0n)}"`)
    }
  })

  test.each([
    ['a period too long', { from: 0, to: 367 }, {}, 'to'],
    ['a group that there is not', { from: 0, to: 1 }, { groupBy: 'customer' }, 'groupBy'],
    ['a filter that is no id', { from: 0, to: 1 }, { filters: { projectId: 'x' } }, 'filters.projectId'],
  ])('%s is refused by the name of the field', async (_what, { from, to }, more, field) => {
    const now = world.clock.now()
    const asked = { accountId: account, from: now + from * DAY_MS, to: now + to * DAY_MS, ...more }
    await expect(accountUsage(world, asked as Parameters<typeof accountUsage>[1])).rejects.toMatchObject({
      code: 'invalid_request',
      field,
    })
  })
})

test('the summary has spending of today, a week and a month beside the time before, and how long credit lasts', async () => {
  const now = world.clock.now()
  await world.ledger.credit(creditOf(account, 900_000_000n, world.clock, now + 3 * DAY_MS))
  await world.ledger.credit(creditOf(account, 5_000_000_000n, world.clock))
  await world.ledger.authorize(requestOf(world.clock, account, { price: 1_234n }))
  const events = await eventsOf(account)
  const found = await accountSpendSummary(world, { accountId: account })
  const midnight = now - (now % DAY_MS)
  for (const [period, from, back] of [
    [found.today, midnight, DAY_MS],
    [found.week, now + 1 - 7 * DAY_MS, 7 * DAY_MS],
    [found.month, now + 1 - 30 * DAY_MS, 30 * DAY_MS],
  ] as const) {
    expect(period.figures).toEqual(naiveSpending(between(events, from, now + 1)))
    expect(period.before.figures).toEqual(naiveSpending(between(events, from - back, now + 1 - back)))
  }
  expect(found).toMatchObject({ balanceNano: 5_900_000_000n, heldNano: 1_234n, availableNano: 5_899_998_766n })
  expect(found.dailySpendNano).toBe((2n * found.week.figures.costNano + 7n) / 14n)
  expect(found.daysLeft).toBe(found.availableNano / found.dailySpendNano)
  expect(found.nextExpiry).toEqual({ at: now + 3 * DAY_MS, amountNano: 900_000_000n })
})

describe('the audit trail', () => {
  const expected = async (accountId: string, condition: (event: StoredEvent) => boolean) =>
    (await eventsOf(accountId))
      .filter(condition)
      .map(({ id }) => id)
      .sort()
      .reverse()

  async function walk(filters: Record<string, unknown>, limit: number, between2 = async () => {}): Promise<string[]> {
    const found: string[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page: Awaited<ReturnType<typeof accountEvents>> = await accountEvents(world, {
        accountId: account,
        filters,
        limit,
        cursor,
      })
      found.push(...page.events.map(({ id }) => id))
      cursor = page.next
      pages += 1
      await between2()
    } while (cursor && pages < 1_000)
    return found
  }

  test('has each request once, the newest first, in pages of any size and under every filter', async () => {
    const now = world.clock.now()
    const key = (await eventsOf(account))[3]?.access_key_id as string
    const cases: [Record<string, unknown>, (event: StoredEvent) => boolean][] = [
      [{}, () => true],
      [{ model: 'rare-3' }, ({ model }) => model === 'rare-3'],
      [{ model: 'nobody knows' }, () => false],
      [{ status: 'FAILED', streaming: true }, (event) => event.status === 'FAILED' && event.streaming === true],
      [{ accessKeyId: key }, (event) => event.access_key_id === key],
      [{ providerId: world.providers[1] }, (event) => event.provider_id === world.providers[1]],
      [{ providerId: '00000000-0000-0000-0000-000000000000' }, (event) => event.provider_id === null],
      [
        { from: now - 9 * DAY_MS - 12_345, to: now - 2 * DAY_MS, model: 'small' },
        (event) =>
          event.model === 'small' &&
          event.created_at.getTime() >= now - 9 * DAY_MS - 12_345 &&
          event.created_at.getTime() < now - 2 * DAY_MS,
      ],
    ]
    for (const [filters, condition] of cases) {
      const ids = await expected(account, condition)
      for (const limit of [1, 7, 1_000]) expect(await walk(filters, limit)).toEqual(ids)
    }
  })

  test('neither repeats nor hides a request while others arrive and are summed', async () => {
    const before = await expected(account, ({ model }) => model === 'small')
    let at = world.clock.now()
    const arrive = async () => {
      at += 1_000
      await insertEvents(world.pool, [{ at, accountId: account, model: 'small' }])
      await world.rollUp()
    }
    expect(await walk({ model: 'small' }, 5, arrive)).toEqual(before)
  })

  test('shows of one request what its customer may see, and to nobody else', async () => {
    const event = (await eventsOf(account)).find(({ status }) => status === 'COMPLETED') as StoredEvent
    const found = await readGeneration(world, account, event.id)
    expect(found).toMatchObject({
      id: event.id,
      costNano: BigInt(event.price_nano as string),
      marketNano: event.list_nano === null ? null : BigInt(event.list_nano as string),
      cacheWriteTokens: Number(event.cache_write_5m_tokens) + Number(event.cache_write_1h_tokens),
    })
    expect(Object.keys(found ?? {}).join()).not.toMatch(/wholesale|margin|fee|exposure|rule|reseller|upstream/i)
    expect(plain(found)).not.toContain(`"${event.wholesale_nano}"`)
    for (const other of world.customers.slice(1)) expect(await readGeneration(world, other, event.id)).toBeNull()
    expect(await readGeneration(world, account, 'no id')).toBeNull()
    expect(await readGeneration(world, account, uuidV7(world.clock))).toBeNull()
  })

  test.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1_001 }, 'limit'],
    [{ limit: 5, cursor: 'x' }, 'cursor'],
    [{ limit: 5, filters: { status: 'GOOD' } }, 'filters.status'],
    [{ limit: 5, filters: { from: 2_000_000_000_000, to: 1_900_000_000_000 } }, 'filters.to'],
  ])('refuses %j by the name of the field', async (asked, field) => {
    const input = { accountId: account, ...asked } as Parameters<typeof accountEvents>[1]
    await expect(accountEvents(world, input)).rejects.toMatchObject({ code: 'invalid_request', field })
  })
})

describe('transactions', () => {
  let busy: string
  let from: number
  beforeAll(async () => {
    busy = await world.account(1_000_000_000n)
    from = world.clock.now()
    for (let day = 0; day < 4; day += 1) {
      for (let count = 0; count < 9; count += 1) {
        const request = requestOf(world.clock, busy, { price: 1_000n })
        await world.ledger.authorize(request)
        await world.ledger.resolve(captureOf(request, 100n + BigInt(count)))
        if (count === 4)
          await world.ledger.credit(creditOf(busy, 1_000n + BigInt(day), world.clock, from + 90 * DAY_MS))
        world.clock.advance(1.5 * HOUR_MS)
      }
      world.clock.advance(DAY_MS)
    }
  })

  async function walk(asked: Omit<Parameters<typeof accountTransactions>[1], 'accountId'>): Promise<Transaction[]> {
    const found: Transaction[] = []
    let cursor: bigint | null = null
    do {
      const page: Awaited<ReturnType<typeof accountTransactions>> = await accountTransactions(world, {
        ...asked,
        accountId: busy,
        cursor,
      })
      found.push(...page.transactions)
      cursor = page.next
    } while (cursor !== null)
    return found
  }
  const entries = async () =>
    (await world.pool.query('SELECT * FROM ledger_entry WHERE account_id = $1 ORDER BY seq DESC', [busy])).rows

  test('have each entry once, with the balance after it, in pages of any size', async () => {
    const all = (await entries()).map((row) => [
      BigInt(row.seq),
      BigInt(row.amount_nano),
      BigInt(row.balance_after_nano),
    ])
    for (const limit of [1, 7, 500]) {
      const found = await walk({ usage: 'each', limit })
      expect(found.map((line) => [line.firstSeq, line.amountNano, line.balanceAfterNano])).toEqual(all)
    }
  })

  test('with usage by the day cover every entry once, chain, and never join two days or jump over another entry', async () => {
    const all = await entries()
    for (const limit of [1, 3, 100]) {
      const lines = await walk({ usage: 'daily', limit })
      expect(lines.length).toBeLessThan(all.length / 2)
      let below = all.length + 1
      let balance = BigInt(all[0].balance_after_nano)
      for (const line of lines) {
        const own = all.filter((row) => BigInt(row.seq) >= line.firstSeq && BigInt(row.seq) <= line.lastSeq)
        expect(Number(line.lastSeq)).toBe(below - 1)
        expect(line.balanceAfterNano).toBe(balance)
        expect(line.amountNano).toBe(own.reduce((sum, row) => sum + BigInt(row.amount_nano), 0n))
        expect(new Set(own.map((row) => `${row.kind} ${row.created_at.toISOString().slice(0, 10)}`)).size).toBe(1)
        if (line.kind === 'USAGE_DEBIT') expect(line.requests).toBe(BigInt(own.length))
        balance -= line.amountNano
        below = Number(line.firstSeq)
      }
      expect(below).toBe(1)
      expect(balance).toBe(0n)
    }
  })

  test('without usage, of some kinds and of some time are those entries', async () => {
    const all = await entries()
    const [begin, end] = [from + DAY_MS + 1, from + 4 * DAY_MS]
    const isWithin = (row: { created_at: Date }) => row.created_at.getTime() >= begin && row.created_at.getTime() < end
    const seqs = (lines: Transaction[]) => lines.map(({ firstSeq }) => firstSeq)
    const of = (condition: (row: { kind: string; created_at: Date }) => boolean) =>
      all.filter(condition).map((row) => BigInt(row.seq))
    expect(seqs(await walk({ usage: 'none', limit: 2 }))).toEqual(of(({ kind }) => kind !== 'USAGE_DEBIT'))
    expect(seqs(await walk({ usage: 'each', from: begin, to: end, limit: 4 }))).toEqual(of(isWithin))
    expect(seqs(await walk({ kinds: ['GRANT'], from: begin, to: end, limit: 4 }))).toEqual(
      of((row) => row.kind === 'GRANT' && isWithin(row)),
    )
    const daily = await walk({ usage: 'daily', from: begin, to: end, limit: 2 })
    const usage = all.filter((row) => row.kind === 'USAGE_DEBIT' && isWithin(row))
    const shown = daily.filter(({ kind }) => kind === 'USAGE_DEBIT')
    expect(shown.reduce((sum, { requests }) => sum + (requests ?? 0n), 0n)).toBe(BigInt(usage.length))
    expect(shown.reduce((sum, { amountNano }) => sum + amountNano, 0n)).toBe(
      usage.reduce((sum, row) => sum + BigInt(row.amount_nano), 0n),
    )
  })

  test('tell of a grant what is left of it and when it ends, and of usage which request it was', async () => {
    const lines = await walk({ usage: 'each', limit: 100 })
    const grant = lines.find(({ amountNano }) => amountNano === 1_003n)
    expect(grant).toMatchObject({
      type: 'Promotional credit',
      lot: { grantedNano: 1_003n, expiresAt: from + 90 * DAY_MS },
    })
    const usage = lines.find(({ kind }) => kind === 'USAGE_DEBIT')
    expect(await readGeneration(world, busy, usage?.generationId ?? '')).toMatchObject({
      costNano: -(usage?.amountNano ?? 0n),
    })
  })

  test('of an account that there is not are refused', async () => {
    await expect(accountTransactions(world, { accountId: uuidV7(world.clock), limit: 5 })).rejects.toMatchObject({
      code: 'account_not_found',
    })
    await expect(accountTransactions(world, { accountId: busy, limit: 101 })).rejects.toMatchObject({ field: 'limit' })
  })
})

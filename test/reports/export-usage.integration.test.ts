import { once } from 'node:events'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { exportUsage, type UsageExport } from '../../src/reports/export-usage.ts'
import { USAGE_EXPORT_COLUMNS, usageCsvQuery, usageJsonQuery } from '../../src/reports/sql/usage-export.ts'
import { PATIENCE } from '../support/farebox.ts'
import { parseCsv } from './export-parse-csv.ts'
import { type ExportWorld, openExportWorld } from './export-world.ts'

const FROM = Date.UTC(2026, 2, 30)
const TO = Date.UTC(2026, 3, 3)
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

let world: ExportWorld

beforeAll(async () => {
  world = await openExportWorld()
})
afterAll(() => world.close())

async function exported(
  accountId: string,
  format: UsageExport['format'],
  range = { from: FROM, to: TO },
): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await exportUsage(world, { accountId, format, ...range })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Each row of a CSV by the names of its columns. */
function records(csv: string): Record<string, string | null>[] {
  const [header = [], ...rows] = parseCsv(csv)
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? null])))
}

test('the three formats tell the same of a request, with exact amounts, and nothing of what it cost us', async () => {
  const { accountId, projectId, keyId } = await world.account({ project: 'Shop', key: 'Live' })
  const providerId = await world.provider('some-provider')
  const event = { at: FROM + 1, accountId, projectId, keyId, providerId, priceNano: 1n, listNano: 12_345_678_901n }
  const [id] = await world.write([{ ...event, clientIp: '2001:db8::1', userAgent: 'agent, "quoted"' }])
  const csv = await exported(accountId, 'csv')
  const told = {
    ...{ time: '2026-03-30T00:00:00.001Z', request_id: id, provider: 'some-provider', model: 'model' },
    ...{ prompt_tokens: 127, cached_tokens: 20, completion_tokens: 50, reasoning_tokens: 30 },
    ...{ cost: '0.000000001', market_cost: '12.345678901', currency: 'USD', latency_ms: 250, status: 'COMPLETED' },
    ...{ http_status: 200, key_name: 'Live', project: 'Shop', client_ip: '2001:db8::1', streaming: true },
    user_agent: 'agent, "quoted"',
  }
  const inCsv = Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, String(value === true ? 't' : value)]),
  )
  expect(records(csv)).toEqual([inCsv])
  const json = await exported(accountId, 'json')
  expect(JSON.parse(json)).toEqual([told])
  const lines = await exported(accountId, 'jsonl')
  expect(
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([told])
  for (const text of [csv, json, lines]) expect(text).not.toMatch(/777777777|888888888|666666666|555555555|444444444/)
  expect(Object.keys(told)).toEqual(USAGE_EXPORT_COLUMNS)
})

test('a cell that a spreadsheet would compute is neutralised; numbers and addresses stay what they are', async () => {
  const names = { project: '=1+1', key: '@SUM(A1)' }
  const { accountId, projectId, keyId } = await world.account(names)
  const starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']
  const providerId = await world.provider('-provider')
  await world.write(
    starts.map((start, index) => ({
      ...{ at: FROM + index, accountId, projectId, keyId, providerId },
      ...{ model: `${start}model`, userAgent: `${start}cmd|' /C calc'!A0`, clientIp: `${start}1` },
    })),
  )
  const rows = records(await exported(accountId, 'csv'))
  expect(rows.map(({ model }) => model)).toEqual(starts.map((start) => `'${start}model`))
  expect(rows.map(({ user_agent: agent }) => agent)).toEqual(starts.map((start) => `'${start}cmd|' /C calc'!A0`))
  for (const row of rows) {
    for (const cell of Object.values(row)) expect(cell ?? '').not.toMatch(FORMULA)
    expect([row.project, row.key_name, row.provider]).toEqual([`'=1+1`, `'@SUM(A1)`, `'-provider`])
    expect([row.cost, row.prompt_tokens]).toEqual(['0.005000001', '127'])
  }
})

test('whatever a client calls itself comes back unchanged from JSON, and from CSV but for the apostrophe', async () => {
  const pieces = fc.constantFrom(
    '"',
    '""',
    "'",
    ',',
    '\n',
    '\r\n',
    '\t',
    '\\',
    '\\.',
    '\u0001',
    '\u0002',
    '=',
    '-',
    '😀',
    'é',
    '\u2028',
    '',
    ' ',
    '{}',
  )
  const nasty = fc
    .oneof(
      fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme' }),
    )
    .map((text) => text.replaceAll('\0', ''))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ model: nasty, agent: fc.option(nasty) }), { minLength: 1, maxLength: 40 }),
      async (calls) => {
        const { accountId } = await world.account()
        await world.write(
          calls.map(({ model, agent }, index) => ({ at: FROM + index, accountId, model, userAgent: agent })),
        )
        const neutral = (text: string | null) => (text !== null && FORMULA.test(text) ? `'${text}` : text)
        const expected = calls.map(({ model, agent }) => ({ model, user_agent: agent }))
        const picked = (rows: Record<string, unknown>[]) => rows.map(({ model, user_agent }) => ({ model, user_agent }))
        expect(picked(records(await exported(accountId, 'csv')))).toEqual(
          expected.map((row) => ({ model: neutral(row.model), user_agent: neutral(row.user_agent) })),
        )
        expect(picked(JSON.parse(await exported(accountId, 'json')))).toEqual(expected)
        const lines = (await exported(accountId, 'jsonl')).split('\n')
        expect(lines.pop()).toBe('')
        expect(picked(lines.map((line) => JSON.parse(line)))).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
})

test('an export has the requests of its account and of its half-open range, the oldest first', async () => {
  const [mine, other] = [await world.account(), await world.account()]
  const { accountId } = mine
  const times = [FROM - 1, FROM, Date.UTC(2026, 3, 1) - 1, Date.UTC(2026, 3, 1), TO - 1, TO]
  const ids = await world.write(times.toReversed().map((at) => ({ at, accountId })))
  await world.write([{ at: FROM + 5, accountId: other.accountId, keyId: mine.keyId, projectId: mine.projectId }])
  const rows = records(await exported(accountId, 'csv'))
  expect(rows.map(({ request_id: id }) => id)).toEqual(ids.toReversed().slice(1, -1))
  const [foreign] = records(await exported(other.accountId, 'csv'))
  // A name of another account is not told, even if a row should ever point there.
  expect([foreign?.key_name, foreign?.project]).toEqual([null, null])
})

test('an account without requests gets a header, an empty array, no lines', async () => {
  const accountId = uuidV7({ now: () => FROM })
  expect(await exported(accountId, 'csv')).toBe(`${USAGE_EXPORT_COLUMNS.join(',')}\n`)
  expect(JSON.parse(await exported(accountId, 'json'))).toEqual([])
  expect(await exported(accountId, 'jsonl')).toBe('')
})

test('only the partitions of the range are read', async () => {
  await world.pool.query('SELECT ensure_usage_partitions($1, $2)', [
    new Date(Date.UTC(2026, 0, 1)),
    new Date(Date.UTC(2026, 11, 1)),
  ])
  const scope = { accountId: uuidV7({ now: () => FROM }), from: FROM, to: TO }
  for (const query of [usageCsvQuery(scope), usageJsonQuery(scope, '')]) {
    const { rows } = await world.pool.query<Record<string, string>>(`EXPLAIN ${query}`)
    const partitions = rows.flatMap(
      (row) =>
        Object.values(row)
          .join()
          .match(/usage_event_\d{4}_\d\d\b/g) ?? [],
    )
    expect([...new Set(partitions)].sort()).toEqual(['usage_event_2026_03', 'usage_event_2026_04'])
  }
})

/** An account whose requests are more than all buffers on the way hold. */
async function busyAccount(): Promise<string> {
  const { accountId } = await world.account()
  await world.write([{ at: FROM, accountId, userAgent: 'x'.repeat(5_000) }])
  await world.pool.query(
    `INSERT INTO usage_event SELECT (jsonb_populate_record(e, jsonb_build_object('id', (substr(e.id::text, 1, 24) || lpad(to_hex(n), 12, '0'))::uuid))).*
     FROM usage_event e, generate_series(1, 6000) n WHERE e.account_id = $1`,
    [accountId],
  )
  return accountId
}

test('a reader that leaves early ends its query and leaves the pool as it was', async () => {
  const accountId = await busyAccount()
  for (const format of ['csv', 'json', 'jsonl'] as const) {
    for (let turn = 0; turn < 3; turn += 1) {
      const stream = await exportUsage(world, { accountId, format, from: FROM, to: TO })
      await once(stream, 'readable')
      stream.destroy()
      await once(stream, 'close')
    }
  }
  await expect.poll(() => world.pool.totalCount - world.pool.idleCount, PATIENCE).toBe(0)
  const running = `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active' AND datname = current_database()`
  await expect.poll(async () => (await world.pool.query(running)).rows[0].n, PATIENCE).toBe(0)
  expect(records(await exported(accountId, 'csv'))).toHaveLength(6_001)
})

test.each(['csv', 'json'] as const)(
  'an export as %s whose connection is lost fails, and does not end as if it were whole',
  async (format) => {
    const accountId = await busyAccount()
    const stream = await exportUsage(world, { accountId, format, from: FROM, to: TO })
    await once(stream, 'readable')
    await world.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()`,
    )
    const readToTheEnd = async () => {
      for await (const _chunk of stream);
    }
    await expect(readToTheEnd()).rejects.toThrow()
    expect(await exported(uuidV7({ now: () => FROM }), 'jsonl')).toBe('')
  },
)

test.each([
  ['format', { format: 'xml' }],
  ['to', { from: TO, to: FROM }],
  ['accountId', { accountId: "'; DROP TABLE usage_event; --" }],
  ['from', { from: Number.NaN }],
])('a request whose %s makes no sense is refused by name', async (field, more) => {
  const asked = { accountId: uuidV7({ now: () => FROM }), from: FROM, to: TO, format: 'csv', ...more }
  await expect(exportUsage(world, asked as UsageExport)).rejects.toMatchObject({ code: 'invalid_request', field })
})

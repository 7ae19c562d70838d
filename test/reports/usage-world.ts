import type pg from 'pg'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
const NONE = '00000000-0000-0000-0000-000000000000'

/** A usage event as far as sums are made of it. Figures are taken from `seed`, each another one. */
export interface TestEvent {
  /** When the request came, in milliseconds since the epoch; its id is of the same instant, or of `idAt`. */
  at: number
  idAt?: number
  accountId: string
  resellerId?: string | null
  model?: string
  providerId?: string | null
  routeId?: string | null
  projectId?: string
  accessKeyId?: string
  streaming?: boolean
  status?: 'COMPLETED' | 'CLIENT_ABORTED' | 'PROVIDER_ABORTED' | 'FAILED' | 'ABANDONED'
  hasListPrice?: boolean
  seed?: number
}

/** Written at once, however old they are. */
export async function insertEvents(pool: pg.Pool, events: readonly TestEvent[]): Promise<void> {
  const times = events.flatMap(({ at, idAt = at }) => [at, idAt])
  const bounds = [new Date(Math.min(...times)), new Date(Math.max(...times))]
  await pool.query('SELECT ensure_usage_partitions($1, $2)', bounds)
  await writeEvents(pool, events)
}

/** The same where the partitions exist: making them waits for whoever else may be making some. */
export async function writeEvents(client: pg.Pool | pg.Client, events: readonly TestEvent[]): Promise<void> {
  await client.query(
    'INSERT INTO usage_event SELECT (jsonb_populate_record(NULL::usage_event, one)).* FROM jsonb_array_elements($1) AS one',
    [JSON.stringify(events.map(rowOf))],
  )
}

function rowOf({ at, idAt = at, accountId, seed = 1, ...event }: TestEvent): Record<string, unknown> {
  return {
    id: uuidV7({ now: () => idAt }),
    account_id: accountId,
    reseller_id: event.resellerId ?? null,
    project_id: event.projectId ?? accountId,
    access_key_id: event.accessKeyId ?? accountId,
    surface: 'test',
    model: event.model ?? 'model',
    provider_id: event.providerId ?? null,
    route_id: event.routeId ?? null,
    status: event.status ?? 'COMPLETED',
    http_status: 200,
    streaming: event.streaming ?? false,
    estimated: false,
    own_key: false,
    input_tokens: seed * 3,
    cache_read_tokens: seed * 5,
    cache_write_5m_tokens: seed * 7,
    cache_write_1h_tokens: seed * 11,
    output_tokens: seed * 13,
    reasoning_tokens: seed * 17,
    currency: 'USD',
    list_nano: event.hasListPrice === false ? null : seed * 19,
    cost_nano: seed * 23,
    wholesale_nano: seed * 29,
    price_nano: seed * 31,
    operator_fee_nano: seed * 37,
    seller_fee_nano: seed * 41,
    exposure_nano: seed * 43,
    attempts: 1,
    latency_ms: seed * 47,
    created_at: new Date(at).toISOString(),
  }
}

const KEPT_AS_THEY_ARE = [
  'input_tokens',
  'cache_read_tokens',
  'output_tokens',
  'reasoning_tokens',
  'list_nano',
  'cost_nano',
  'wholesale_nano',
  'price_nano',
  'operator_fee_nano',
  'seller_fee_nano',
  'exposure_nano',
  'latency_ms',
] as const

type Sums = Record<string, string | bigint | null>

/** What the rollup has to say before this instant, summed here from every event there is. */
export async function expectedRollup(pool: pg.Pool, before = Number.POSITIVE_INFINITY): Promise<Sums[]> {
  const { rows } = await pool.query('SELECT * FROM usage_event')
  const groups = new Map<string, Sums>()
  for (const event of rows) {
    if (event.created_at.getTime() >= before) continue
    const hour = `${event.created_at.toISOString().slice(0, 13)}:00:00.000Z`
    const group: Sums = {
      hour,
      account_id: event.account_id,
      project_id: event.project_id,
      access_key_id: event.access_key_id,
      model: event.model,
      provider_id: event.provider_id ?? NONE,
      route_id: event.route_id ?? NONE,
      status: event.status,
      reseller_id: event.reseller_id ?? NONE,
      currency: event.currency,
    }
    const key = JSON.stringify(group)
    const sums = groups.get(key) ?? { ...group, requests: 0n, cache_write_tokens: 0n, unlisted_nano: 0n }
    const add = (column: string, figure: bigint) => {
      sums[column] = ((sums[column] as bigint | undefined) ?? 0n) + figure
    }
    add('requests', 1n)
    add('unlisted_nano', event.list_nano === null ? BigInt(event.price_nano) : 0n)
    add('cache_write_tokens', BigInt(event.cache_write_5m_tokens) + BigInt(event.cache_write_1h_tokens))
    for (const column of KEPT_AS_THEY_ARE) add(column, BigInt(event[column] ?? 0))
    groups.set(key, sums)
  }
  return inOrder([...groups.values()])
}

/** What the rollup says before this instant. */
export async function keptRollup(pool: pg.Pool, before = Number.POSITIVE_INFINITY): Promise<Sums[]> {
  const { rows } = await pool.query('SELECT * FROM usage_rollup')
  const kept = rows
    .filter((row) => row.hour.getTime() < before)
    .map((row) => {
      const figures = ['requests', 'cache_write_tokens', 'unlisted_nano', ...KEPT_AS_THEY_ARE].map((column) => [
        column,
        BigInt(row[column]),
      ])
      return { ...row, hour: row.hour.toISOString(), ...Object.fromEntries(figures) }
    })
  return inOrder(kept)
}

function inOrder(rows: Sums[]): Sums[] {
  const key = (row: Sums) =>
    [
      row.hour,
      row.account_id,
      row.project_id,
      row.access_key_id,
      row.model,
      row.provider_id,
      row.route_id,
      row.reseller_id,
      row.status,
    ].join(' ')
  return rows.sort((left, right) => (key(left) < key(right) ? -1 : 1))
}

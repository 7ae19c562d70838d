import pg from 'pg'

/** How much usage there is to look at. */
export interface ReportsSize {
  accounts: number
  events: number
  /** Of these, the requests of one account; as many entries of its ledger. */
  busyEvents: number
  days: number
}

const id = (kind: string, number: string) =>
  `('01900000-0000-7000-8000-${kind}' || lpad(to_hex(${number}), 11, '0'))::uuid`
const one = (kind: string, number: number) => `01900000-0000-7000-8000-${kind}${number.toString(16).padStart(11, '0')}`

export const BUSY = one('a', 0)
/** An account in the middle: a few dozen requests. */
export const QUIET = one('a', 5_000)
export const RESELLER = one('b', 1)
export const RARE_MODEL = 'rare-model'
const RESELLERS = 20
const HOUR_MS = 3_600_000
/** Written by one statement; two run side by side. */
const CHUNK = 250_000
const WRITERS = 2

const ACCOUNTS = `
  INSERT INTO account (id, kind, name, slug, reseller_id, created_at)
  SELECT ${id('b', 'n')}, 'RESELLER'::account_kind, 'Reseller ' || n, 'reseller-' || n, NULL::uuid, now() FROM generate_series(1, ${RESELLERS}) n
  UNION ALL
  SELECT ${id('a', 'n')}, 'CUSTOMER', 'Customer ' || n, 'customer-' || n, CASE WHEN n % 4 = 1 THEN ${id('b', `(n / 4) % ${RESELLERS} + 1`)} END, now()
  FROM generate_series(0, $1::integer - 1) n`

const WALLETS = `INSERT INTO wallet (account_id, entry_hash) SELECT id, decode(repeat('00', 32), 'hex') FROM account`

const LOTS = `
  INSERT INTO credit_lot (id, account_id, source_kind, source_id, priority, granted_nano, remaining_nano, expires_at, created_at)
  SELECT ${id('c', 'n')}, ${id('a', 'n')}, CASE WHEN n % 3 = 0 THEN 'GRANT' ELSE 'PURCHASE' END::entry_kind, ${id('c', 'n')}, 0, 5000000000, 1000000000 + n,
         to_timestamp($2::float8 / 1000) + n % 365 * interval '1 day', now()
  FROM generate_series(0, $1::integer - 1) n`

const PROVIDERS = `
  INSERT INTO provider (id, slug, name, protocol, base_url, created_at)
  SELECT ${id('d', 'n')}, 'provider-' || n, 'Provider ' || n, 'openai', 'http://127.0.0.1', now() FROM generate_series(0, 3) n`

/**
 * Requests `$1` to `$2`, in the order in which they came, of `$8` over `$4` milliseconds up to `$3`, the last being `$7`: most accounts have few, some have many, every `$5`-th is the busy
 * account's. One in 20 fails, one in 2,000 asks for a model that hardly anybody uses.
 */
const EVENTS = `
  INSERT INTO usage_event (id, account_id, reseller_id, project_id, access_key_id, surface, model, route_id, provider_id, status, http_status,
    streaming, estimated, own_key, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
    reasoning_tokens, list_nano, cost_nano, wholesale_nano, price_nano, operator_fee_nano, seller_fee_nano, attempts, latency_ms,
    client_ip, user_agent, created_at)
  SELECT (substr(uuid_v7_floor(at)::text, 1, 14) || '7' || substr(dice, 1, 3) || '-8' || substr(dice, 4, 3) || '-' || substr(dice, 7, 12))::uuid,
         ${id('a', 'who')}, CASE WHEN who % 4 = 1 THEN ${id('b', `(who / 4) % ${RESELLERS} + 1`)} END, ${id('a', 'who')}, ${id('e', 'who * 5 + n % 5')}, 'chat',
         CASE WHEN n % 2000 = 7 THEN '${RARE_MODEL}' ELSE 'model-' || n % 20 END, ${id('f', 'n % 40')}, ${id('d', 'n % 4')},
         CASE WHEN n % 20 = 3 THEN 'FAILED' ELSE 'COMPLETED' END::usage_status, CASE WHEN n % 20 = 3 THEN 502 ELSE 200 END, n % 2 = 0, false, false,
         1000 + n % 977, n % 501, 0, 0, n % 1013, n % 97, CASE WHEN n % 9 > 0 THEN 7000000 + n % 999 END, 3000000 + n % 999, 4000000 + n % 999,
         5000000 + n % 999, 50000, 0, 1, 300 + n % 2000, '203.0.113.' || n % 250, 'OpenAI/JS 6.9.1', at
  FROM (
    SELECT n, md5(n::text) AS dice, to_timestamp(($3::float8 - $4::float8 * ($7::float8 - n) / $8::float8) / 1000)::timestamptz(3) AS at,
           CASE WHEN n % $5::integer = 0 THEN 0 ELSE 1 + floor(($6::integer - 2) * power(('x' || substr(md5(n::text), 8, 7))::bit(28)::integer / 268435456.0, 2))::integer END AS who
    FROM generate_series($1::integer, $2::integer - 1) n
  ) request`

/** The busy account's entries: a debit a request, a purchase each day. */
const ENTRIES = `
  INSERT INTO ledger_entry (account_id, seq, kind, source_id, amount_nano, balance_after_nano, created_at, lot_ids, lot_amounts_nano, hash)
  SELECT '${BUSY}', row_number() OVER (ORDER BY at, id), kind, id, amount, 0, at, '{}', '{}', decode(repeat('00', 32), 'hex')
  FROM (
    SELECT id, 'USAGE_DEBIT'::entry_kind AS kind, -price_nano AS amount, created_at AS at FROM usage_event WHERE account_id = '${BUSY}'
    UNION ALL
    SELECT gen_random_uuid(), 'PURCHASE', 1000000000, to_timestamp($1::float8 / 1000) - n * interval '1 day' FROM generate_series(0, $2::integer) n
  ) entry`

/** Fills a database; returns how long that took, in milliseconds. */
export async function fillReports(
  connectionString: string,
  now: number,
  size: ReportsSize,
  progress: (line: string) => void,
): Promise<void> {
  const pool = new pg.Pool({ connectionString, max: WRITERS })
  const spanMs = size.days * 24 * HOUR_MS
  try {
    await pool.query('SELECT ensure_usage_partitions($1, $2)', [
      new Date(now - spanMs - HOUR_MS),
      new Date(now + HOUR_MS),
    ])
    await pool.query(PROVIDERS)
    await pool.query(ACCOUNTS, [size.accounts])
    await pool.query(WALLETS)
    await pool.query(LOTS, [size.accounts, now])
    const starts = Array.from({ length: Math.ceil(size.events / CHUNK) }, (_, index) => index * CHUNK)
    const each = Math.round(size.events / size.busyEvents)
    const write = async () => {
      for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
        const end = Math.min(start + CHUNK, size.events)
        await pool.query(EVENTS, [start, end, now, spanMs, each, size.accounts, size.events, size.events])
        progress(`reports: ${end} events written`)
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, write))
    await pool.query(ENTRIES, [now, size.days])
    await pool.query(
      'UPDATE wallet SET entry_seq = (SELECT count(*) FROM ledger_entry WHERE account_id = $1) WHERE account_id = $1',
      [BUSY],
    )
    await pool.query('VACUUM ANALYZE')
  } finally {
    await pool.end()
  }
}

/** As many requests again, of the last minutes. */
export async function addRecent(
  pool: pg.Pool,
  now: number,
  size: ReportsSize,
  first: number,
  count: number,
): Promise<void> {
  await pool.query(EVENTS, [first, first + count, now, 10 * 60_000, 5, size.accounts, first + count, count])
}

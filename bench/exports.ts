import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { exportUsage } from '../src/reports/export-usage.ts'
import {
  type Bench,
  type BenchOptions,
  type BenchResult,
  median,
  type Ratio,
  type Row,
  rounded,
} from './support/bench.ts'
import { startLedgerServer } from './support/ledger-server.ts'
import { residentBytes } from './support/process-usage.ts'
import { projectPath, startProcess, stopAllProcesses } from './support/processes.ts'

/** What do escaping, exact decimals and names cost an export of usage, beside PostgreSQL's bare COPY of the same rows? */
export const exports: Bench = { name: 'exports', run }

const ROWS = { whole: 1_000_000, quick: 100_000 }
const ROUNDS = 3
const BYTES_PER_MEBIBYTE = 1_048_576
const SAMPLE_MS = 20

const ACCOUNT = '01980000-0000-7000-8000-000000000001'
const KEY = '01980000-0000-7000-8000-000000000002'
const FROM = Date.UTC(2026, 0, 1)
/** Two partitions' worth of requests: a month has 2,678,400 seconds. */
const TO = Date.UTC(2026, 2, 1)

/** Requests as they come: ten models, a user agent of 60 characters, an address, prices of up to a cent. */
const FILL = `
  INSERT INTO usage_event (id, account_id, project_id, access_key_id, surface, model, provider_id, status, http_status, streaming,
    estimated, own_key, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
    reasoning_tokens, list_nano, cost_nano, wholesale_nano, price_nano, operator_fee_nano, seller_fee_nano, attempts,
    latency_ms, client_ip, user_agent, created_at)
  SELECT (substr(uuid_v7_floor(at)::text, 1, 14) || '7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12))::uuid,
         '${ACCOUNT}', '${KEY}', '${KEY}', 'chat', 'some-model-' || n % 10, '${KEY}', 'COMPLETED', 200, n % 2 = 0,
         false, false, 1000 + n % 977, n % 501, 0, 0, n % 1013, n % 97, 7000000 + n, 3000000 + n, 5000000 + n, 5000000 + n, 50000, 0, 1,
         300 + n % 2000, '203.0.113.' || n % 250, 'OpenAI/JS 6.9.1 (production; region eu-central; release 2026-01-0' || n % 10 || ')', at
  FROM (
    SELECT n, to_timestamp(${FROM / 1_000}) + n * (interval '1 millisecond' * (${TO - FROM} / $1::float8)) AS at FROM generate_series(0, $1::integer - 1) n
  ) request`

/** The same columns of the same rows, as they are stored. */
const BARE = `
  COPY (
    SELECT created_at, id, provider_id, model, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens, price_nano, list_nano,
           currency, latency_ms, status, http_status, access_key_id, project_id, client_ip, streaming, user_agent
    FROM usage_event WHERE account_id = '${ACCOUNT}'
  ) TO STDOUT`

interface Run {
  rowsPerSecond: number
  bytes: number
  peakBytes: number
}

const BARE_COPY = 'bare COPY'
const CONTENDERS = [BARE_COPY, 'csv', 'json', 'jsonl'] as const
type Contender = (typeof CONTENDERS)[number]

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const rows = isQuick ? ROWS.quick : ROWS.whole
  const server = await startLedgerServer()
  try {
    const connectionString = await server.createDatabase('exports')
    progress(`exports: writing ${rows} events`)
    await fill(connectionString, rows)
    return await compare(connectionString, rows, progress)
  } finally {
    await stopAllProcesses()
    await server.stop()
  }
}

async function fill(connectionString: string, rows: number): Promise<void> {
  const pool = new pg.Pool({ connectionString, max: 1 })
  try {
    await pool.query('SELECT ensure_usage_partitions($1, $2)', [new Date(FROM), new Date(TO)])
    await pool.query(
      `INSERT INTO account (id, kind, name, slug, created_at) VALUES ($1, 'CUSTOMER', 'Bench', 'bench', now())`,
      [ACCOUNT],
    )
    await pool.query(`INSERT INTO project (id, account_id, name, created_at) VALUES ($1, $2, 'Bench', now())`, [
      KEY,
      ACCOUNT,
    ])
    await pool.query(
      `INSERT INTO access_key (id, account_id, project_id, name, prefix, secret_hash, created_at) VALUES ($1, $2, $1, 'Bench', 'sk', '\\x00', now())`,
      [KEY, ACCOUNT],
    )
    await pool.query(
      `INSERT INTO provider (id, slug, name, protocol, base_url, created_at) VALUES ($1, 'bench', 'Bench', 'openai', 'http://127.0.0.1', now())`,
      [KEY],
    )
    await pool.query(FILL, [rows])
    await pool.query('VACUUM ANALYZE usage_event')
  } finally {
    await pool.end()
  }
}

/** The contenders take turns, each in a process of its own: drift of the machine meets them all, and memory is theirs alone. */
async function compare(connectionString: string, rows: number, progress: (line: string) => void): Promise<BenchResult> {
  const runs = new Map<Contender, Run[]>(CONTENDERS.map((contender) => [contender, []]))
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contender of CONTENDERS) {
      progress(`exports: ${contender}, round ${round} of ${ROUNDS}`)
      runs.get(contender)?.push(await measureApart(connectionString, contender, rows))
    }
  }
  const speed = (contender: Contender) => median((runs.get(contender) ?? []).map(({ rowsPerSecond }) => rowsPerSecond))
  return {
    rows: [...runs].map(
      ([contender, own]): Row => ({
        contender,
        rows,
        'rows/s': Math.round(speed(contender)),
        MiB: rounded((own[0]?.bytes ?? 0) / BYTES_PER_MEBIBYTE),
        'RSS peak MiB': rounded(Math.max(...own.map(({ peakBytes }) => peakBytes)) / BYTES_PER_MEBIBYTE),
      }),
    ),
    ratios: CONTENDERS.slice(1).map(
      (contender): Ratio => ({
        ...{ what: `${rows} rows`, figure: 'rows/s', of: contender, to: BARE_COPY },
        value: rounded(speed(contender) / speed(BARE_COPY)),
      }),
    ),
    notes: ['To reach with csv and 1,000,000 rows: 0.4 of bare COPY, under 200 MB of resident memory.'],
  }
}

async function measureApart(connectionString: string, contender: Contender, rows: number): Promise<Run> {
  const started = startProcess({
    name: contender,
    arguments: [projectPath('bench/exports.ts'), connectionString, contender, String(rows)],
    hasChannel: true,
  })
  const measured = new Promise<Run>((resolve, reject) => {
    started.child.once('message', (message) => resolve(message as Run))
    started.child.once('exit', () => reject(new Error(`${contender} ended without a figure: ${started.output()}`)))
  })
  try {
    return await measured
  } finally {
    await started.stop()
  }
}

/** Reads to the end as a download does, and hashes what comes so that it is really read. */
async function measure(pool: pg.Pool, contender: Contender, rows: number): Promise<Run> {
  await pool.query('SELECT 1')
  let peakBytes = 0
  const sample = () => {
    peakBytes = Math.max(peakBytes, residentBytes(process.pid) ?? 0)
  }
  const sampling = setInterval(sample, SAMPLE_MS)
  const startedAt = performance.now()
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of await open(pool, contender)) {
    bytes += (chunk as Buffer).length
    digest.update(chunk as Buffer)
  }
  digest.digest()
  const seconds = (performance.now() - startedAt) / 1_000
  clearInterval(sampling)
  sample()
  return { rowsPerSecond: rows / seconds, bytes, peakBytes }
}

async function open(pool: pg.Pool, contender: Contender): Promise<Readable> {
  if (contender !== BARE_COPY)
    return exportUsage({ pool }, { accountId: ACCOUNT, from: FROM, to: TO, format: contender })
  const client = await pool.connect()
  return client.query(copyTo(BARE)).once('end', () => client.release())
}

/** This file is also the program of each contender's process. */
if (import.meta.main) {
  const [connectionString, contender, rows] = process.argv.slice(2)
  const pool = new pg.Pool({ connectionString, max: 1 })
  process.send?.(await measure(pool, contender as Contender, Number(rows)))
  await pool.end()
  process.disconnect()
}

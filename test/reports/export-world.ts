import pg from 'pg'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { createTestDatabase } from '../support/test-database.ts'

/** What tests say of a request; all else is filled in. */
export interface ExportedEvent {
  at: number
  accountId: string
  model?: string
  userAgent?: string | null
  clientIp?: string | null
  priceNano?: bigint
  listNano?: bigint | null
  providerId?: string | null
  keyId?: string
  projectId?: string
}

export interface ExportWorld {
  pool: pg.Pool
  /** An account with a project and a key of these names. */
  account(names?: { project?: string; key?: string }): Promise<{ accountId: string; projectId: string; keyId: string }>
  provider(slug: string): Promise<string>
  /** Returns the ids, in the order given. */
  write(events: readonly ExportedEvent[]): Promise<string[]>
  close(): Promise<void>
}

/** A database with requests, written as they are without a ledger: exports read nothing else. */
export async function openExportWorld(): Promise<ExportWorld> {
  const database = await createTestDatabase()
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 2 })
  pool.on('error', () => undefined)
  const id = () => uuidV7({ now: () => Date.now() })
  return {
    pool,
    async account({ project = 'Default', key = 'Test' } = {}) {
      const [accountId, projectId, keyId] = [id(), id(), id()]
      await pool.query(
        `INSERT INTO account (id, kind, name, slug, created_at) VALUES ($1, 'CUSTOMER', 'Test', $2, now())`,
        [accountId, accountId],
      )
      await pool.query('INSERT INTO project (id, account_id, name, created_at) VALUES ($1, $2, $3, now())', [
        projectId,
        accountId,
        project,
      ])
      await pool.query(
        `INSERT INTO access_key (id, account_id, project_id, name, prefix, secret_hash, created_at) VALUES ($1, $2, $3, $4, 'sk', $5, now())`,
        [keyId, accountId, projectId, key, Buffer.from(keyId)],
      )
      return { accountId, projectId, keyId }
    },
    async provider(slug) {
      const providerId = id()
      await pool.query(
        `INSERT INTO provider (id, slug, name, protocol, base_url, created_at) VALUES ($1, $2, 'Test', 'openai', 'http://127.0.0.1', now())`,
        [providerId, slug],
      )
      return providerId
    },
    async write(events) {
      const times = events.map(({ at }) => at)
      await pool.query('SELECT ensure_usage_partitions($1, $2)', [
        new Date(Math.min(...times)),
        new Date(Math.max(...times)),
      ])
      const rows = events.map(rowOf)
      await pool.query(
        'INSERT INTO usage_event SELECT (jsonb_populate_record(NULL::usage_event, one)).* FROM jsonb_array_elements($1) AS one',
        [JSON.stringify(rows)],
      )
      return rows.map((row) => row.id as string)
    },
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}

function rowOf({ at, accountId, ...event }: ExportedEvent): Record<string, unknown> {
  return {
    ...{ id: uuidV7({ now: () => at }), account_id: accountId, reseller_id: null },
    ...{ project_id: event.projectId ?? accountId, access_key_id: event.keyId ?? accountId, surface: 'chat' },
    ...{ model: event.model ?? 'model', provider_id: event.providerId ?? null, status: 'COMPLETED', http_status: 200 },
    ...{ streaming: true, estimated: false, own_key: false, input_tokens: 100, cache_read_tokens: 20 },
    ...{ cache_write_5m_tokens: 3, cache_write_1h_tokens: 4, output_tokens: 50, reasoning_tokens: 30, currency: 'USD' },
    list_nano: event.listNano === undefined ? '9000001' : (event.listNano?.toString() ?? null),
    price_nano: (event.priceNano ?? 5_000_001n).toString(),
    // Figures that no customer may find in an export.
    ...{
      cost_nano: '777777777',
      wholesale_nano: '888888888',
      operator_fee_nano: '666666666',
      seller_fee_nano: '555555555',
    },
    ...{ exposure_nano: '444444444', attempts: 1, latency_ms: 250, client_ip: event.clientIp ?? null },
    ...{ user_agent: event.userAgent ?? null, created_at: new Date(at).toISOString() },
  }
}

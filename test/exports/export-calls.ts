import { expect, vi } from 'vitest'
import { type Answer, callApi } from '../orders/money-in-calls.ts'
import { type Customer, type Farebox, PATIENCE } from '../support/farebox.ts'

export const DAY_MS = 86_400_000

/** A range of whole days that ends now, as the API takes it. */
export function lastDays(farebox: Farebox, days: number): { from: string; to: string } {
  const now = farebox.clock.now()
  return { from: new Date(now - days * DAY_MS).toISOString(), to: new Date(now + 1_000).toISOString() }
}

export function askForExport(
  farebox: Farebox,
  customer: Customer,
  body: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return callApi(farebox, customer, 'POST', '/v1/exports', body, headers)
}

/** Waits until the workers have brought an export into this state. */
export async function reached(farebox: Farebox, customer: Customer, id: unknown, state: string): Promise<Answer> {
  return vi.waitFor(async () => {
    const answer = await callApi(farebox, customer, 'GET', `/v1/exports/${id}`)
    expect(answer.body.state).toBe(state)
    return answer
  }, PATIENCE)
}

export function download(farebox: Farebox, { secret }: Customer, path: string): Promise<Response> {
  return fetch(`${farebox.url}${path}`, { headers: { authorization: `Bearer ${secret}` } })
}

/** Usage as it stands in the audit trail, one request a second before now, each free of charge, as nothing debits it. */
export async function writeUsage(
  farebox: Farebox,
  { accountId, keyId }: Customer,
  count: number,
  userAgent = 'test',
): Promise<void> {
  const now = farebox.clock.now()
  await farebox.rows('SELECT ensure_usage_partitions($1, $2)', new Date(now - 40 * DAY_MS), new Date(now))
  await farebox.rows(
    `INSERT INTO usage_event (id, account_id, project_id, access_key_id, surface, model, status, http_status, streaming, estimated,
       own_key, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
       list_nano, cost_nano, wholesale_nano, price_nano, operator_fee_nano, seller_fee_nano, attempts, latency_ms, user_agent, created_at)
     SELECT (substr(uuid_v7_floor(at)::text, 1, 14) || '7' || substr(md5(n::text || $1), 1, 3) || '-8' || substr(md5(n::text || $1), 4, 3)
              || '-' || substr(md5(n::text || $1), 7, 12))::uuid,
            $1::uuid, key.project_id, key.id, 'chat', 'priced', 'COMPLETED', 200, false, false, false, 10, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0,
            1, 100, $5, at
     FROM access_key key, generate_series(1, $3::int) n, LATERAL (SELECT $4::timestamptz - n * interval '1 second' AS at) moment
     WHERE key.id = $2`,
    ...[accountId, keyId, count, new Date(now), userAgent],
  )
}

import type { Values } from '../../sql/bind-values.ts'
import { NONE } from '../../sql/usage-figures.ts'

/** What an account's requests may be narrowed by. The first ones are known to the sums as well. */
export interface EventFilters {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly model?: string | undefined
  readonly providerId?: string | undefined
  readonly accessKeyId?: string | undefined
  readonly projectId?: string | undefined
  readonly status?: string | undefined
  readonly streaming?: boolean | undefined
}

/** A stretch of ids: from the first on, up to but without the second. */
export interface IdRange {
  readonly from: string
  readonly to: string
}

const COLUMNS = `u.id, u.created_at, u.provider_id, p.name AS provider_name, u.model, u.surface, u.input_tokens, u.cache_read_tokens,
  u.cache_write_5m_tokens + u.cache_write_1h_tokens AS cache_write_tokens, u.output_tokens, u.reasoning_tokens, u.price_nano::text,
  u.list_nano::text, u.currency, u.latency_ms, u.first_byte_ms, u.status::text, u.http_status, u.error_code, u.estimated, u.own_key,
  u.attempts, u.access_key_id, k.name AS key_name, u.project_id, j.name AS project_name, u.client_ip, u.streaming, u.user_agent`

const NAMES = `
  LEFT JOIN provider p ON p.id = u.provider_id
  LEFT JOIN access_key k ON k.id = u.access_key_id AND k.account_id = u.account_id
  LEFT JOIN project j ON j.id = u.project_id AND j.account_id = u.account_id`

/** `$1` the account, `$2` the request. */
export const ONE_EVENT = `SELECT ${COLUMNS} FROM usage_event u ${NAMES} WHERE u.account_id = $1 AND u.id = $2`

/** SQL: the newest events of some stretches of ids that do not overlap, the newest first. */
export function eventsWithin(
  accountId: string,
  filters: EventFilters,
  ranges: readonly IdRange[],
  limit: number,
  values: Values,
): string {
  const bounds = [ranges.map(({ from }) => from), ranges.map(({ to }) => to)].map((ids) => values.bind(ids, 'uuid[]'))
  const conditions = [
    `u.account_id = ${values.bind(accountId, 'uuid')}`,
    'u.id >= r.first AND u.id < r.after',
    ...timeConditions(filters, values),
    ...eventConditions(filters, values),
  ]
  // Names are looked up for the rows that are shown, not for all that might be.
  return `SELECT ${COLUMNS} FROM (
      SELECT one.* FROM unnest(${bounds.join(', ')}) AS r (first, after) CROSS JOIN LATERAL (
        SELECT * FROM usage_event u WHERE ${conditions.join(' AND ')} ORDER BY u.id DESC LIMIT ${limit}
      ) one ORDER BY one.id DESC LIMIT ${limit}
    ) u ${NAMES} ORDER BY u.id DESC`
}

function timeConditions({ from, to }: EventFilters, values: Values): string[] {
  const instant = (at: number) => values.bind(new Date(at), 'timestamptz')
  return [
    ...(from === undefined ? [] : [`u.created_at >= ${instant(from)}`]),
    ...(to === undefined ? [] : [`u.created_at < ${instant(to)}`]),
  ]
}

/** SQL: every filter but the time, of events called `u`. */
export function eventConditions(filters: EventFilters, values: Values): string[] {
  const { streaming } = filters
  return [
    ...summedConditions(filters, values, 'u.'),
    ...(streaming === undefined ? [] : [`u.streaming = ${values.bind(streaming, 'boolean')}`]),
  ]
}

/** SQL: the filters that sums know as well. */
export function summedConditions(filters: EventFilters, values: Values, of: string): string[] {
  const { model, providerId, accessKeyId, projectId, status } = filters
  const none = of === '' ? `${of}provider_id = '${NONE}'` : `${of}provider_id IS NULL`
  const provider = () => (providerId === NONE ? none : `${of}provider_id = ${values.bind(providerId, 'uuid')}`)
  return [
    ...(model === undefined ? [] : [`${of}model = ${values.bind(model, 'text')}`]),
    ...(providerId === undefined ? [] : [provider()]),
    ...(accessKeyId === undefined ? [] : [`${of}access_key_id = ${values.bind(accessKeyId, 'uuid')}`]),
    ...(projectId === undefined ? [] : [`${of}project_id = ${values.bind(projectId, 'uuid')}`]),
    ...(status === undefined ? [] : [`${of}status::text = ${values.bind(status, 'text')}`]),
  ]
}

/** SQL: the hours that have such requests, the newest first, with how many. */
export function matchingHours(
  accountId: string,
  filters: EventFilters,
  { from, to }: { from: number; to: number },
  limit: number,
  values: Values,
): string {
  const conditions = [
    `account_id = ${values.bind(accountId, 'uuid')}`,
    `hour >= ${values.bind(new Date(from), 'timestamptz')}`,
    `hour < ${values.bind(new Date(to), 'timestamptz')}`,
    ...summedConditions(filters, values, ''),
  ]
  return `SELECT hour, sum(requests)::text AS requests FROM usage_rollup WHERE ${conditions.join(' AND ')}
    GROUP BY hour ORDER BY hour DESC LIMIT ${limit}`
}

import { escapeLiteral } from 'pg'
import { type EventFilters, eventConditions } from '../usage/sql/read-events.ts'
import { ID_SLACK_MS } from '../usage-extent.ts'
import type { Values } from './bind-values.ts'
import { exactDecimal, instantLiteral, isoInstant, neutralText } from './export-columns.ts'

export interface UsageExportScope {
  /** A checked uuid. */
  readonly accountId: string
  /** Milliseconds since the epoch; half-open. */
  readonly from: number
  readonly to: number
  /** Checked ones; their own time is not looked at. */
  readonly filters?: EventFilters | undefined
}

type ColumnSort = 'instant' | 'text' | 'decimal' | 'as it is'

/** The audit trail's columns. What a request cost us is not among them, and neither is who else earned from it. */
const COLUMNS: readonly (readonly [name: string, sql: string, sort: ColumnSort])[] = [
  ['time', 'u.created_at', 'instant'],
  ['request_id', 'u.id', 'as it is'],
  ['provider', 'p.slug', 'text'],
  ['model', 'u.model', 'text'],
  // Everything that went in: fresh, read from a cache, written to a cache. Reasoning is a part of the completion.
  [
    'prompt_tokens',
    'u.input_tokens::bigint + u.cache_read_tokens + u.cache_write_5m_tokens + u.cache_write_1h_tokens',
    'as it is',
  ],
  ['cached_tokens', 'u.cache_read_tokens', 'as it is'],
  ['completion_tokens', 'u.output_tokens', 'as it is'],
  ['reasoning_tokens', 'u.reasoning_tokens', 'as it is'],
  ['cost', 'u.price_nano', 'decimal'],
  ['market_cost', 'u.list_nano', 'decimal'],
  ['currency', 'u.currency', 'as it is'],
  ['latency_ms', 'u.latency_ms', 'as it is'],
  ['status', 'u.status', 'as it is'],
  ['http_status', 'u.http_status', 'as it is'],
  ['key_name', 'k.name', 'text'],
  ['project', 'j.name', 'text'],
  ['client_ip', 'u.client_ip', 'text'],
  ['streaming', 'u.streaming', 'as it is'],
  ['user_agent', 'u.user_agent', 'text'],
]

export const USAGE_EXPORT_COLUMNS: readonly string[] = COLUMNS.map(([name]) => name)

const CSV_CELL: Readonly<Record<ColumnSort, (sql: string) => string>> = {
  instant: isoInstant,
  text: neutralText,
  decimal: exactDecimal,
  'as it is': (sql) => sql,
}

/** JSON knows no exact decimals: amounts are strings. Nothing computes a JSON string, so texts stay what they are. */
const JSON_MEMBER: Readonly<Record<ColumnSort, (sql: string) => string>> = {
  ...CSV_CELL,
  text: (sql) => sql,
  decimal: (sql) => `(${exactDecimal(sql)})::text`,
}

export function usageCsvQuery(scope: UsageExportScope): string {
  return `SELECT ${selected(CSV_CELL)} ${source(scope)}`
}

/** One object a row, after this text. */
export function usageJsonQuery(scope: UsageExportScope, before: '' | ','): string {
  return `SELECT ${before === '' ? '' : `'${before}' || `}row_to_json(o)::text FROM (SELECT ${selected(JSON_MEMBER)} ${source(scope)}) o`
}

function selected(cells: Readonly<Record<ColumnSort, (sql: string) => string>>): string {
  return COLUMNS.map(([name, sql, sort]) => `${cells[sort](sql)} AS ${name}`).join(', ')
}

/** COPY takes no parameters: values stand in the text. */
const LITERALS: Values = {
  values: [],
  bind: (value, type) => `${escapeLiteral(String(value))}::${type}`,
}

/**
 * By ranges of the id, which name the partitions; the time decides. In the order of the ids, as the index of the account
 * has them.
 */
function source({ accountId, from, to, filters = {} }: UsageExportScope): string {
  const narrowed = eventConditions(filters, LITERALS).map((condition) => ` AND ${condition}`)
  return `
    FROM usage_event u
    LEFT JOIN provider p ON p.id = u.provider_id
    LEFT JOIN access_key k ON k.id = u.access_key_id AND k.account_id = u.account_id
    LEFT JOIN project j ON j.id = u.project_id AND j.account_id = u.account_id
    WHERE u.account_id = ${escapeLiteral(accountId)}
      AND u.id >= uuid_v7_floor(${instantLiteral(from - ID_SLACK_MS)})
      AND u.id < uuid_v7_floor(${instantLiteral(to + ID_SLACK_MS)})
      AND u.created_at >= ${instantLiteral(from)} AND u.created_at < ${instantLiteral(to)}${narrowed.join('')}
    ORDER BY u.id`
}

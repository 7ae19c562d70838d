import type { UsageStatus } from '../../ledger/usage-event.ts'
import type { Nano } from '../../money/nano.ts'

/** One request, as much of it as its customer may see: nothing of what it cost us, or of who else earned from it. */
export interface Generation {
  readonly id: string
  /** When it came, in milliseconds since the epoch. */
  readonly at: number
  /** Null = no provider was reached. */
  readonly providerId: string | null
  readonly providerName: string | null
  readonly model: string
  readonly surface: string
  /** Read anew, read from a cache, written to one. */
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  /** A part of the output. */
  readonly reasoningTokens: number
  readonly costNano: Nano
  /** What the provider's public price would have come to; null = there is none. */
  readonly marketNano: Nano | null
  readonly currency: string
  /** From the request to the last byte, and to the first. */
  readonly latencyMs: number
  readonly firstByteMs: number | null
  readonly status: UsageStatus
  readonly httpStatus: number
  readonly errorCode: string | null
  /** Tokens were counted by us, because the provider reported none. */
  readonly estimated: boolean
  /** The provider was called with the customer's own key. */
  readonly ownKey: boolean
  readonly attempts: number
  readonly accessKeyId: string
  readonly keyName: string | null
  readonly projectId: string
  readonly projectName: string | null
  readonly clientIp: string | null
  readonly streaming: boolean
  readonly userAgent: string | null
}

export interface GenerationRow {
  readonly id: string
  readonly created_at: Date
  readonly provider_id: string | null
  readonly provider_name: string | null
  readonly model: string
  readonly surface: string
  readonly input_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly price_nano: string
  readonly list_nano: string | null
  readonly currency: string
  readonly latency_ms: number
  readonly first_byte_ms: number | null
  readonly status: UsageStatus
  readonly http_status: number
  readonly error_code: string | null
  readonly estimated: boolean
  readonly own_key: boolean
  readonly attempts: number
  readonly access_key_id: string
  readonly key_name: string | null
  readonly project_id: string
  readonly project_name: string | null
  readonly client_ip: string | null
  readonly streaming: boolean
  readonly user_agent: string | null
}

export function generationOf(row: GenerationRow): Generation {
  return {
    id: row.id,
    at: row.created_at.getTime(),
    providerId: row.provider_id,
    providerName: row.provider_name,
    model: row.model,
    surface: row.surface,
    inputTokens: row.input_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    costNano: BigInt(row.price_nano),
    marketNano: row.list_nano === null ? null : BigInt(row.list_nano),
    currency: row.currency,
    latencyMs: row.latency_ms,
    firstByteMs: row.first_byte_ms,
    status: row.status,
    httpStatus: row.http_status,
    errorCode: row.error_code,
    estimated: row.estimated,
    ownKey: row.own_key,
    attempts: row.attempts,
    accessKeyId: row.access_key_id,
    keyName: row.key_name,
    projectId: row.project_id,
    projectName: row.project_name,
    clientIp: row.client_ip,
    streaming: row.streaming,
    userAgent: row.user_agent,
  }
}

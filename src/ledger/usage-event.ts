export type UsageStatus = 'COMPLETED' | 'CLIENT_ABORTED' | 'PROVIDER_ABORTED' | 'FAILED' | 'ABANDONED'

/** One request as it is remembered: who, what, tokens, quote, latency, status. Never content. */
export interface UsageEvent {
  id: string
  accountId: string
  resellerId: string | null
  projectId: string
  accessKeyId: string
  surface: string
  model: string
  routeId: string | null
  providerId: string | null
  upstreamModel: string | null
  status: UsageStatus
  httpStatus: number
  errorCode: string | null
  streaming: boolean
  /** True where tokens were counted by us because the provider reported none. */
  estimated: boolean
  ownKey: boolean
  inputTokens: number
  cacheReadTokens: number
  cacheWrite5mTokens: number
  cacheWrite1hTokens: number
  outputTokens: number
  reasoningTokens: number
  listNano: bigint | null
  costNano: bigint
  wholesaleNano: bigint
  priceNano: bigint
  operatorFeeNano: bigint
  sellerFeeNano: bigint
  costProfileId: string | null
  listPriceId: string | null
  operatorRuleId: string | null
  resellerRuleId: string | null
  exposureNano: bigint
  attempts: number
  latencyMs: number
  firstByteMs: number | null
  clientIp: string | null
  userAgent: string | null
  /** Milliseconds since the epoch: when the request came. */
  createdAt: number
}

/** An attempt that did not become the answer. */
export interface RouteAttempt {
  requestId: string
  ordinal: number
  routeId: string
  providerId: string
  httpStatus: number | null
  errorCode: string
  latencyMs: number
  costNano: bigint
  createdAt: number
}

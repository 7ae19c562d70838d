import type { Budget } from '../budget.ts'
import type { Entry } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Lot } from '../lot.ts'
import type { RouteAttempt, UsageEvent } from '../usage-event.ts'
import type { NewLot, Wallet } from '../wallet.ts'
import { type BulkWrite, bulkInsert, bulkUpdate, type Columns } from './bulk-write.ts'

export const insertHolds = bulkInsert<Hold>('hold', {
  request_id: (hold) => hold.requestId,
  account_id: (hold) => hold.accountId,
  amount_nano: (hold) => hold.amountNano,
  lot_ids: (hold) => hold.lots.map((lot) => lot.lotId),
  lot_amounts_nano: (hold) => hold.lots.map((lot) => lot.amountNano),
  budget_ids: (hold) => hold.budgetIds,
  reseller_id: (hold) => hold.resellerId,
  reseller_amount_nano: (hold) => hold.resellerAmountNano,
  reseller_lot_ids: (hold) => hold.resellerLots.map((lot) => lot.lotId),
  reseller_lot_amounts_nano: (hold) => hold.resellerLots.map((lot) => lot.amountNano),
  instance_id: (hold) => hold.instanceId,
  project_id: (hold) => hold.projectId,
  access_key_id: (hold) => hold.accessKeyId,
  model: (hold) => hold.model,
  surface: (hold) => hold.surface,
  streaming: (hold) => hold.streaming,
  cost_bound_nano: (hold) => hold.costBoundNano,
  output_tokens_max: (hold) => hold.outputTokensMax,
  authorized_at: (hold) => hold.authorizedAt,
  deadline_at: (hold) => hold.deadlineAt,
})

export const updateWallets = bulkUpdate<Wallet>(
  'wallet',
  { account_id: (wallet) => wallet.accountId },
  {
    balance_nano: (wallet) => wallet.balanceNano,
    held_nano: (wallet) => wallet.heldNano,
    debt_nano: (wallet) => wallet.debtNano,
    entry_seq: (wallet) => wallet.entrySeq,
    entry_hash: (wallet) => wallet.entryHash,
    top_up_due_at: (wallet) => wallet.topUpDueAt,
  },
)

export const insertLots = bulkInsert<NewLot>('credit_lot', {
  id: ({ lot }) => lot.id,
  account_id: ({ lot }) => lot.accountId,
  source_kind: ({ sourceKind }) => sourceKind,
  source_id: ({ sourceId }) => sourceId,
  priority: ({ lot }) => lot.priority,
  promotional: ({ promotional }) => promotional,
  granted_nano: ({ lot }) => lot.grantedNano,
  remaining_nano: ({ lot }) => lot.remainingNano,
  held_nano: ({ lot }) => lot.heldNano,
  frozen_nano: ({ lot }) => lot.frozenNano,
  open: ({ lot }) => lot.remainingNano > 0n,
  expires_at: ({ lot }) => lot.expiresAt,
  created_at: ({ lot }) => lot.createdAt,
})

const lotFigures: Columns<Lot> = {
  remaining_nano: (lot) => lot.remainingNano,
  held_nano: (lot) => lot.heldNano,
  // There is nothing left to claim in an empty lot.
  frozen_nano: (lot) => (lot.remainingNano > 0n ? lot.frozenNano : 0n),
  open: (lot) => lot.remainingNano > 0n,
}

export const updateLots = bulkUpdate<Lot>('credit_lot', { id: (lot) => lot.id }, lotFigures)

/** Apart from the others, so that the spend path does not carry a column which hardly ever changes. */
export const extendLots = bulkUpdate<Lot>(
  'credit_lot',
  { id: (lot) => lot.id },
  { ...lotFigures, expires_at: (lot) => lot.expiresAt },
  'extend_credit_lot',
)

export const updateBudgets = bulkUpdate<Budget>(
  'budget',
  { id: (budget) => budget.id },
  {
    period_start: (budget) => budget.periodStart,
    spent_nano: (budget) => budget.spentNano,
    held_nano: (budget) => budget.heldNano,
  },
)

export interface HashedEntry {
  entry: Entry
  hash: string
}

export const insertEntries = bulkInsert<HashedEntry>('ledger_entry', {
  account_id: ({ entry }) => entry.accountId,
  seq: ({ entry }) => entry.seq,
  kind: ({ entry }) => entry.kind,
  source_id: ({ entry }) => entry.sourceId,
  amount_nano: ({ entry }) => entry.amountNano,
  balance_after_nano: ({ entry }) => entry.balanceAfterNano,
  currency: ({ entry }) => entry.currency,
  actor_id: ({ entry }) => entry.actorId,
  reason: ({ entry }) => entry.reason,
  created_at: ({ entry }) => entry.createdAt,
  lot_ids: ({ entry }) => entry.movements.map((movement) => movement.lotId),
  lot_amounts_nano: ({ entry }) => entry.movements.map((movement) => movement.amountNano),
  hash: ({ hash }) => hash,
})

/** An event with the currency of the wallet that it was booked on. */
export interface BookedEvent {
  event: UsageEvent
  currency: string
}

export const insertUsageEvents = bulkInsert<BookedEvent>('usage_event', {
  id: ({ event }) => event.id,
  account_id: ({ event }) => event.accountId,
  reseller_id: ({ event }) => event.resellerId,
  project_id: ({ event }) => event.projectId,
  access_key_id: ({ event }) => event.accessKeyId,
  surface: ({ event }) => event.surface,
  model: ({ event }) => event.model,
  route_id: ({ event }) => event.routeId,
  provider_id: ({ event }) => event.providerId,
  upstream_model: ({ event }) => event.upstreamModel,
  status: ({ event }) => event.status,
  http_status: ({ event }) => event.httpStatus,
  error_code: ({ event }) => event.errorCode,
  streaming: ({ event }) => event.streaming,
  estimated: ({ event }) => event.estimated,
  own_key: ({ event }) => event.ownKey,
  input_tokens: ({ event }) => event.inputTokens,
  cache_read_tokens: ({ event }) => event.cacheReadTokens,
  cache_write_5m_tokens: ({ event }) => event.cacheWrite5mTokens,
  cache_write_1h_tokens: ({ event }) => event.cacheWrite1hTokens,
  output_tokens: ({ event }) => event.outputTokens,
  reasoning_tokens: ({ event }) => event.reasoningTokens,
  currency: ({ currency }) => currency,
  list_nano: ({ event }) => event.listNano,
  cost_nano: ({ event }) => event.costNano,
  wholesale_nano: ({ event }) => event.wholesaleNano,
  price_nano: ({ event }) => event.priceNano,
  operator_fee_nano: ({ event }) => event.operatorFeeNano,
  seller_fee_nano: ({ event }) => event.sellerFeeNano,
  cost_profile_id: ({ event }) => event.costProfileId,
  list_price_id: ({ event }) => event.listPriceId,
  operator_rule_id: ({ event }) => event.operatorRuleId,
  reseller_rule_id: ({ event }) => event.resellerRuleId,
  exposure_nano: ({ event }) => event.exposureNano,
  attempts: ({ event }) => event.attempts,
  latency_ms: ({ event }) => event.latencyMs,
  first_byte_ms: ({ event }) => event.firstByteMs,
  client_ip: ({ event }) => event.clientIp,
  user_agent: ({ event }) => event.userAgent,
  created_at: ({ event }) => event.createdAt,
})

export const insertAttempts = bulkInsert<RouteAttempt>('route_attempt', {
  request_id: (attempt) => attempt.requestId,
  ordinal: (attempt) => attempt.ordinal,
  route_id: (attempt) => attempt.routeId,
  provider_id: (attempt) => attempt.providerId,
  http_status: (attempt) => attempt.httpStatus,
  error_code: (attempt) => attempt.errorCode,
  latency_ms: (attempt) => attempt.latencyMs,
  cost_nano: (attempt) => attempt.costNano,
  created_at: (attempt) => attempt.createdAt,
})

/** Every write there is. */
export const ALL_WRITES: readonly BulkWrite<never>[] = [
  insertHolds,
  updateWallets,
  insertLots,
  updateLots,
  extendLots,
  updateBudgets,
  insertEntries,
  insertUsageEvents,
  insertAttempts,
]

import type { Budget } from '../budget.ts'
import type { Entry, Movement } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Lot } from '../lot.ts'
import type { RouteAttempt, UsageEvent } from '../usage-event.ts'
import type { NewLot, Wallet } from '../wallet.ts'
import { plainArray } from './array-literal.ts'
import { bulkInsert, bulkUpdate, type Column } from './bulk-statement.ts'

type Value<Row> = Column<Row>['value']
const uuid = <Row>(name: string, value: Value<Row>): Column<Row> => ({ name, type: 'uuid', kind: 'plain', value })
const bigint = <Row>(name: string, value: Value<Row>): Column<Row> => ({ name, type: 'bigint', kind: 'plain', value })
const integer = <Row>(name: string, value: Value<Row>): Column<Row> => ({ name, type: 'integer', kind: 'plain', value })
const boolean = <Row>(name: string, value: Value<Row>): Column<Row> => ({ name, type: 'boolean', kind: 'plain', value })
const text = <Row>(name: string, value: Value<Row>): Column<Row> => ({ name, type: 'text', kind: 'text', value })
const time = <Row>(name: string, value: Value<Row>): Column<Row> => ({
  name,
  type: 'timestamptz',
  kind: 'milliseconds',
  value,
})
const word = <Row>(name: string, type: string, value: Value<Row>): Column<Row> => ({ name, type, kind: 'plain', value })
const list = <Row>(name: string, type: string, value: Value<Row>): Column<Row> => ({ name, type, kind: 'array', value })
/** Hex is written as a bytea literal; its backslash needs quoting inside an array. */
const bytes = <Row>(name: string, hex: (row: Row) => string): Column<Row> => ({
  name,
  type: 'bytea',
  kind: 'text',
  value: (row) => `\\x${hex(row)}`,
})

export const insertHolds = bulkInsert<Hold>('hold', [
  uuid('request_id', (hold) => hold.requestId),
  uuid('account_id', (hold) => hold.accountId),
  bigint('amount_nano', (hold) => hold.amountNano),
  list('lot_ids', 'uuid', (hold) => plainArray(hold.lots.map((lot) => lot.lotId))),
  list('lot_amounts_nano', 'bigint', (hold) => plainArray(hold.lots.map((lot) => lot.amountNano))),
  list('budget_ids', 'uuid', (hold) => plainArray(hold.budgetIds)),
  uuid('reseller_id', (hold) => hold.resellerId),
  bigint('reseller_amount_nano', (hold) => hold.resellerAmountNano),
  list('reseller_lot_ids', 'uuid', (hold) => plainArray(hold.resellerLots.map((lot) => lot.lotId))),
  list('reseller_lot_amounts_nano', 'bigint', (hold) => plainArray(hold.resellerLots.map((lot) => lot.amountNano))),
  uuid('instance_id', (hold) => hold.instanceId),
  uuid('project_id', (hold) => hold.projectId),
  uuid('access_key_id', (hold) => hold.accessKeyId),
  text('model', (hold) => hold.model),
  text('surface', (hold) => hold.surface),
  boolean('streaming', (hold) => hold.streaming),
  bigint('cost_bound_nano', (hold) => hold.costBoundNano),
  integer('output_tokens_max', (hold) => hold.outputTokensMax),
  time('authorized_at', (hold) => hold.authorizedAt),
  time('deadline_at', (hold) => hold.deadlineAt),
])

export const updateWallets = bulkUpdate<Wallet>('wallet', [
  uuid('account_id', (wallet) => wallet.accountId),
  bigint('balance_nano', (wallet) => wallet.balanceNano),
  bigint('held_nano', (wallet) => wallet.heldNano),
  bigint('debt_nano', (wallet) => wallet.debtNano),
  bigint('entry_seq', (wallet) => wallet.entrySeq),
  bytes('entry_hash', (wallet) => wallet.entryHash),
])

export const insertLots = bulkInsert<NewLot>('credit_lot', [
  uuid('id', ({ lot }) => lot.id),
  uuid('account_id', ({ lot }) => lot.accountId),
  word('source_kind', 'entry_kind', ({ sourceKind }) => sourceKind),
  uuid('source_id', ({ sourceId }) => sourceId),
  integer('priority', ({ lot }) => lot.priority),
  boolean('promotional', ({ promotional }) => promotional),
  bigint('granted_nano', ({ lot }) => lot.grantedNano),
  bigint('remaining_nano', ({ lot }) => lot.remainingNano),
  bigint('held_nano', ({ lot }) => lot.heldNano),
  boolean('open', ({ lot }) => lot.remainingNano > 0n),
  time('expires_at', ({ lot }) => lot.expiresAt),
  time('created_at', ({ lot }) => lot.createdAt),
])

export const updateLots = bulkUpdate<Lot>('credit_lot', [
  uuid('id', (lot) => lot.id),
  bigint('remaining_nano', (lot) => lot.remainingNano),
  bigint('held_nano', (lot) => lot.heldNano),
  boolean('open', (lot) => lot.remainingNano > 0n),
])

export const updateBudgets = bulkUpdate<Budget>('budget', [
  uuid('id', (budget) => budget.id),
  time('period_start', (budget) => budget.periodStart),
  bigint('spent_nano', (budget) => budget.spentNano),
  bigint('held_nano', (budget) => budget.heldNano),
])

export interface HashedEntry {
  entry: Entry
  hash: string
}

export const insertEntries = bulkInsert<HashedEntry>('ledger_entry', [
  uuid('account_id', ({ entry }) => entry.accountId),
  bigint('seq', ({ entry }) => entry.seq),
  word('kind', 'entry_kind', ({ entry }) => entry.kind),
  uuid('source_id', ({ entry }) => entry.sourceId),
  bigint('amount_nano', ({ entry }) => entry.amountNano),
  bigint('balance_after_nano', ({ entry }) => entry.balanceAfterNano),
  text('currency', ({ entry }) => entry.currency),
  uuid('actor_id', ({ entry }) => entry.actorId),
  text('reason', ({ entry }) => entry.reason),
  time('created_at', ({ entry }) => entry.createdAt),
  bytes('hash', ({ hash }) => hash),
])

export interface EntryMovement extends Movement {
  accountId: string
  entrySeq: bigint
  ordinal: number
}

export const insertMovements = bulkInsert<EntryMovement>('lot_movement', [
  uuid('account_id', (movement) => movement.accountId),
  bigint('entry_seq', (movement) => movement.entrySeq),
  integer('ordinal', (movement) => movement.ordinal),
  uuid('lot_id', (movement) => movement.lotId),
  bigint('amount_nano', (movement) => movement.amountNano),
])

export const insertUsageEvents = bulkInsert<UsageEvent>('usage_event', [
  uuid('id', (event) => event.id),
  uuid('account_id', (event) => event.accountId),
  uuid('reseller_id', (event) => event.resellerId),
  uuid('project_id', (event) => event.projectId),
  uuid('access_key_id', (event) => event.accessKeyId),
  text('surface', (event) => event.surface),
  text('model', (event) => event.model),
  uuid('route_id', (event) => event.routeId),
  uuid('provider_id', (event) => event.providerId),
  text('upstream_model', (event) => event.upstreamModel),
  word('status', 'usage_status', (event) => event.status),
  integer('http_status', (event) => event.httpStatus),
  text('error_code', (event) => event.errorCode),
  boolean('streaming', (event) => event.streaming),
  boolean('estimated', (event) => event.estimated),
  boolean('own_key', (event) => event.ownKey),
  integer('input_tokens', (event) => event.inputTokens),
  integer('cache_read_tokens', (event) => event.cacheReadTokens),
  integer('cache_write_5m_tokens', (event) => event.cacheWrite5mTokens),
  integer('cache_write_1h_tokens', (event) => event.cacheWrite1hTokens),
  integer('output_tokens', (event) => event.outputTokens),
  integer('reasoning_tokens', (event) => event.reasoningTokens),
  bigint('list_nano', (event) => event.listNano),
  bigint('cost_nano', (event) => event.costNano),
  bigint('wholesale_nano', (event) => event.wholesaleNano),
  bigint('price_nano', (event) => event.priceNano),
  bigint('operator_fee_nano', (event) => event.operatorFeeNano),
  bigint('seller_fee_nano', (event) => event.sellerFeeNano),
  uuid('cost_profile_id', (event) => event.costProfileId),
  uuid('list_price_id', (event) => event.listPriceId),
  uuid('operator_rule_id', (event) => event.operatorRuleId),
  uuid('reseller_rule_id', (event) => event.resellerRuleId),
  bigint('exposure_nano', (event) => event.exposureNano),
  integer('attempts', (event) => event.attempts),
  integer('latency_ms', (event) => event.latencyMs),
  integer('first_byte_ms', (event) => event.firstByteMs),
  text('client_ip', (event) => event.clientIp),
  text('user_agent', (event) => event.userAgent),
  time('created_at', (event) => event.createdAt),
])

export const insertAttempts = bulkInsert<RouteAttempt>('route_attempt', [
  uuid('request_id', (attempt) => attempt.requestId),
  integer('ordinal', (attempt) => attempt.ordinal),
  uuid('route_id', (attempt) => attempt.routeId),
  uuid('provider_id', (attempt) => attempt.providerId),
  integer('http_status', (attempt) => attempt.httpStatus),
  text('error_code', (attempt) => attempt.errorCode),
  integer('latency_ms', (attempt) => attempt.latencyMs),
  bigint('cost_nano', (attempt) => attempt.costNano),
  time('created_at', (attempt) => attempt.createdAt),
])

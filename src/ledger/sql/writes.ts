import type { Budget } from '../budget.ts'
import type { Entry } from '../entry.ts'
import type { Hold } from '../hold.ts'
import type { Lot } from '../lot.ts'
import type { RouteAttempt, UsageEvent } from '../usage-event.ts'
import type { NewLot, Wallet } from '../wallet.ts'
import { bulkInsert, bulkUpdate } from './bulk-write.ts'
import type { Column } from './row-literal.ts'

type Of<Row, Kind extends Column<Row>['kind']> = Extract<Column<Row>, { kind: Kind }>['value']

const plain = <Row>(name: string, value: Of<Row, 'plain'>): Column<Row> => ({ name, kind: 'plain', value })
const text = <Row>(name: string, value: Of<Row, 'text'>): Column<Row> => ({ name, kind: 'text', value })
const hex = <Row>(name: string, value: Of<Row, 'hex'>): Column<Row> => ({ name, kind: 'hex', value })
const time = <Row>(name: string, value: Of<Row, 'time'>): Column<Row> => ({ name, kind: 'time', value })
const list = <Row>(name: string, value: Of<Row, 'list'>): Column<Row> => ({ name, kind: 'list', value })
/** A column that an update leaves as it is. */
const kept = (name: string): Column<unknown> => ({ name, kind: 'plain', value: () => null })

export const insertHolds = bulkInsert<Hold>('hold', [
  plain('request_id', (hold) => hold.requestId),
  plain('account_id', (hold) => hold.accountId),
  plain('amount_nano', (hold) => hold.amountNano),
  list('lot_ids', (hold) => hold.lots.map((lot) => lot.lotId)),
  list('lot_amounts_nano', (hold) => hold.lots.map((lot) => lot.amountNano)),
  list('budget_ids', (hold) => hold.budgetIds),
  plain('reseller_id', (hold) => hold.resellerId),
  plain('reseller_amount_nano', (hold) => hold.resellerAmountNano),
  list('reseller_lot_ids', (hold) => hold.resellerLots.map((lot) => lot.lotId)),
  list('reseller_lot_amounts_nano', (hold) => hold.resellerLots.map((lot) => lot.amountNano)),
  plain('instance_id', (hold) => hold.instanceId),
  plain('project_id', (hold) => hold.projectId),
  plain('access_key_id', (hold) => hold.accessKeyId),
  text('model', (hold) => hold.model),
  text('surface', (hold) => hold.surface),
  plain('streaming', (hold) => hold.streaming),
  plain('cost_bound_nano', (hold) => hold.costBoundNano),
  plain('output_tokens_max', (hold) => hold.outputTokensMax),
  time('authorized_at', (hold) => hold.authorizedAt),
  time('deadline_at', (hold) => hold.deadlineAt),
])

export const updateWallets = bulkUpdate<Wallet>(
  'wallet',
  'account_id',
  ['balance_nano', 'held_nano', 'debt_nano', 'entry_seq', 'entry_hash'],
  [
    plain('account_id', (wallet) => wallet.accountId),
    text('currency', (wallet) => wallet.currency),
    plain('balance_nano', (wallet) => wallet.balanceNano),
    plain('held_nano', (wallet) => wallet.heldNano),
    plain('debt_nano', (wallet) => wallet.debtNano),
    plain('entry_seq', (wallet) => wallet.entrySeq),
    hex('entry_hash', (wallet) => wallet.entryHash),
  ],
)

export const insertLots = bulkInsert<NewLot>('credit_lot', [
  plain('id', ({ lot }) => lot.id),
  plain('account_id', ({ lot }) => lot.accountId),
  plain('source_kind', ({ sourceKind }) => sourceKind),
  plain('source_id', ({ sourceId }) => sourceId),
  plain('priority', ({ lot }) => lot.priority),
  plain('promotional', ({ promotional }) => promotional),
  plain('granted_nano', ({ lot }) => lot.grantedNano),
  plain('remaining_nano', ({ lot }) => lot.remainingNano),
  plain('held_nano', ({ lot }) => lot.heldNano),
  plain('open', ({ lot }) => lot.remainingNano > 0n),
  time('expires_at', ({ lot }) => lot.expiresAt),
  time('created_at', ({ lot }) => lot.createdAt),
])

export const updateLots = bulkUpdate<Lot>(
  'credit_lot',
  'id',
  ['remaining_nano', 'held_nano', 'open'],
  [
    plain('id', (lot) => lot.id),
    kept('account_id'),
    kept('source_kind'),
    kept('source_id'),
    kept('priority'),
    kept('promotional'),
    kept('granted_nano'),
    plain('remaining_nano', (lot) => lot.remainingNano),
    plain('held_nano', (lot) => lot.heldNano),
    plain('open', (lot) => lot.remainingNano > 0n),
    kept('expires_at'),
    kept('created_at'),
  ],
)

export const updateBudgets = bulkUpdate<Budget>(
  'budget',
  'id',
  ['period_start', 'spent_nano', 'held_nano'],
  [
    plain('id', (budget) => budget.id),
    kept('account_id'),
    kept('project_id'),
    kept('access_key_id'),
    kept('period'),
    kept('limit_nano'),
    time('period_start', (budget) => budget.periodStart),
    plain('spent_nano', (budget) => budget.spentNano),
    plain('held_nano', (budget) => budget.heldNano),
    kept('created_at'),
  ],
)

export interface HashedEntry {
  entry: Entry
  hash: string
}

export const insertEntries = bulkInsert<HashedEntry>('ledger_entry', [
  plain('account_id', ({ entry }) => entry.accountId),
  plain('seq', ({ entry }) => entry.seq),
  plain('kind', ({ entry }) => entry.kind),
  plain('source_id', ({ entry }) => entry.sourceId),
  plain('amount_nano', ({ entry }) => entry.amountNano),
  plain('balance_after_nano', ({ entry }) => entry.balanceAfterNano),
  text('currency', ({ entry }) => entry.currency),
  plain('actor_id', ({ entry }) => entry.actorId),
  text('reason', ({ entry }) => entry.reason),
  time('created_at', ({ entry }) => entry.createdAt),
  list('lot_ids', ({ entry }) => entry.movements.map((movement) => movement.lotId)),
  list('lot_amounts_nano', ({ entry }) => entry.movements.map((movement) => movement.amountNano)),
  hex('hash', ({ hash }) => hash),
])

/** An event with the currency of the wallet that it was booked on. */
export interface BookedEvent {
  event: UsageEvent
  currency: string
}

export const insertUsageEvents = bulkInsert<BookedEvent>('usage_event', [
  plain('id', ({ event }) => event.id),
  plain('account_id', ({ event }) => event.accountId),
  plain('reseller_id', ({ event }) => event.resellerId),
  plain('project_id', ({ event }) => event.projectId),
  plain('access_key_id', ({ event }) => event.accessKeyId),
  text('surface', ({ event }) => event.surface),
  text('model', ({ event }) => event.model),
  plain('route_id', ({ event }) => event.routeId),
  plain('provider_id', ({ event }) => event.providerId),
  text('upstream_model', ({ event }) => event.upstreamModel),
  plain('status', ({ event }) => event.status),
  plain('http_status', ({ event }) => event.httpStatus),
  text('error_code', ({ event }) => event.errorCode),
  plain('streaming', ({ event }) => event.streaming),
  plain('estimated', ({ event }) => event.estimated),
  plain('own_key', ({ event }) => event.ownKey),
  plain('input_tokens', ({ event }) => event.inputTokens),
  plain('cache_read_tokens', ({ event }) => event.cacheReadTokens),
  plain('cache_write_5m_tokens', ({ event }) => event.cacheWrite5mTokens),
  plain('cache_write_1h_tokens', ({ event }) => event.cacheWrite1hTokens),
  plain('output_tokens', ({ event }) => event.outputTokens),
  plain('reasoning_tokens', ({ event }) => event.reasoningTokens),
  text('currency', ({ currency }) => currency),
  plain('list_nano', ({ event }) => event.listNano),
  plain('cost_nano', ({ event }) => event.costNano),
  plain('wholesale_nano', ({ event }) => event.wholesaleNano),
  plain('price_nano', ({ event }) => event.priceNano),
  plain('operator_fee_nano', ({ event }) => event.operatorFeeNano),
  plain('seller_fee_nano', ({ event }) => event.sellerFeeNano),
  plain('cost_profile_id', ({ event }) => event.costProfileId),
  plain('list_price_id', ({ event }) => event.listPriceId),
  plain('operator_rule_id', ({ event }) => event.operatorRuleId),
  plain('reseller_rule_id', ({ event }) => event.resellerRuleId),
  plain('exposure_nano', ({ event }) => event.exposureNano),
  plain('attempts', ({ event }) => event.attempts),
  plain('latency_ms', ({ event }) => event.latencyMs),
  plain('first_byte_ms', ({ event }) => event.firstByteMs),
  text('client_ip', ({ event }) => event.clientIp),
  text('user_agent', ({ event }) => event.userAgent),
  time('created_at', ({ event }) => event.createdAt),
])

export const insertAttempts = bulkInsert<RouteAttempt>('route_attempt', [
  plain('request_id', (attempt) => attempt.requestId),
  plain('ordinal', (attempt) => attempt.ordinal),
  plain('route_id', (attempt) => attempt.routeId),
  plain('provider_id', (attempt) => attempt.providerId),
  plain('http_status', (attempt) => attempt.httpStatus),
  text('error_code', (attempt) => attempt.errorCode),
  plain('latency_ms', (attempt) => attempt.latencyMs),
  plain('cost_nano', (attempt) => attempt.costNano),
  time('created_at', (attempt) => attempt.createdAt),
])

/** Every write there is; each names all columns of its table in the table's order. */
export const ALL_WRITES: readonly { table: string; columns: readonly { name: string }[] }[] = [
  insertHolds,
  updateWallets,
  insertLots,
  updateLots,
  updateBudgets,
  insertEntries,
  insertUsageEvents,
  insertAttempts,
]

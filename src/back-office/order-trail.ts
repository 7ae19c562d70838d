import type { ClientBase, Pool } from 'pg'
import type { Actor } from '../accounts/actor.ts'
import { type Dispute, findDisputes } from '../orders/disputes/dispute.ts'
import { type BankReceipt, findReceipts } from '../orders/manual/bank-receipt.ts'
import type { PaymentOrder } from '../orders/order.ts'
import { orderPath } from '../orders/order-path.ts'
import { findRefunds, type Refund } from '../orders/refunds/refund.ts'
import { type ListedLot, listLots } from './list-lots.ts'
import { orderWithin } from './order-within.ts'

/** What is shown of one order: none has more of anything. */
const ROWS_SHOWN_MAX = 500

export interface TrailTransition {
  readonly fromState: string | null
  readonly toState: string
  readonly cause: string
  readonly actorId: string | null
  readonly createdAt: Date
}

export interface TrailEntry {
  readonly seq: bigint
  readonly kind: string
  readonly sourceId: string
  readonly amountNano: bigint
  readonly balanceAfterNano: bigint
  readonly reason: string | null
  readonly actorId: string | null
  readonly createdAt: Date
}

export interface TrailDocument {
  readonly id: string
  readonly kind: 'INVOICE' | 'CREDIT_NOTE'
  readonly number: string
  readonly totalMinor: bigint
  readonly currency: string
  /** `YYYY-MM-DD`. */
  readonly issueDate: string
  readonly refundId: string | null
}

/** Everything that happened to an order. */
export interface OrderTrail {
  readonly order: PaymentOrder
  readonly accountName: string
  /** Where its buyer sees how it stands, and finds the pro-forma of a bank transfer. */
  readonly path: string
  readonly transitions: readonly TrailTransition[]
  readonly receipts: readonly BankReceipt[]
  readonly refunds: readonly Refund[]
  readonly disputes: readonly Dispute[]
  readonly lots: readonly ListedLot[]
  readonly entries: readonly TrailEntry[]
  readonly documents: readonly TrailDocument[]
  /** The names of all people whose ids stand in it; an access key or the program itself has none. */
  readonly people: ReadonlyMap<string, string>
}

/**
 * The whole story of an order that is theirs to see.
 * @throws OrderError `order_not_found`
 */
export async function orderTrail(client: Pool | ClientBase, actor: Actor, orderId: string): Promise<OrderTrail> {
  const order = await orderWithin(client, actor, orderId)
  const transitions = await readTransitions(client, order.id)
  const receipts = await findReceipts(client, 'order_id = $1', [order.id])
  const refunds = await findRefunds(client, 'order_id = $1 ORDER BY created_at, id', [order.id])
  const disputes = await findDisputes(client, 'order_id = $1 ORDER BY opened_at, id', [order.id])
  const claimIds = [...refunds, ...disputes].map(({ id }) => id)
  // Its own lots, and those in which credits came back.
  const lots = await listLots(client, 'account_id = $1 AND (id = ANY ($2::uuid[]) OR source_id = ANY ($3::uuid[]))', [
    ...[order.accountId, [order.lotId, order.bonusLotId], claimIds],
  ])
  const entries = await readEntries(client, order.accountId, [order.id, ...claimIds])
  const named = [
    ...[order.createdById, order.approvedById],
    ...[...transitions, ...refunds, ...entries].map(({ actorId }) => actorId),
    ...receipts.map(({ recordedById }) => recordedById),
  ]
  return {
    ...{ order, transitions, receipts, refunds, disputes, lots, entries, path: orderPath(order.id) },
    documents: await readDocuments(client, order.id),
    people: await namesOf(client, named),
    accountName: await readAccountName(client, order.accountId),
  }
}

async function readTransitions(client: Pool | ClientBase, orderId: string): Promise<TrailTransition[]> {
  const { rows } = await client.query<TrailTransition>(
    `SELECT from_state AS "fromState", to_state AS "toState", cause, actor_id AS "actorId", created_at AS "createdAt"
     FROM order_transition WHERE order_id = $1 ORDER BY ordinal LIMIT ${ROWS_SHOWN_MAX}`,
    [orderId],
  )
  return rows
}

/** Every kind is named, so that the index by kind and source is of use. */
async function readEntries(
  client: Pool | ClientBase,
  accountId: string,
  sourceIds: readonly string[],
): Promise<TrailEntry[]> {
  const { rows } = await client.query<Record<'no' | 'amount' | 'after', string> & TrailEntry>(
    `SELECT seq AS no, kind, source_id AS "sourceId", amount_nano AS amount, balance_after_nano AS after, reason,
            actor_id AS "actorId", created_at AS "createdAt"
     FROM ledger_entry WHERE account_id = $1 AND source_id = ANY ($2::uuid[]) AND kind = ANY (enum_range(NULL::entry_kind))
     ORDER BY seq LIMIT ${ROWS_SHOWN_MAX}`,
    [accountId, sourceIds],
  )
  return rows.map(({ no, amount, after, ...entry }) => ({
    ...entry,
    ...{ seq: BigInt(no), amountNano: BigInt(amount), balanceAfterNano: BigInt(after) },
  }))
}

async function readDocuments(client: Pool | ClientBase, orderId: string): Promise<TrailDocument[]> {
  const { rows } = await client.query<TrailDocument & { total: string }>(
    `SELECT id, kind, number, total_minor AS total, currency, to_char(issue_date, 'YYYY-MM-DD') AS "issueDate",
            refund_id AS "refundId"
     FROM tax_document WHERE order_id = $1 ORDER BY created_at, original_id NULLS FIRST, id LIMIT ${ROWS_SHOWN_MAX}`,
    [orderId],
  )
  return rows.map(({ total, ...document }) => ({ ...document, totalMinor: BigInt(total) }))
}

async function readAccountName(client: Pool | ClientBase, accountId: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM account WHERE id = $1', [accountId])
  return rows[0]?.name ?? ''
}

/** Who these people are; ids of others are left out. */
export async function namesOf(
  client: Pool | ClientBase,
  userIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const known = [...new Set(userIds.filter((userId) => userId !== null))]
  if (known.length === 0) return new Map()
  const { rows } = await client.query<{ id: string; name: string }>(
    'SELECT id, name FROM "user" WHERE id = ANY ($1::uuid[])',
    [known],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { orderColumn, orderOf, type PaymentOrder } from './order.ts'
import { OrderError } from './order-error.ts'
import { isOpen, mayMove, type OrderState } from './order-state.ts'

/** Why an order moves, and who moves it. */
export interface MoveCause {
  /** An event's id, a job, a person's act: for the order's history. */
  cause: string
  actorId: string | null
}

/** What may change beside the state. The database guards what an order is bound to. */
export type OrderChanges = Partial<
  Omit<
    PaymentOrder,
    'id' | 'number' | 'reference' | 'accountId' | 'kind' | 'provider' | 'livemode' | 'currency' | 'state'
  >
>

const TIMES: ReadonlySet<string> = new Set(['approvedAt', 'createdAt', 'expiresAt', 'paidAt', 'closedAt', 'checkedAt'])

/**
 * Moves a locked order on, with its transition, in the caller's transaction.
 * @throws OrderError `order_move_refused` where the table of moves does not have it.
 */
export async function moveOrder(
  client: ClientBase,
  clock: Clock,
  order: PaymentOrder,
  to: OrderState,
  { cause, actorId }: MoveCause,
  changes: OrderChanges = {},
): Promise<PaymentOrder> {
  if (!mayMove(order.state, to)) {
    throw new OrderError('order_move_refused', `An order that is ${inWords(order.state)} cannot become ${inWords(to)}.`)
  }
  const closedAt = isOpen(to) ? null : (order.closedAt ?? clock.now())
  const moved = await changeOrder(client, order, { ...changes, closedAt }, to)
  await client.query({
    name: 'insert_transition',
    text: `INSERT INTO order_transition (order_id, ordinal, from_state, to_state, cause, actor_id, created_at)
           SELECT $1, coalesce(max(ordinal), 0) + 1, $2, $3, $4, $5, $6 FROM order_transition WHERE order_id = $1`,
    values: [order.id, order.state, to, cause, actorId, new Date(clock.now())],
  })
  return moved
}

/** Changes what a locked order knows, not its state. */
export async function changeOrder(
  client: ClientBase,
  order: PaymentOrder,
  changes: OrderChanges,
  state: OrderState = order.state,
): Promise<PaymentOrder> {
  const fields = Object.entries(changes) as [keyof PaymentOrder, unknown][]
  const sets = fields.map(([field], index) => `, ${orderColumn(field)} = $${index + 3}`)
  const values = fields.map(([field, value]) =>
    TIMES.has(field) && value !== null ? new Date(value as number) : value,
  )
  const { rows } = await client.query<Record<string, never>>(
    `UPDATE payment_order SET state = $2${sets.join('')} WHERE id = $1 RETURNING *`,
    [order.id, state, ...values],
  )
  const [row] = rows
  if (!row) throw new Error(`order ${order.id} is gone`)
  return orderOf(row)
}

function inWords(state: OrderState): string {
  return state.toLowerCase().replaceAll('_', ' ')
}

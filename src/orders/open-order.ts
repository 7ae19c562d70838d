import type { ClientBase } from 'pg'
import type { TaxPoint } from '../invoicing/seller-schema.ts'
import type { SaleTax } from '../invoicing/tax-of-sale.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { creditorReference } from './creditor-reference.ts'
import { lockOrder, type OrderKind, type PaymentOrder, type PaymentProvider } from './order.ts'
import type { OrderState } from './order-state.ts'

/** Credits last a year, unless an order says otherwise. */
export const CREDIT_DAYS = 365

export interface NewOrder {
  accountId: string
  kind: OrderKind
  state: Extract<OrderState, 'DRAFT' | 'AWAITING_PAYMENT'>
  provider: PaymentProvider
  livemode: boolean
  packageId: string | null
  planId: string | null
  currency: string
  netMinor: bigint
  taxMinor: bigint
  /** How the tax was decided; null = not yet, and it will be contained in what is paid. */
  taxDecision?: SaleTax | null
  /** When its tax is due; left out = at its payment. At usage, its credits are vouchers of the seller. */
  taxPoint?: TaxPoint
  sellerId?: string | null
  creditNano: bigint
  bonusNano: bigint
  paymentMethodId: string | null
  /** The person or access key that asks for it; null = the program itself. */
  createdById: string | null
  note: string | null
  expiresAt: number | null
  /** What opened it, for the order's history. */
  cause: string
}

/** Writes an order with its first transition in the caller's transaction. From here on it is bound to all this. */
export async function openOrder(client: ClientBase, clock: Clock, order: NewOrder): Promise<PaymentOrder> {
  const id = uuidV7(clock)
  const { rows } = await client.query<{ number: string }>(
    `SELECT nextval(pg_get_serial_sequence('payment_order', 'number')) AS number`,
  )
  const number = BigInt(rows[0]?.number ?? 0)
  const at = new Date(clock.now())
  await client.query(
    `INSERT INTO payment_order (id, number, reference, account_id, kind, state, provider, livemode, package_id, plan_id, currency,
       net_minor, tax_minor, total_minor, credit_nano, bonus_nano, credit_days, payment_method_id, created_by_id, note, created_at, expires_at, tax_decision,
       tax_point, seller_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
    [
      ...[id, number, creditorReference(number), order.accountId, order.kind, order.state, order.provider],
      ...[order.livemode, order.packageId, order.planId, order.currency, order.netMinor, order.taxMinor],
      ...[order.netMinor + order.taxMinor, order.creditNano, order.bonusNano, CREDIT_DAYS, order.paymentMethodId],
      ...[order.createdById, order.note, at, order.expiresAt === null ? null : new Date(order.expiresAt)],
      order.taxDecision ? JSON.stringify(order.taxDecision) : null,
      ...[order.taxPoint ?? 'PURCHASE', order.sellerId ?? null],
    ],
  )
  await client.query(
    `INSERT INTO order_transition (order_id, ordinal, from_state, to_state, cause, actor_id, created_at)
     VALUES ($1, 1, NULL, $2, $3, $4, $5)`,
    [id, order.state, order.cause, order.createdById, at],
  )
  return (await lockOrder(client, id)) as PaymentOrder
}

import type { ClientBase, Pool } from 'pg'
import type { TaxPoint } from '../invoicing/seller-schema.ts'
import type { SaleTax } from '../invoicing/tax-of-sale.ts'
import type { OrderState } from './order-state.ts'

export type OrderKind = 'CHECKOUT' | 'AUTO_TOP_UP' | 'MANUAL'
export type PaymentProvider = 'STRIPE' | 'BANK'

/** An intent to buy credits. Amounts of money in minor units, credits in nano, times in milliseconds since the epoch. */
export interface PaymentOrder {
  readonly id: string
  readonly number: bigint
  /** What a bank transfer names: an ISO 11649 creditor reference. */
  readonly reference: string
  readonly accountId: string
  readonly kind: OrderKind
  readonly state: OrderState
  readonly provider: PaymentProvider
  readonly livemode: boolean
  readonly packageId: string | null
  readonly planId: string | null
  readonly currency: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly creditNano: bigint
  readonly bonusNano: bigint
  /** How long its credits last from the day they are paid. */
  readonly creditDays: number
  readonly lotId: string | null
  readonly bonusLotId: string | null
  readonly checkoutSessionId: string | null
  readonly checkoutUrl: string | null
  readonly paymentIntentId: string | null
  readonly paymentMethodId: string | null
  readonly failureCode: string | null
  readonly failureMessage: string | null
  readonly receivedMinor: bigint
  readonly settlement: string | null
  /** How it is taxed, where that was decided before it was paid; null = the tax is contained in what was paid. */
  readonly taxDecision: SaleTax | null
  /** When its tax is due: at its payment, or as its credits, which are vouchers then, are used. Never changes. */
  readonly taxPoint: TaxPoint
  /** Whose vouchers they are; null where its tax is due at its payment. */
  readonly sellerId: string | null
  readonly approvedById: string | null
  readonly approvedAt: number | null
  readonly refundedMinor: bigint
  readonly withdrawnNano: bigint
  readonly createdById: string | null
  readonly note: string | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly paidAt: number | null
  readonly closedAt: number | null
  readonly checkedAt: number | null
}

type Column = readonly [name: string, parse: (value: never) => unknown]
const asIs = (value: unknown) => value
const amount = (value: string) => BigInt(value)
const time = (value: Date | null) => value?.getTime() ?? null

/** Every field of an order with its column and how the driver's value is read. */
const COLUMNS: Readonly<Record<keyof PaymentOrder, Column>> = {
  id: ['id', asIs],
  number: ['number', amount],
  reference: ['reference', asIs],
  accountId: ['account_id', asIs],
  kind: ['kind', asIs],
  state: ['state', asIs],
  provider: ['provider', asIs],
  livemode: ['livemode', asIs],
  packageId: ['package_id', asIs],
  planId: ['plan_id', asIs],
  currency: ['currency', asIs],
  netMinor: ['net_minor', amount],
  taxMinor: ['tax_minor', amount],
  totalMinor: ['total_minor', amount],
  creditNano: ['credit_nano', amount],
  bonusNano: ['bonus_nano', amount],
  creditDays: ['credit_days', asIs],
  lotId: ['lot_id', asIs],
  bonusLotId: ['bonus_lot_id', asIs],
  checkoutSessionId: ['checkout_session_id', asIs],
  checkoutUrl: ['checkout_url', asIs],
  paymentIntentId: ['payment_intent_id', asIs],
  paymentMethodId: ['payment_method_id', asIs],
  failureCode: ['failure_code', asIs],
  failureMessage: ['failure_message', asIs],
  receivedMinor: ['received_minor', amount],
  settlement: ['settlement', asIs],
  taxDecision: ['tax_decision', asIs],
  taxPoint: ['tax_point', asIs],
  sellerId: ['seller_id', asIs],
  approvedById: ['approved_by_id', asIs],
  approvedAt: ['approved_at', time],
  refundedMinor: ['refunded_minor', amount],
  withdrawnNano: ['withdrawn_nano', amount],
  createdById: ['created_by_id', asIs],
  note: ['note', asIs],
  createdAt: ['created_at', time],
  expiresAt: ['expires_at', time],
  paidAt: ['paid_at', time],
  closedAt: ['closed_at', time],
  checkedAt: ['checked_at', time],
}

export const orderColumn = (field: keyof PaymentOrder): string => COLUMNS[field][0]

type OrderRow = Record<string, never>

export function orderOf(row: OrderRow): PaymentOrder {
  const fields = Object.entries(COLUMNS).map(([field, [name, parse]]) => [field, parse(row[name] as never)])
  return Object.fromEntries(fields) as PaymentOrder
}

/** Orders by a condition on the table `payment_order`, oldest first. */
export async function findOrders(
  client: ClientBase | Pool,
  condition: string,
  values: readonly unknown[],
): Promise<PaymentOrder[]> {
  const { rows } = await client.query<OrderRow>(`SELECT * FROM payment_order WHERE ${condition}`, [...values])
  return rows.map(orderOf)
}

/** Nobody else changes the order until the caller's transaction ends. */
export async function lockOrder(client: ClientBase, id: string): Promise<PaymentOrder | null> {
  const text = 'SELECT * FROM payment_order WHERE id = $1 FOR UPDATE'
  const { rows } = await client.query<OrderRow>({ name: 'lock_order', text, values: [id] })
  return rows[0] ? orderOf(rows[0]) : null
}

export async function readOrder(client: ClientBase | Pool, id: string): Promise<PaymentOrder | null> {
  const [order] = await findOrders(client, 'id = $1', [id])
  return order ?? null
}

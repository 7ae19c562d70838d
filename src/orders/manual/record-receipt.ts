import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import type { Witness } from '../../lib/witness.ts'
import { oncePerKey } from '../idempotency.ts'
import { changeOrder } from '../move-order.ts'
import type { PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import type { OrderState } from '../order-state.ts'
import {
  amountMinor,
  currency,
  id,
  idempotencyKey,
  invalidField,
  readRequest,
  writtenLine,
  writtenText,
} from '../read-request.ts'
import { type BankReceipt, findReceipts } from './bank-receipt.ts'
import { lockManualOrder, type ManualOrderDeps } from './manual-order.ts'

/** A statement line's own text (ISO 20022 `Ustrd`) is no longer. */
const BANK_REFERENCE_LENGTH_MAX = 140
/** Older statements are a mistake of typing. */
const STATEMENT_YEARS_MAX = 2

const RECEIVABLE: ReadonlySet<OrderState> = new Set(['AWAITING_PAYMENT', 'EXPIRED'])

const request = z.strictObject({
  orderId: id,
  /** Capitals and single spaces: the same transfer typed in another way is the same transfer. */
  bankReference: writtenLine(BANK_REFERENCE_LENGTH_MAX).transform((text) => text.toUpperCase()),
  amountMinor,
  currency,
  receivedOn: z.iso.date({ error: 'must be a day that exists, as YYYY-MM-DD' }),
  evidence: writtenText().nullable().default(null),
  actorId: id,
  idempotencyKey,
})
export type NewReceipt = z.input<typeof request>
type Receipt = Omit<z.output<typeof request>, 'idempotencyKey'>

/**
 * Records money as the bank statement shows it. Several receipts of an order add up. The same transfer recorded again
 * for the same order is the receipt that there is.
 * @throws OrderError `invalid_request`, `order_not_found`, `order_move_refused`, `receipt_mismatch`,
 *   `bank_reference_used`, `idempotency_conflict`
 */
export async function recordReceipt(
  deps: ManualOrderDeps,
  input: NewReceipt,
  witness?: Witness<PaymentOrder>,
): Promise<{ receipt: BankReceipt; order: PaymentOrder }> {
  const { idempotencyKey: key, ...asked } = readRequest(request, input)
  checkDay(deps.clock, asked.receivedOn)
  return inTransaction(deps.pool, async (client) => {
    const { actorId, ...body } = asked
    const call = { scopeId: actorId, verb: 'recordReceipt', key, body }
    const { resultId } = await oncePerKey(client, deps.clock, call, () => record(client, deps.clock, asked, witness))
    const [receipt] = await findReceipts(client, 'id = $1', [resultId])
    if (!receipt) throw new Error(`receipt ${resultId} is gone`)
    return { receipt, order: await lockManualOrder(client, receipt.orderId) }
  })
}

async function record(
  client: ClientBase,
  clock: Clock,
  asked: Receipt,
  witness: Witness<PaymentOrder> | undefined,
): Promise<string> {
  const order = await lockManualOrder(client, asked.orderId)
  if (asked.currency !== order.currency) {
    throw new OrderError('receipt_mismatch', `currency must be ${order.currency}, as the order's is.`, {
      field: 'currency',
    })
  }
  const before = await sameReceipt(client, asked)
  if (before) return before
  if (!RECEIVABLE.has(order.state)) {
    const state = order.state.toLowerCase().replaceAll('_', ' ')
    throw new OrderError('order_move_refused', `An order that is ${state} cannot receive money.`, { field: 'orderId' })
  }
  const id = uuidV7(clock)
  // Waits for another transaction that records the same reference, for another order.
  const { rowCount } = await client.query(
    `INSERT INTO bank_receipt (id, order_id, bank_reference, currency, amount_minor, received_on, evidence, recorded_by_id, recorded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (bank_reference) DO NOTHING`,
    [
      ...[id, order.id, asked.bankReference, asked.currency, asked.amountMinor, asked.receivedOn, asked.evidence],
      ...[asked.actorId, new Date(clock.now())],
    ],
  )
  if (rowCount === 0) throw bankReferenceUsed()
  const after = await changeOrder(client, order, { receivedMinor: order.receivedMinor + asked.amountMinor })
  await witness?.(client, { before: order, after })
  return id
}

/** The order is locked, so no second receipt of its own can appear meanwhile. */
async function sameReceipt(client: ClientBase, asked: Receipt): Promise<string | null> {
  const [known] = await findReceipts(client, 'bank_reference = $1', [asked.bankReference])
  if (!known) return null
  if (known.orderId === asked.orderId && known.amountMinor === asked.amountMinor) return known.id
  throw bankReferenceUsed()
}

function bankReferenceUsed(): OrderError {
  return new OrderError(
    'bank_reference_used',
    'This bank reference was recorded before, with another order or amount.',
    {
      field: 'bankReference',
    },
  )
}

/** Days compare as their texts do. */
function checkDay(clock: Clock, day: string): void {
  const today = new Date(clock.now()).toISOString().slice(0, 10)
  const oldest = `${Number(today.slice(0, 4)) - STATEMENT_YEARS_MAX}${today.slice(4)}`
  if (day > today) throw invalidField('receivedOn', 'must not be in the future (UTC)')
  if (day < oldest) throw invalidField('receivedOn', `must not be more than ${STATEMENT_YEARS_MAX} years ago`)
}

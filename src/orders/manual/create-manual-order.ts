import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Witness } from '../../lib/witness.ts'
import { queueMailToAccount } from '../../mail/queue-mail.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import { printedReference } from '../creditor-reference.ts'
import { oncePerKey } from '../idempotency.ts'
import { openOrder } from '../open-order.ts'
import type { PaymentOrder } from '../order.ts'
import { OrderError } from '../order-error.ts'
import { orderPath } from '../order-path.ts'
import { type OrderTax, taxOnOrder } from '../order-tax.ts'
import {
  amountMinor,
  bonusNano,
  CREDIT_NANO_MAX,
  creditNano,
  currency,
  id,
  idempotencyKey,
  invalidField,
  readRequest,
  taxMinor,
  writtenText,
} from '../read-request.ts'
import { inMoney, lockManualOrder, type ManualOrderDeps } from './manual-order.ts'
import { bankDetails, type PayableSeller, payableSeller } from './payable-seller.ts'

const DAY_MS = 86_400_000
const DUE_DAYS = 30
const DUE_DAYS_MAX = 365
const DUE = { error: `must be a whole number of days, 1 to ${DUE_DAYS_MAX}` }

const request = z.strictObject({
  accountId: id,
  netMinor: amountMinor,
  /** Null or left out: decided by where the buyer is. */
  taxMinor: taxMinor.optional(),
  currency,
  /** Without it, the net buys as many credits. */
  creditNano: creditNano.optional(),
  bonusNano: bonusNano.default(0n),
  packageId: id.nullable().default(null),
  /** For the staff; the buyer is not shown it. */
  note: writtenText().nullable().default(null),
  dueDays: z.int(DUE).min(1, DUE).max(DUE_DAYS_MAX, DUE).default(DUE_DAYS),
  actorId: id,
  idempotencyKey,
})
export type NewManualOrder = z.input<typeof request>

/**
 * Opens an order that is paid by bank transfer, and mails the buyer how. It is due at the end of the day (UTC) that is
 * `dueDays` from today.
 * @throws OrderError `invalid_request`, `package_not_found`, `currency_not_supported`, `amount_above_maximum`,
 *   `idempotency_conflict`
 */
export async function createManualOrder(
  deps: ManualOrderDeps,
  input: NewManualOrder,
  witness?: Witness<PaymentOrder>,
): Promise<PaymentOrder> {
  const { actorId, idempotencyKey: key, ...order } = readRequest(request, input)
  const credits = order.creditNano ?? order.netMinor * NANO_PER_CENT
  if (credits > CREDIT_NANO_MAX) {
    throw new OrderError('amount_above_maximum', 'netMinor buys more credits than one order may.', {
      field: 'netMinor',
    })
  }
  return inTransaction(deps.pool, async (client) => {
    const call = { scopeId: actorId, verb: 'createManualOrder', key, body: order }
    const { resultId } = await oncePerKey(client, deps.clock, call, async () => {
      await checkWallet(client, order.accountId, order.currency)
      const planId = await planOf(client, order.packageId, order.currency)
      const seller = await payableSeller(client, order.accountId)
      const opened = await openOrder(client, deps.clock, {
        ...{ accountId: order.accountId, packageId: order.packageId, planId, note: order.note },
        ...{ kind: 'MANUAL', state: 'AWAITING_PAYMENT', provider: 'BANK', livemode: true, paymentMethodId: null },
        ...{ currency: order.currency, netMinor: order.netMinor },
        ...(await taxOf(client, deps.clock, order)),
        ...{ creditNano: credits, bonusNano: order.bonusNano },
        createdById: actorId,
        expiresAt: endOfDay(deps.clock, order.dueDays),
        cause: 'manual order opened',
      })
      await tellBuyer(client, deps.clock, opened, seller)
      await witness?.(client, { before: null, after: opened })
      return opened.id
    })
    return lockManualOrder(client, resultId)
  })
}

/** As the staff says, or as it is decided for a buyer whose country is known. */
async function taxOf(
  client: ClientBase,
  clock: Clock,
  {
    accountId,
    currency,
    netMinor,
    taxMinor,
  }: { accountId: string; currency: string; netMinor: bigint; taxMinor?: bigint | undefined },
): Promise<OrderTax> {
  const decided = await taxOnOrder(client, clock, { accountId, currency, netMinor })
  if (taxMinor === undefined) return decided
  if (decided.taxPoint === 'USAGE' && taxMinor > 0n) {
    throw invalidField('taxMinor', 'must be zero: the seller’s credits are vouchers, taxed as they are used')
  }
  return { ...decided, taxMinor, taxDecision: null }
}

/** The last millisecond of the day (UTC), so that whoever pays on the day that is printed pays in time. */
function endOfDay(clock: Clock, daysAhead: number): number {
  const today = Math.floor(clock.now() / DAY_MS)
  return (today + daysAhead + 1) * DAY_MS - 1
}

/** Credits are in the currency of the wallet, and so is what is paid for them. */
async function checkWallet(client: ClientBase, accountId: string, orderCurrency: string): Promise<void> {
  const { rows } = await client.query<{ currency: string }>('SELECT currency FROM wallet WHERE account_id = $1', [
    accountId,
  ])
  const [wallet] = rows
  if (!wallet) throw invalidField('accountId', 'names no account')
  if (wallet.currency === orderCurrency) return
  throw new OrderError('currency_not_supported', `currency must be ${wallet.currency}, as the account's credits are.`, {
    field: 'currency',
  })
}

async function planOf(client: ClientBase, packageId: string | null, orderCurrency: string): Promise<string | null> {
  if (packageId === null) return null
  const { rows } = await client.query<{ plan_id: string | null }>(
    'SELECT plan_id FROM credit_package WHERE id = $1 AND currency = $2 AND disabled_at IS NULL',
    [packageId, orderCurrency],
  )
  const [found] = rows
  if (found) return found.plan_id
  throw new OrderError('package_not_found', 'packageId names no package that is sold in this currency.', {
    field: 'packageId',
  })
}

async function tellBuyer(client: ClientBase, clock: Clock, order: PaymentOrder, seller: PayableSeller): Promise<void> {
  await queueMailToAccount(
    client,
    clock,
    order.accountId,
    'manual-order-opened',
    {
      reference: printedReference(order.reference),
      amount: inMoney(order.totalMinor, order.currency),
      bankDetails: bankDetails(seller),
      expiresAt: order.expiresAt === null ? null : new Date(order.expiresAt).toISOString(),
      path: orderPath(order.id),
    },
    `manual-order-opened:${order.id}`,
  )
}

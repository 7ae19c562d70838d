import type { ClientBase, Pool } from 'pg'
import type Stripe from 'stripe'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import { oncePerKey } from './idempotency.ts'
import { moveOrder } from './move-order.ts'
import { openOrder } from './open-order.ts'
import { lockOrder, type PaymentOrder, readOrder } from './order.ts'
import { OrderError } from './order-error.ts'
import { orderPath } from './order-path.ts'
import { taxOnOrder, VOUCHER_TEXT } from './order-tax.ts'
import { findPackage, type PurchaseLimits, purchaseOf } from './packages.ts'
import { ensureCustomer } from './stripe/customer.ts'
import { ORDER_METADATA } from './stripe/payment-fact.ts'
import { asProviderError } from './stripe/provider-error.ts'
import type { StripeAccount } from './stripe/stripe-client.ts'

export interface CheckoutDeps {
  pool: Pool
  clock: Clock
  stripe: StripeAccount
  currency: string
  limits: PurchaseLimits
  /** Where customers' browsers reach us. */
  publicUrl: string
}

export interface CheckoutRequest {
  accountId: string
  /** Exactly one of an amount in minor units and a package's slug. */
  amountMinor: bigint | null
  packageSlug: string | null
  /** Null = the platform's. Any other than that is refused. */
  currency: string | null
  /** Keeps the card for automatic top-ups. */
  saveCard: boolean
  actorId: string
  idempotencyKey: string | null
}

export interface CheckoutSession {
  /** The payment provider's id of the session. */
  id: string
  /** Where the buyer pays. */
  url: string
}

/** How long a payment page stays open. Stripe takes from 30 minutes to 24 hours. */
const PAGE_OPEN_MS = 4 * 3_600_000

/**
 * Opens an order and a payment page for it. Nothing is credited before the payment is confirmed.
 *
 * The order is written first; its id is the idempotency key at Stripe, so a repeat after a crash finds the same page.
 * @throws OrderError naming the field at fault
 */
export async function startCheckout(deps: CheckoutDeps, request: CheckoutRequest): Promise<CheckoutSession> {
  const { pool, clock } = deps
  refuseForeignCurrency(deps, request.currency)
  const { idempotencyKey: key, ...body } = request
  const call = { scopeId: request.accountId, verb: 'checkout', key, body }
  const { resultId } = await inTransaction(pool, (client) =>
    oncePerKey(client, clock, call, () => draftOrder(deps, client, request)),
  )
  const order = (await readOrder(pool, resultId)) as PaymentOrder
  const known = sessionOf(order)
  if (known) return known
  if (order.state !== 'DRAFT') throw new OrderError('order_move_refused', 'This checkout is over. Start a new one.')
  const customer = await ensureCustomer(deps, order.accountId)
  const session = await asProviderError(() =>
    deps.stripe.api.checkout.sessions.create(sessionFor(deps, order, customer, request.saveCard), {
      idempotencyKey: order.id,
    }),
  )
  return inTransaction(pool, (client) => awaitPayment(deps, client, order.id, session))
}

function refuseForeignCurrency({ currency }: CheckoutDeps, asked: string | null): void {
  if (asked === null || asked.toUpperCase() === currency) return
  throw new OrderError(
    'currency_not_supported',
    `'currency' must be ${currency}: credits are sold in that currency only.`,
    {
      field: 'currency',
    },
  )
}

async function draftOrder(deps: CheckoutDeps, client: ClientBase, request: CheckoutRequest): Promise<string> {
  const { clock, stripe, currency, limits } = deps
  const chosen = request.packageSlug === null ? null : await findPackage(client, request.packageSlug)
  const purchase = purchaseOf(chosen, request.amountMinor, limits)
  const { accountId } = request
  const tax = await taxOnOrder(client, clock, { accountId, currency, netMinor: purchase.netMinor })
  const order = await openOrder(client, clock, {
    ...purchase,
    ...tax,
    accountId,
    kind: 'CHECKOUT',
    state: 'DRAFT',
    provider: 'STRIPE',
    livemode: stripe.livemode,
    currency,
    paymentMethodId: null,
    createdById: request.actorId,
    note: null,
    expiresAt: clock.now() + PAGE_OPEN_MS,
    cause: 'checkout',
  })
  return order.id
}

function sessionFor(
  { publicUrl }: CheckoutDeps,
  order: PaymentOrder,
  customer: string,
  saveCard: boolean,
): Stripe.Checkout.SessionCreateParams {
  const metadata = { [ORDER_METADATA]: order.id }
  const page = `${publicUrl}${orderPath(order.id)}`
  return {
    mode: 'payment',
    customer,
    client_reference_id: order.id,
    metadata,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: order.currency.toLowerCase(),
          unit_amount: Number(order.totalMinor),
          product_data: { name: 'Credits', description: describe(order) },
        },
      },
    ],
    payment_intent_data: { metadata, ...(saveCard && { setup_future_usage: 'off_session' as const }) },
    billing_address_collection: 'required',
    tax_id_collection: { enabled: true },
    customer_update: { address: 'auto', name: 'auto' },
    success_url: page,
    cancel_url: `${page}?canceled=1`,
    expires_at: Math.floor((order.expiresAt as number) / 1000),
  }
}

/** What stands beside the total on the payment page: the tax in it, where that is known. */
function describe({ reference, taxMinor, netMinor, currency, taxPoint }: PaymentOrder): string {
  if (taxPoint === 'USAGE') return `Order ${reference}. ${VOUCHER_TEXT}`
  if (taxMinor === 0n) return `Order ${reference}`
  const money = (minor: bigint) => formatMoney(minor * NANO_PER_CENT, currency, 'exact')
  return `Order ${reference}: ${money(netMinor)} and ${money(taxMinor)} tax`
}

async function awaitPayment(
  { clock }: CheckoutDeps,
  client: ClientBase,
  orderId: string,
  session: Stripe.Checkout.Session,
): Promise<CheckoutSession> {
  const order = (await lockOrder(client, orderId)) as PaymentOrder
  if (order.state === 'DRAFT') {
    const changes = { checkoutSessionId: session.id, checkoutUrl: session.url }
    await moveOrder(
      client,
      clock,
      order,
      'AWAITING_PAYMENT',
      { cause: 'checkout', actorId: order.createdById },
      changes,
    )
  }
  return { id: session.id, url: session.url as string }
}

function sessionOf({ checkoutSessionId, checkoutUrl }: PaymentOrder): CheckoutSession | null {
  return checkoutSessionId !== null && checkoutUrl !== null ? { id: checkoutSessionId, url: checkoutUrl } : null
}

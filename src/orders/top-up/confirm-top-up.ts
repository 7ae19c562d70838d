import { inTransaction } from '../../db/transaction.ts'
import type { CheckoutDeps } from '../checkout.ts'
import { changeOrder } from '../move-order.ts'
import { lockOrder, readOrder } from '../order.ts'
import { orderNotFound } from '../order-error.ts'
import { orderPath } from '../order-path.ts'
import { ensureCustomer } from '../stripe/customer.ts'
import { ORDER_METADATA } from '../stripe/payment-fact.ts'
import { asProviderError } from '../stripe/provider-error.ts'
import { syncOrder } from '../stripe/sync-order.ts'

/**
 * Takes an automatic charge that its bank wants confirmed to the payment page, where its payer is present. The first
 * attempt is called back before, so that only one of the two can ever be paid.
 * @returns where the browser goes: the payment page, or the order's own when there is nothing to confirm any more
 * @throws OrderError `order_not_found`
 */
export async function confirmTopUp(deps: CheckoutDeps, orderId: string): Promise<string> {
  const { pool, stripe, publicUrl } = deps
  const order = await readOrder(pool, orderId)
  if (order?.kind !== 'AUTO_TOP_UP') throw orderNotFound()
  const ownPage = `${publicUrl}${orderPath(order.id)}`
  if (order.state !== 'REQUIRES_ACTION') return ownPage
  if (order.checkoutUrl !== null) return order.checkoutUrl
  const { paymentIntentId } = order
  if (paymentIntentId !== null && !(await isCalledBack(deps, paymentIntentId))) {
    await syncOrder(deps, order.id, 'confirmation by the payer')
    return ownPage
  }
  const customer = await ensureCustomer(deps, order.accountId)
  const metadata = { [ORDER_METADATA]: order.id }
  const session = await asProviderError(() =>
    stripe.api.checkout.sessions.create(
      {
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
              product_data: { name: 'Credits', description: `Automatic top-up ${order.reference}` },
            },
          },
        ],
        payment_intent_data: { metadata, setup_future_usage: 'off_session' },
        success_url: ownPage,
        cancel_url: ownPage,
      },
      { idempotencyKey: `confirm-${order.id}` },
    ),
  )
  await inTransaction(pool, async (client) => {
    const locked = await lockOrder(client, order.id)
    if (locked?.state !== 'REQUIRES_ACTION') return
    await changeOrder(client, locked, {
      checkoutSessionId: session.id,
      checkoutUrl: session.url,
      paymentIntentId: null,
    })
  })
  return session.url as string
}

/** False when it was paid meanwhile. */
async function isCalledBack({ stripe }: CheckoutDeps, paymentIntentId: string): Promise<boolean> {
  const intent = await asProviderError(() => stripe.api.paymentIntents.retrieve(paymentIntentId))
  if (intent.status === 'canceled') return true
  if (intent.status === 'succeeded' || intent.status === 'processing') return false
  await asProviderError(() => stripe.api.paymentIntents.cancel(paymentIntentId))
  return true
}

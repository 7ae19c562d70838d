import type { Router } from 'express'
import { z } from 'zod'
import type { Gateway } from '../gateway/gateway.ts'
import { centsFloor, NANO_PER_CENT } from '../money/nano.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { startCheckout } from '../orders/checkout.ts'
import { redeemCode } from '../orders/codes/redeem-code.ts'
import { grantDevelopmentCredits } from '../orders/grant-development-credits.ts'
import { type PaymentOrder, readOrder } from '../orders/order.ts'
import { orderNotFound } from '../orders/order-error.ts'
import { type CreditPackage, listPackages } from '../orders/packages.ts'
import { amountInMinor, apiRouter, idempotencyKeyOf, jsonBody, parseBody } from './api-router.ts'

const SLUG_LENGTH_MAX = 64
const CODE_LENGTH_MAX = 64

const checkoutBody = z.strictObject({
  amount: amountInMinor.optional(),
  package: z.string().min(1).max(SLUG_LENGTH_MAX).optional(),
  currency: z.string().max(8).optional(),
  saveCard: z.boolean().optional(),
})
const redeemBody = z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) })
const grantBody = z.strictObject({ amount: amountInMinor })

const UUID = z.uuid()

/** The credits of the account that an access key belongs to: balance, buying, orders, codes. */
export function creditsRouter(gateway: Gateway, desk: CashDesk): Router {
  const { router, caller, finish } = apiRouter(gateway)

  /** What is left, holds included, rounded down to whole cents. */
  router.get('/credits/balance', async (request, response) => {
    const { accountId } = await caller(request, 'balance')
    const { rows } = await gateway.pool.query<{ balance_nano: string }>({
      name: 'balance',
      text: 'SELECT balance_nano FROM wallet WHERE account_id = $1',
      values: [accountId],
    })
    response.json({ balanceCents: Number(centsFloor(BigInt(rows[0]?.balance_nano ?? 0))) })
  })

  router.get('/credits/packages', async (_request, response) => {
    response.json({ packages: (await listPackages(desk.pool)).map(shownPackage) })
  })

  router.post('/credits/checkout-session', jsonBody, async (request, response) => {
    const { accountId, accessKeyId } = await caller(request, 'purchase')
    const body = parseBody(checkoutBody, request.body)
    const session = await startCheckout(desk, {
      accountId,
      amountMinor: body.amount ?? null,
      packageSlug: body.package ?? null,
      currency: body.currency ?? null,
      saveCard: body.saveCard ?? false,
      actorId: accessKeyId,
      idempotencyKey: idempotencyKeyOf(request),
    })
    response.json(session)
  })

  router.get('/credits/orders/:id', async (request, response) => {
    const { accountId } = await caller(request, 'purchase')
    const order = UUID.safeParse(request.params.id).success ? await readOrder(desk.pool, request.params.id) : null
    if (order?.accountId !== accountId) throw orderNotFound()
    response.json(shownOrder(order))
  })

  router.post('/credits/redeem', jsonBody, async (request, response) => {
    const { accountId, accessKeyId } = await caller(request, 'purchase')
    const { code } = parseBody(redeemBody, request.body)
    const redeemed = await redeemCode(desk, { accountId, code, actorId: accessKeyId })
    response.json({
      creditCents: Number(redeemed.amountNano / NANO_PER_CENT),
      currency: redeemed.currency,
      expiresAt: new Date(redeemed.creditsExpireAt).toISOString(),
    })
  })

  router.post('/credits/development-grant', jsonBody, async (request, response) => {
    const { accountId, accessKeyId } = await caller(request, 'purchase')
    const { amount } = parseBody(grantBody, request.body)
    const granted = await grantDevelopmentCredits(
      { ...desk, maximumMinor: desk.limits.maximumMinor },
      { accountId, amountMinor: amount, idempotencyKey: idempotencyKeyOf(request), actorId: accessKeyId },
    )
    response.json({
      creditCents: Number(granted.amountNano / NANO_PER_CENT),
      currency: granted.currency,
      expiresAt: new Date(granted.expiresAt).toISOString(),
    })
  })
  return finish()
}

function shownPackage({ slug, name, description, currency, priceMinor, creditNano, bonusNano, plan }: CreditPackage) {
  const cents = (nano: bigint | null) => (nano === null ? null : Number(nano / NANO_PER_CENT))
  return {
    ...{ slug, name, description, currency },
    priceCents: priceMinor === null ? null : Number(priceMinor),
    creditCents: cents(creditNano),
    bonusCents: cents(bonusNano),
    plan: plan?.slug ?? null,
  }
}

const isoOrNull = (time: number | null) => (time === null ? null : new Date(time).toISOString())

function shownOrder(order: PaymentOrder) {
  return {
    id: order.id,
    reference: order.reference,
    kind: order.kind,
    state: order.state,
    currency: order.currency,
    netCents: Number(order.netMinor),
    taxCents: Number(order.taxMinor),
    totalCents: Number(order.totalMinor),
    creditCents: Number(order.creditNano / NANO_PER_CENT),
    bonusCents: Number(order.bonusNano / NANO_PER_CENT),
    refundedCents: Number(order.refundedMinor),
    checkoutUrl: order.state === 'AWAITING_PAYMENT' || order.state === 'REQUIRES_ACTION' ? order.checkoutUrl : null,
    failureCode: order.failureCode,
    createdAt: isoOrNull(order.createdAt),
    paidAt: isoOrNull(order.paidAt),
  }
}

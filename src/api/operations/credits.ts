import { z } from 'zod'
import type { Gateway } from '../../gateway/gateway.ts'
import { centsFloor, NANO_PER_CENT } from '../../money/nano.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { startCheckout } from '../../orders/checkout.ts'
import { redeemCode } from '../../orders/codes/redeem-code.ts'
import { grantDevelopmentCredits } from '../../orders/grant-development-credits.ts'
import { type PaymentOrder, readOrder } from '../../orders/order.ts'
import { orderNotFound } from '../../orders/order-error.ts'
import { ORDER_STATES } from '../../orders/order-state.ts'
import { type CreditPackage, listPackages } from '../../orders/packages.ts'
import { createBalanceReader } from '../balance-reader.ts'
import { amountInMinor, cents, currency, idParams, isoOrNull, isoTime, time, uuid } from '../fields.ts'
import { answer, type Operation, operation } from '../operation.ts'

const TAG = 'Credits'
const SLUG_LENGTH_MAX = 64
const CODE_LENGTH_MAX = 64

const balanceReply = z
  .object({ balanceCents: cents.describe('What is left, requests in flight included, rounded down to whole cents.') })
  .meta({ id: 'CreditBalance' })

const creditPackage = z
  .object({
    slug: z.string(),
    name: z.string(),
    description: z.string(),
    currency,
    priceCents: cents.nullable().describe('Null = the buyer names the amount.'),
    creditCents: cents.nullable(),
    bonusCents: cents.nullable().describe('Promotional credits on top.'),
    plan: z.string().nullable().describe('The plan that a buyer is moved to.'),
  })
  .meta({ id: 'CreditPackage' })

const checkoutBody = z
  .strictObject({
    amount: amountInMinor.optional().describe('In cents. Exactly one of `amount` and `package` is named.'),
    package: z.string().min(1).max(SLUG_LENGTH_MAX).optional().describe('The slug of a credit package.'),
    currency: z.string().max(8).optional(),
    saveCard: z.boolean().optional().describe('Keeps the card for automatic top-ups.'),
  })
  .meta({ id: 'NewCheckout' })
export const sessionReply = z
  .object({ id: z.string(), url: z.string().describe('The page of the payment provider, for a browser.') })
  .meta({ id: 'HostedPage' })

const order = z
  .object({
    id: uuid,
    reference: z.string().describe('What a bank transfer names (ISO 11649).'),
    kind: z.enum(['CHECKOUT', 'AUTO_TOP_UP', 'MANUAL']),
    state: z.enum(ORDER_STATES),
    currency,
    netCents: cents,
    taxCents: cents,
    totalCents: cents,
    creditCents: cents,
    bonusCents: cents,
    refundedCents: cents,
    checkoutUrl: z.string().nullable(),
    failureCode: z.string().nullable(),
    createdAt: time,
    paidAt: time.nullable(),
  })
  .meta({ id: 'Order' })

const grantReply = z.object({ creditCents: cents, currency, expiresAt: time }).meta({ id: 'GrantedCredits' })
const redeemBody = z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) }).meta({ id: 'CodeToRedeem' })
const grantBody = z.strictObject({ amount: amountInMinor.describe('In cents.') }).meta({ id: 'NewDevelopmentGrant' })

const buying = { scopes: ['credits:purchase'], accessKey: 'purchase' } as const

/** The credits of an account: balance, buying, orders, codes. */
export function creditsOperations(gateway: Gateway, desk: CashDesk): Operation[] {
  const balanceOf = createBalanceReader(gateway.pool)
  return [
    operation({
      ...{ id: 'getCreditBalance', method: 'get', path: '/credits/balance', tag: TAG, rate: 'balance' },
      summary: 'Credit balance',
      description: 'What the account has now: each request that has ended is in it.',
      access: { scopes: ['credits:read'], accessKey: 'balance' },
      reply: balanceReply,
      replies: [{ status: 200, description: 'The balance.' }],
      example: { reply: { balanceCents: 12_345 } },
      handle: async ({ caller }) => answer({ balanceCents: Number(centsFloor(await balanceOf(caller.accountId))) }),
    }),
    operation({
      ...{ id: 'listCreditPackages', method: 'get', path: '/credits/packages', tag: TAG },
      summary: 'Credit packages',
      access: 'anybody',
      reply: z.object({ packages: z.array(creditPackage) }).meta({ id: 'CreditPackages' }),
      replies: [{ status: 200, description: 'What can be bought.' }],
      handle: async () => answer({ packages: (await listPackages(desk.pool)).map(shownPackage) }),
    }),
    operation({
      ...{ id: 'createCheckoutSession', method: 'post', path: '/credits/checkout-session', tag: TAG },
      summary: 'Buy credits',
      description: 'Opens a payment page. Credits are added once the payment is confirmed, never before.',
      access: buying,
      takesIdempotencyKey: true,
      body: checkoutBody,
      reply: sessionReply,
      replies: [{ status: 200, description: 'Where to pay.' }],
      errors: [
        ...(['amount_below_minimum', 'amount_above_maximum', 'currency_not_supported', 'package_not_found'] as const),
        ...(['idempotency_conflict', 'order_move_refused', 'payment_provider_unavailable'] as const),
      ],
      example: { body: { amount: 500 }, reply: { id: 'cs_a1b2', url: 'https://checkout.stripe.com/c/pay/cs_a1b2' } },
      handle: async ({ caller, body, idempotencyKey }) =>
        answer(
          await startCheckout(desk, {
            accountId: caller.accountId,
            amountMinor: body.amount ?? null,
            packageSlug: body.package ?? null,
            currency: body.currency ?? null,
            saveCard: body.saveCard ?? false,
            actorId: caller.credentialId,
            idempotencyKey,
          }),
        ),
    }),
    operation({
      ...{ id: 'getOrder', method: 'get', path: '/credits/orders/{id}', tag: TAG },
      summary: 'A payment order',
      access: { scopes: ['credits:read', 'credits:purchase'], accessKey: 'purchase' },
      params: idParams,
      missing: orderNotFound,
      reply: order,
      replies: [{ status: 200, description: 'The order.' }],
      errors: ['order_not_found'],
      handle: async ({ caller, params }) => {
        const found = await readOrder(desk.pool, params.id)
        if (found?.accountId !== caller.accountId) throw orderNotFound()
        return answer(shownOrder(found))
      },
    }),
    operation({
      ...{ id: 'redeemCode', method: 'post', path: '/credits/redeem', tag: TAG },
      summary: 'Redeem a code',
      description: 'A code is credited once; the account that redeemed it gets the same answer again.',
      access: buying,
      body: redeemBody,
      reply: grantReply,
      replies: [{ status: 200, description: 'What it brought.' }],
      errors: ['code_not_redeemable'],
      example: {
        body: { code: 'ABCD-EFGH-JKMN-PQRS' },
        reply: { creditCents: 2_500, currency: 'USD', expiresAt: '2027-11-21T00:00:00.000Z' },
      },
      handle: async ({ caller, body }) => {
        const { accountId, credentialId: actorId } = caller
        const redeemed = await redeemCode(desk, { accountId, code: body.code, actorId })
        return answer({
          creditCents: Number(redeemed.amountNano / NANO_PER_CENT),
          currency: redeemed.currency,
          expiresAt: isoTime(redeemed.creditsExpireAt),
        })
      },
    }),
    operation({
      ...{ id: 'grantDevelopmentCredits', method: 'post', path: '/credits/development-grant', tag: TAG },
      summary: 'Credits for trying out',
      description: 'In the sandbox only, and for accounts that are meant for it: credits without a payment.',
      access: buying,
      takesIdempotencyKey: true,
      body: grantBody,
      reply: grantReply,
      replies: [{ status: 200, description: 'What was granted.' }],
      errors: ['not_a_development_account', 'amount_below_minimum', 'amount_above_maximum', 'idempotency_conflict'],
      example: { body: { amount: 1_000 } },
      handle: async ({ caller, body, idempotencyKey }) => {
        const granted = await grantDevelopmentCredits(
          { ...desk, maximumMinor: desk.limits.maximumMinor },
          {
            accountId: caller.accountId,
            amountMinor: body.amount,
            idempotencyKey,
            actorId: caller.credentialId,
          },
        )
        return answer({
          creditCents: Number(granted.amountNano / NANO_PER_CENT),
          currency: granted.currency,
          expiresAt: isoTime(granted.expiresAt),
        })
      },
    }),
  ]
}

function shownPackage({ slug, name, description, currency, priceMinor, creditNano, bonusNano, plan }: CreditPackage) {
  const inCents = (nano: bigint | null) => (nano === null ? null : Number(nano / NANO_PER_CENT))
  return {
    ...{ slug, name, description, currency },
    priceCents: priceMinor === null ? null : Number(priceMinor),
    creditCents: inCents(creditNano),
    bonusCents: inCents(bonusNano),
    plan: plan?.slug ?? null,
  }
}

function shownOrder(order: PaymentOrder) {
  const isOpen = order.state === 'AWAITING_PAYMENT' || order.state === 'REQUIRES_ACTION'
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
    checkoutUrl: isOpen ? order.checkoutUrl : null,
    failureCode: order.failureCode,
    createdAt: isoTime(order.createdAt),
    paidAt: isoOrNull(order.paidAt),
  }
}

import { z } from 'zod'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { cardSavedPath } from '../../orders/order-path.ts'
import { listPaymentMethods, paymentMethodNotFound, removePaymentMethod } from '../../orders/stripe/payment-methods.ts'
import { startSetup } from '../../orders/stripe/setup-session.ts'
import { answer, type Operation, operation } from '../operation.ts'
import { sessionReply } from './credits.ts'

const TAG = 'Payment methods'
const ID_LENGTH_MAX = 255

const paymentMethod = z
  .object({
    id: z.string(),
    kind: z.string(),
    brand: z.string().nullable(),
    last4: z.string().nullable(),
    expMonth: z.int().nullable(),
    expYear: z.int().nullable(),
  })
  .meta({ id: 'PaymentMethod' })

const writing = { scopes: ['billing:write'], accessKey: 'billing' } as const

/** The saved cards of an account. */
export function paymentMethodsOperations(desk: CashDesk): Operation[] {
  return [
    operation({
      ...{ id: 'listPaymentMethods', method: 'get', path: '/credits/payment-methods', tag: TAG },
      summary: 'Saved cards',
      access: { scopes: ['billing:read'], accessKey: 'billing' },
      reply: z.object({ paymentMethods: z.array(paymentMethod) }).meta({ id: 'PaymentMethods' }),
      replies: [{ status: 200, description: 'The cards, the latest first.' }],
      handle: async ({ caller }) => answer({ paymentMethods: await listPaymentMethods(desk.pool, caller.accountId) }),
    }),
    operation({
      ...{ id: 'createSetupSession', method: 'post', path: '/credits/setup-session', tag: TAG },
      summary: 'Save a card',
      description:
        'Opens a page on which a card is saved without paying. Each call opens another; none costs anything.',
      access: writing,
      reply: sessionReply,
      replies: [{ status: 200, description: 'Where to enter the card.' }],
      errors: ['payment_provider_unavailable'],
      handle: async ({ caller: { accountId } }) =>
        answer(await startSetup(desk, { accountId, returnPath: cardSavedPath(), resumeConsentId: null })),
    }),
    operation({
      ...{ id: 'deletePaymentMethod', method: 'delete', path: '/credits/payment-methods/{id}', tag: TAG },
      summary: 'Remove a saved card',
      access: writing,
      params: z.object({ id: z.string().max(ID_LENGTH_MAX) }),
      missing: paymentMethodNotFound,
      replies: [{ status: 204, description: 'The card is removed.', isEmpty: true }],
      errors: ['payment_method_not_found', 'order_move_refused', 'payment_provider_unavailable'],
      handle: async ({ caller, params }) => {
        await removePaymentMethod(desk, caller.accountId, params.id)
        return answer(undefined, { status: 204 })
      },
    }),
  ]
}

import { type ErrorRequestHandler, Router, raw } from 'express'
import type { CashDesk } from '../orders/cash-desk.ts'
import { type Received, receiveWebhook } from '../orders/stripe/webhook-inbox.ts'

/** Far above any event of Stripe's. */
const BODY_LIMIT = '1mb'
/** A signature of all secrets in rotation is far shorter. */
const SIGNATURE_LENGTH_MAX = 4_096

/** What Stripe is answered: it tries again after anything but 2xx, and shows people the rest. */
const STATUS: Readonly<Record<Received['outcome'], number>> = {
  not_believed: 400,
  applied: 200,
  repeated: 200,
  ignored: 200,
  refused: 409,
}

/** `POST /webhooks/stripe`: the signature is of the very bytes, so nothing may read the body before. */
export function stripeWebhookRouter(desk: CashDesk): Router {
  const router = Router()
  const bytes = raw({ type: () => true, limit: BODY_LIMIT })
  router.post('/webhooks/stripe', bytes, async (request, response) => {
    const signature = request.header('stripe-signature')
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const isTooLong = (signature?.length ?? 0) > SIGNATURE_LENGTH_MAX
    try {
      const received = await receiveWebhook(desk, body, isTooLong ? undefined : signature)
      response.status(STATUS[received.outcome]).json({ received: STATUS[received.outcome] === 200, ...received })
    } catch {
      // Written to the log by the inbox, which knows the event.
      response.status(500).json({ received: false, outcome: 'failed' })
    }
  })
  router.use('/webhooks/stripe', refuseUnread)
  return router
}

/** A body that could not be read: too long, or cut off. */
const refuseUnread: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  const { status } = error as { status?: unknown }
  response.status(status === 413 ? 413 : 400).json({ received: false, outcome: 'not_believed', reason: 'unreadable' })
}

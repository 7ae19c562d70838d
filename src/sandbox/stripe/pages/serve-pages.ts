import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseForm } from '../api/form-body.ts'
import { type FieldValues, parseCheckoutForm, readFields } from '../checkout/checkout-form.ts'
import { authenticateCheckout, submitCheckout } from '../checkout/submit-checkout.ts'
import { disputeIfDoomed, finishAuthentication } from '../payments/attempt-payment.ts'
import type {
  CheckoutSubmission,
  StoredPaymentIntent,
  StoredSession,
  StoredSetupIntent,
} from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { sweep } from '../sweep.ts'
import { type CheckoutPageState, checkoutPage } from './checkout-page.ts'
import { authenticatePage, receiptPage, startPage } from './other-pages.ts'
import { messagePage } from './page-layout.ts'

/** Years that a card from the list of test cards is still good for. */
const CARD_YEARS = 3

type Reply = { status: number; page: string } | { location: string }

/** Answers the hosted pages: `/c/pay/:session`, `/c/authenticate/:intent` and `/receipts/:charge`. */
export function servePages(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  account: StripeAccount,
): void {
  sweep(account)
  const reply = replyTo(request, body, account)
  if ('location' in reply) {
    response.writeHead(303, { location: reply.location, 'cache-control': 'no-store' }).end()
    return
  }
  response.writeHead(reply.status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : reply.page)
}

function replyTo(request: IncomingMessage, body: string, account: StripeAccount): Reply {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  const isPost = request.method === 'POST'
  const [, kind, id = ''] = /^\/(c\/pay|c\/authenticate|receipts)\/([A-Za-z0-9_]+)$/.exec(path) ?? []
  if (path === '/') return { status: 200, page: startPage() }
  if (kind === 'c/pay') {
    const session = account.sessions.get(id)
    if (!session) return unknownPage()
    if (session.status !== 'open') return { status: isPost ? 409 : 200, page: closedPage(session) }
    return isPost ? pay(account, session, readFields(parseForm(body))) : openPage(account, session, query)
  }
  if (kind === 'c/authenticate') {
    const intent = account.paymentIntents.get(id) ?? account.setupIntents.get(id)
    if (intent?.status !== 'requires_action') return unknownPage()
    return isPost
      ? authenticate(account, intent, parseForm(body).outcome)
      : { status: 200, page: authenticatePage(intent) }
  }
  const charge = kind === 'receipts' ? account.charges.get(id) : undefined
  return charge?.paid ? { status: 200, page: receiptPage(charge) } : unknownPage()
}

function openPage(account: StripeAccount, session: StoredSession, query: string): Reply {
  const wasRefused = new URLSearchParams(query).get('authentication') === 'failed'
  const intent = account.paymentIntents.get(session.payment_intent ?? '')
  const setup = account.setupIntents.get(session.setup_intent ?? '')
  const error = intent?.last_payment_error ?? setup?.last_setup_error
  const { submission } = account.checkoutFacts.get(session.id) ?? {}
  const known = account.customers.get(session.customer ?? '')?.name ?? ''
  const values = submission ? valuesOf(submission) : { card_name: known }
  const decline = wasRefused ? (error?.message ?? null) : null
  return { status: 200, page: checkoutPage(account, session, { values, problems: {}, decline }) }
}

/** What the person entered before, but for the card. */
function valuesOf({ email, name, address, taxId }: CheckoutSubmission): FieldValues {
  return {
    email: email ?? '',
    card_name: name ?? '',
    line1: address?.line1 ?? '',
    city: address?.city ?? '',
    postal_code: address?.postal_code ?? '',
    country: address?.country ?? '',
    tax_id_type: taxId?.type ?? '',
    tax_id: taxId?.value ?? '',
  }
}

function pay(account: StripeAccount, session: StoredSession, form: FieldValues): Reply {
  const show = (status: number, state: Partial<CheckoutPageState>): Reply => {
    // The security code is never sent back.
    const values = { ...form, card_cvc: '' }
    return { status, page: checkoutPage(account, session, { values, problems: {}, decline: null, ...state }) }
  }
  if (form.fill !== undefined) return show(200, { values: filled(account, form, form.fill) })
  const parsed = parseCheckoutForm(account, session, form)
  if (!parsed.ok) return show(422, { problems: parsed.problems })
  const result = submitCheckout(account, session, parsed.payment)
  if (result.kind === 'declined') return show(402, { decline: result.decline.message })
  if (result.kind === 'requires_action')
    return { location: `/c/authenticate/${session.setup_intent ?? session.payment_intent}` }
  return { location: session.success_url ?? '/' }
}

function filled(account: StripeAccount, form: FieldValues, number: string): FieldValues {
  const year = String(new Date(account.clock.now()).getUTCFullYear() + CARD_YEARS).slice(-2)
  return {
    ...form,
    method: 'card',
    card_number: number.replaceAll(/(\d{4})(?=\d)/g, '$1 '),
    card_expiry: `12 / ${year}`,
    card_cvc: '123',
    card_name: form.card_name || 'Sandbox Person',
  }
}

function authenticate(
  account: StripeAccount,
  intent: StoredPaymentIntent | StoredSetupIntent,
  outcome: unknown,
): Reply {
  const isAuthenticated = outcome === 'complete'
  const field = intent.object === 'payment_intent' ? 'payment_intent' : 'setup_intent'
  const session = account.sessions.find({ where: { [field]: intent.id }, limit: 1 }).objects[0]
  if (session) {
    if (session.status !== 'open') return { status: 409, page: closedPage(session) }
    const result = authenticateCheckout(account, session, isAuthenticated)
    const isDeclined = result.kind === 'declined'
    return { location: isDeclined ? `/c/pay/${session.id}?authentication=failed` : (session.success_url ?? '/') }
  }
  if (intent.object !== 'payment_intent') return unknownPage()
  return authenticateAlone(account, intent, isAuthenticated)
}

/** A payment intent that was confirmed through the API, outside any checkout session. */
function authenticateAlone(account: StripeAccount, intent: StoredPaymentIntent, isAuthenticated: boolean): Reply {
  const returnUrl = intent.next_action?.redirect_to_url?.return_url ?? null
  const result = finishAuthentication(account, intent, isAuthenticated)
  disputeIfDoomed(account, intent)
  account.onChange()
  if (returnUrl === null) return { status: 200, page: messagePage('Thank you', 'You can close this page.', null) }
  const location = new URL(returnUrl)
  location.searchParams.set('payment_intent', intent.id)
  location.searchParams.set('payment_intent_client_secret', intent.client_secret ?? '')
  location.searchParams.set('redirect_status', result.kind === 'declined' ? 'failed' : 'succeeded')
  return { location: location.href }
}

function closedPage(session: StoredSession): string {
  const back = (url: string | null) => (url === null ? null : { url, label: 'Go back' })
  if (session.status === 'expired')
    return messagePage('This page has expired', 'Nothing was charged. Start again to pay.', back(session.cancel_url))
  const done = session.mode === 'setup' ? 'The card was saved before.' : 'You were not charged again.'
  return messagePage('This is already done', done, back(session.success_url))
}

function unknownPage(): Reply {
  const text = 'There is no such page here. The link may be incomplete.'
  return { status: 404, page: messagePage('Nothing found', text, null) }
}

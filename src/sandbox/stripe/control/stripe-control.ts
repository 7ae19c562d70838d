import type { Outage } from '../api/outages.ts'
import type { ApiServer } from '../api/serve-api.ts'
import { parseCheckoutForm } from '../checkout/checkout-form.ts'
import { authenticateCheckout, settleCheckout, submitCheckout } from '../checkout/submit-checkout.ts'
import type { AttemptResult } from '../payments/attempt-payment.ts'
import { type DisputeEnd, type DisputeOptions, endDispute, openDispute, reinstateFunds } from '../payments/disputes.ts'
import { failRefund } from '../payments/refunds.ts'
import { testCardWithToken } from '../payments/test-cards.ts'
import type { Delivery, StoredCharge, StoredDispute, StoredEvent, StoredSession } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { sweep } from '../sweep.ts'
import { eventBody } from '../webhooks/event-body.ts'
import type { EventDeliveries } from '../webhooks/event-deliveries.ts'

export interface ForgedEvent {
  type: string
  object: object
  /** The webhook's own secret without it; null sends no signature. */
  secret?: string | null | undefined
  timestampOffsetSeconds?: number | undefined
  livemode?: boolean | undefined
  id?: string | undefined
}

export interface PersonPayment {
  /** A number, or one of Stripe's names such as `pm_card_visa`; `bank_debit` is the money that arrives later. */
  card: string
  saveCard?: boolean | undefined
  name?: string | undefined
  email?: string | undefined
  address?:
    | {
        line1?: string | undefined
        city?: string | undefined
        postalCode?: string | undefined
        country?: string | undefined
      }
    | undefined
  taxId?: { type: string; value: string } | undefined
  /** What the person does when the bank asks; completes it without it. */
  authenticate?: 'complete' | 'fail' | undefined
}

export interface PersonOutcome {
  status: 'paid' | 'saved' | 'under_way' | 'declined'
  /** Stripe's words where it was declined. */
  message: string | null
}

export interface ListedEvent extends Delivery {
  created: number
  object: unknown
}

export type ReleaseOrder = 'same' | 'reversed' | readonly string[]

/** Everything that tests and people may do to the simulator besides calling it. */
export class StripeControl {
  private readonly account: StripeAccount
  private readonly deliveries: EventDeliveries
  private readonly api: ApiServer

  constructor(account: StripeAccount, deliveries: EventDeliveries, api: ApiServer) {
    this.account = account
    this.deliveries = deliveries
    this.api = api
  }

  /** `hold` keeps events back until `release`; `normal` sends them again, and ends `drop`. */
  deliver({ mode }: { mode: 'normal' | 'hold' }): void {
    this.deliveries.mode = mode
    if (mode === 'normal') this.deliveries.dropped = new Set()
  }

  /** Sends what is held, one after the other; ids that are left out of a list stay held. */
  async release(order: ReleaseOrder = 'same'): Promise<void> {
    const held = this.account.deliveries.values().filter(({ state }) => state === 'held')
    const ids = held.map(({ id }) => id)
    const chosen = typeof order === 'string' ? (order === 'reversed' ? ids.reverse() : ids) : order
    for (const id of chosen) {
      if (!held.some((delivery) => delivery.id === id)) throw new Error(`${id} is not held`)
      await this.deliveries.resend(this.event(id))
    }
  }

  /** Events that happen from now on are never sent: all, or those of the types. */
  drop(types?: readonly string[]): void {
    this.deliveries.dropped = types ? new Set(types) : 'all'
  }

  /** Each event is sent so many times at once. */
  duplicate(times: number): void {
    this.deliveries.copies = times
  }

  resend(eventId: string): Promise<void> {
    return this.deliveries.resend(this.event(eventId))
  }

  /** Sends an event that did not happen; the status of the answer. */
  forge({ type, object, secret, timestampOffsetSeconds = 0, livemode, id }: ForgedEvent): Promise<number | null> {
    const { account, deliveries } = this
    const facts = { id: id ?? account.newId('evt'), type, created: account.now(), object, livemode: livemode ?? false }
    const chosen = secret === undefined ? (deliveries.webhook?.secret ?? null) : secret
    return deliveries.post(eventBody(facts), { secret: chosen, timestampOffsetSeconds })
  }

  /** The customer's bank takes a payment back. */
  dispute(chargeOrPaymentIntent: string, options: DisputeOptions = {}): StoredDispute {
    return openDispute(this.account, this.charge(chargeOrPaymentIntent), options)
  }

  /** A won dispute brings the money back too, unless `reinstate` is false. */
  closeDispute(id: string, end: DisputeEnd, { reinstate = true }: { reinstate?: boolean } = {}): StoredDispute {
    const dispute = this.existingDispute(id)
    endDispute(this.account, dispute, end, reinstate)
    return dispute
  }

  /** Gives the money of a dispute back; does nothing where it is back. */
  reinstate(id: string): StoredDispute {
    const dispute = this.existingDispute(id)
    reinstateFunds(this.account, dispute)
    return dispute
  }

  /** The bank debit of a session arrives, or is returned. */
  settleDelayed(sessionId: string, end: 'succeeded' | 'failed'): void {
    settleCheckout(this.account, this.session(sessionId), end === 'succeeded')
  }

  /** The customer's bank sends a refund back. */
  failRefund(refundId: string): void {
    const refund = this.account.refunds.get(refundId)
    if (!refund) throw new Error(`no refund ${refundId}`)
    failRefund(this.account, refund)
  }

  /** The next calls fail. */
  outage(outage: Outage): void {
    this.api.outages.add(outage)
  }

  /** Ends outages and lets held calls go on. */
  endOutages(): void {
    this.api.outages.clear()
  }

  /** The next calls stay in progress; resolves when so many are. Let them go on with `releaseCalls`. */
  holdCalls({ count, path }: { count: number; path?: string | undefined }): Promise<void> {
    this.api.outages.hold(count, path)
    return this.api.outages.whenHeld(count)
  }

  releaseCalls(): void {
    this.api.outages.release()
  }

  idle(): Promise<void> {
    return this.deliveries.idle()
  }

  /** Sessions expire and refunds fail now if their time has come, without waiting for a request. */
  sweep(): void {
    sweep(this.account)
  }

  /** Events with what became of their delivery, the oldest first. */
  events(): ListedEvent[] {
    return this.account.events.values().flatMap((event) => {
      const delivery = this.account.deliveries.get(event.id)
      const { data } = JSON.parse(event.body) as { data: { object: unknown } }
      return delivery ? [{ ...delivery, created: event.created, object: data.object }] : []
    })
  }

  /** Does what a person would do on the hosted page. Throws where the page would show an error at a field. */
  pay(sessionId: string, payment: PersonPayment): PersonOutcome {
    sweep(this.account)
    const session = this.session(sessionId)
    if (session.status !== 'open') throw new Error(`${sessionId} is ${session.status}`)
    const parsed = parseCheckoutForm(this.account, session, formOf(this.account, session, payment))
    if (!parsed.ok) throw new Error(`the page refused: ${JSON.stringify(parsed.problems)}`)
    const first = submitCheckout(this.account, session, parsed.payment)
    const isAuthenticated = payment.authenticate !== 'fail'
    const result =
      first.kind === 'requires_action' ? authenticateCheckout(this.account, session, isAuthenticated) : first
    return outcomeOf(session, result)
  }

  private event(id: string): StoredEvent {
    const event = this.account.events.get(id)
    if (!event) throw new Error(`no event ${id}`)
    return event
  }

  private session(id: string): StoredSession {
    const session = this.account.sessions.get(id)
    if (!session) throw new Error(`no session ${id}`)
    return session
  }

  private existingDispute(id: string): StoredDispute {
    const dispute = this.account.disputes.get(id)
    if (!dispute) throw new Error(`no dispute ${id}`)
    return dispute
  }

  private charge(id: string): StoredCharge {
    const chargeId = this.account.paymentIntents.get(id)?.latest_charge ?? id
    const charge = this.account.charges.get(chargeId)
    if (!charge) throw new Error(`no charge ${id}`)
    return charge
  }
}

/** Years that the card of a person without a face is still good for. */
const CARD_YEARS = 3

function formOf(account: StripeAccount, session: StoredSession, payment: PersonPayment): Record<string, string> {
  const year = String(new Date(account.clock.now()).getUTCFullYear() + CARD_YEARS).slice(-2)
  const { address = {}, taxId } = payment
  return {
    method: payment.card === 'bank_debit' ? 'bank_debit' : 'card',
    card_number: testCardWithToken(payment.card)?.number ?? payment.card,
    card_expiry: `12/${year}`,
    card_cvc: '123',
    card_name: payment.name ?? session.customer_details?.name ?? 'Sandbox Person',
    email: payment.email ?? session.customer_details?.email ?? 'person@example.com',
    line1: address.line1 ?? '1 Sandbox Street',
    city: address.city ?? 'Dublin',
    postal_code: address.postalCode ?? 'D02 X285',
    country: address.country ?? 'IE',
    tax_id_type: taxId?.type ?? '',
    tax_id: taxId?.value ?? '',
    ...(payment.saveCard === true ? { save_card: 'on' } : {}),
  }
}

function outcomeOf(session: StoredSession, result: AttemptResult): PersonOutcome {
  if (result.kind === 'declined') return { status: 'declined', message: result.decline.message }
  if (result.kind === 'processing') return { status: 'under_way', message: null }
  return { status: session.mode === 'setup' ? 'saved' : 'paid', message: null }
}

import type { Clock } from '../../../lib/clock.ts'
import { uuidV7 } from '../../../lib/uuid-v7.ts'
import { eventBody } from '../webhooks/event-body.ts'
import { ObjectTable } from './object-table.ts'
import type {
  CheckoutFacts,
  Delivery,
  DoomedRefund,
  IdempotentReply,
  PaymentMethodFacts,
  StoredCharge,
  StoredCustomer,
  StoredDispute,
  StoredEvent,
  StoredPaymentIntent,
  StoredPaymentMethod,
  StoredRefund,
  StoredSession,
  StoredSetupIntent,
  StoredTaxId,
} from './stored-objects.ts'

/** Events and replies weigh more than objects and matter for a shorter time. */
const EVENTS_MAX = 200_000
const REPLIES_MAX = 100_000

/** The API call that is being answered; events tell it. */
export interface CallReference {
  requestId: string
  idempotencyKey: string | null
}

/**
 * One simulated Stripe account: all its objects, and the place where they are changed. Changes are made without waiting, so
 * each API call is a transaction of its own.
 */
export class StripeAccount {
  readonly clock: Clock
  /** Where the hosted pages are, without a slash at the end; known once the server listens. */
  origin = ''
  call: CallReference | null = null
  /** What becomes of bank debits: they wait for `settleDelayed`, or are settled at once. */
  delayedPayments: 'wait' | 'succeed' | 'fail' = 'wait'
  /** No open session expires before this; in seconds. */
  sessionsExpireFrom = 0
  /** Hears each event after it is stored. */
  onEvent: (event: StoredEvent) => void = () => {}
  /** Hears that something was changed and has to be written some time. */
  onChange: () => void = () => {}

  readonly customers = new ObjectTable<StoredCustomer>()
  readonly taxIds = new ObjectTable<StoredTaxId>(['customer'])
  readonly sessions = new ObjectTable<StoredSession>(['payment_intent', 'setup_intent', 'customer'])
  readonly paymentIntents = new ObjectTable<StoredPaymentIntent>(['customer'])
  readonly setupIntents = new ObjectTable<StoredSetupIntent>(['customer'])
  readonly paymentMethods = new ObjectTable<StoredPaymentMethod>(['customer'])
  readonly charges = new ObjectTable<StoredCharge>(['payment_intent', 'customer'])
  readonly refunds = new ObjectTable<StoredRefund>(['payment_intent', 'charge'])
  readonly disputes = new ObjectTable<StoredDispute>(['payment_intent', 'charge'])
  readonly events = new ObjectTable<StoredEvent>(['type'], EVENTS_MAX)
  readonly deliveries = new ObjectTable<Delivery>([], EVENTS_MAX)
  readonly replies = new ObjectTable<IdempotentReply>([], REPLIES_MAX)
  readonly paymentMethodFacts = new ObjectTable<PaymentMethodFacts>()
  readonly checkoutFacts = new ObjectTable<CheckoutFacts>()
  readonly doomedRefunds = new ObjectTable<DoomedRefund>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Seconds, as Stripe tells time. */
  now(): number {
    return Math.floor(this.clock.now() / 1000)
  }

  /** A new id, such as `cus_0199…`: unique, and in the order of creation. */
  newId(prefix: string): string {
    return `${prefix}_${uuidV7(this.clock).replaceAll('-', '')}`
  }

  /** Stores an event with the object as it is now, and hands it over to be sent. */
  emit(type: string, object: object, previousAttributes?: object): StoredEvent {
    const id = this.newId('evt')
    const body = eventBody({ id, type, created: this.now(), object, previousAttributes, call: this.call })
    const event = this.events.save({ id, type, created: this.now(), body })
    this.onEvent(event)
    this.onChange()
    return event
  }
}

import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { captureOf, requestOf } from '../ledger/ledger-fixture.ts'
import { buy, callApi } from '../orders/money-in-calls.ts'
import type { Customer, Farebox } from '../support/farebox.ts'

/** It pays when it is saved and asked once, and is declined from then on. */
export const DECLINING_CARD = '4000000000000341'
/** What each customer buys at first, and what an automatic top-up adds, in cents. */
export const BOUGHT_CENTS = 1_000
export const TOP_UP_CENTS = 2_000
export const THRESHOLD_CENTS = 800

/** A customer without credit, and an owner to mail to. */
export async function customerWithOwner(farebox: Farebox): Promise<Customer> {
  const customer = await farebox.customer({ creditNano: 0n })
  await farebox.rows(
    `WITH person AS (
       INSERT INTO "user" (id, email, name, created_at)
       VALUES (gen_random_uuid(), $2, 'Owner', now()) RETURNING id
     )
     INSERT INTO membership (id, user_id, account_id, role, created_at)
     SELECT gen_random_uuid(), id, $1, 'OWNER', now() FROM person`,
    customer.accountId,
    `${customer.accountId}@example.test`,
  )
  return customer
}

/** One with 10.00 bought, a saved card, and automatic top-up below 8.00 by 20.00. */
export async function toppedUpCustomer(farebox: Farebox, card: string | null = null): Promise<Customer> {
  const customer = await customerWithOwner(farebox)
  await buy(farebox, customer, BOUGHT_CENTS, true)
  if (card !== null) {
    const { body } = await callApi(farebox, customer, 'POST', '/credits/setup-session')
    await farebox.stripe.control.pay(body.id as string, { card })
    await farebox.stripe.control.idle()
  }
  const { status, body } = await callApi(farebox, customer, 'PUT', '/v1/auto-top-up', {
    ...{ enabled: true, thresholdCents: THRESHOLD_CENTS, amountCents: TOP_UP_CENTS, consentVersion: CONSENT_VERSION },
  })
  if (status !== 200) throw new Error(`automatic top-up was refused: ${JSON.stringify(body)}`)
  return customer
}

/** Spends through the ledger, without a request upstream. */
export async function spend(farebox: Farebox, { accountId }: Customer, nano: bigint): Promise<void> {
  const { ledger } = farebox.running.gateway
  const request = requestOf(farebox.clock, accountId, { price: nano })
  if (!(await ledger.authorize(request)).granted) throw new Error('not affordable')
  await ledger.resolve(captureOf(request, nano))
}

export const cents = (count: number): bigint => BigInt(count) * NANO_PER_CENT

/** The states of an account's automatic top-ups, the oldest first. */
export async function topUpsOf(farebox: Farebox, { accountId }: Customer): Promise<string[]> {
  const rows = await farebox.rows<{ state: string }>(
    `SELECT state FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP' ORDER BY id`,
    accountId,
  )
  return rows.map(({ state }) => state)
}

/** How often the payment provider charged the customer's card without being asked by a person. */
export async function chargesOf(farebox: Farebox, { accountId }: Customer): Promise<number> {
  const [found] = await farebox.rows<{ customer_id: string }>(
    'SELECT customer_id FROM payment_customer WHERE account_id = $1',
    accountId,
  )
  const events = farebox.stripe.control.events()
  const paid = events.filter(({ type }) => type === 'payment_intent.succeeded').map(({ object }) => object)
  const ofCustomer = paid as unknown as { customer: string | null; amount: number }[]
  return ofCustomer.filter(({ customer, amount }) => customer === found?.customer_id && amount === TOP_UP_CENTS).length
}

/** The account's ledger but for its usage: kinds and amounts, the oldest first. */
export async function entriesOf(farebox: Farebox, { accountId }: Customer): Promise<string[]> {
  const rows = await farebox.rows<{ kind: string; amount_nano: string }>(
    `SELECT kind, amount_nano FROM ledger_entry WHERE account_id = $1 AND kind <> 'USAGE_DEBIT' ORDER BY seq`,
    accountId,
  )
  return rows.map(({ kind, amount_nano }) => `${kind} ${BigInt(amount_nano) / NANO_PER_CENT}`)
}

export interface SeenMail {
  id: string
  template: string
  state: string
  attempts: number
  data: Record<string, unknown>
}

export const mailsOf = (farebox: Farebox, { accountId }: Customer): Promise<SeenMail[]> =>
  farebox.rows<SeenMail>(
    'SELECT id, template, state, attempts, data FROM mail WHERE account_id = $1 ORDER BY id',
    accountId,
  )

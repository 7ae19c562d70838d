import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { readOrderEvidence, recordCardCountry } from '../../src/invoicing/order-evidence.ts'
import { type Seller, sellerTo, writeSeller } from '../../src/invoicing/seller.ts'
import { readSnapshot } from '../../src/invoicing/snapshot-json.ts'
import { readTaxTable, taxContained, taxOnTop, withEvidence } from '../../src/invoicing/tax-of-sale.ts'
import { syncOrder } from '../../src/orders/stripe/sync-order.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { callApi, startedCheckout } from '../orders/money-in-calls.ts'
import { type Farebox, startFarebox } from '../support/farebox.ts'

/** Pieces of evidence of where a consumer is: the billing address, and where the card is from. */
let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  await writeSeller(farebox.pool, farebox.clock, null, {
    legalName: 'Farebox Operations GmbH',
    address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
    vatId: 'DE136695976',
    email: 'billing@farebox.example',
    timeZone: 'Europe/Berlin',
  })
})
afterAll(() => farebox.close())

const customer = () => farebox.customer({ creditNano: 0n })
const order = async () => {
  const { orderId } = await startedCheckout(farebox, await customer(), { amount: 1_000 })
  return orderId
}
const note = (orderId: string, country: string | null) =>
  inTransaction(farebox.pool, (client) => recordCardCountry(client, farebox.clock, orderId, country))

test('the card’s country is kept with the order, and the first that was told stays', async () => {
  const orderId = await order()
  await note(orderId, 'FR')
  await note(orderId, 'US')
  expect(await readOrderEvidence(farebox.pool, orderId)).toEqual([{ source: 'card_issuer', country: 'FR' }])
})

test.each([[null], ['XX'], ['']])('a card that names no country (%s) is no evidence', async (country) => {
  const orderId = await order()
  await note(orderId, country)
  expect(await readOrderEvidence(farebox.pool, orderId)).toEqual([])
})

const sale = async (country: string | null, evidence: { source: string; country: string }[]) => {
  const address = { line1: null, line2: null, city: null, region: null, postalCode: null, country }
  const party = { name: 'A', address, vatId: null, taxId: null, email: null, reference: null }
  const seller = (await sellerTo(farebox.pool, (await customer()).accountId)) as Seller
  return {
    seller: { ...seller, isOssRegistered: true },
    buyer: { party, language: 'en' as const },
    ...{ currency: 'EUR', date: '2026-06-01', table: await readTaxTable(farebox.pool), evidence },
  }
}
const card = (country: string) => [{ source: 'card_issuer', country }]

const VIENNA = { line1: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' }
const PAID = { card: '4242424242424242', name: 'A. Person', address: VIENNA }

test('a consumer’s invoice has two pieces of evidence: the address, and the country of the card', async () => {
  const buyer = await customer()
  // At the second time the tax was decided before the payment, when no card was known.
  for (const _time of [1, 2]) {
    const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
    await farebox.stripe.control.pay(id, PAID)
    await farebox.stripe.control.idle()
    const [row] = await farebox.rows<{ snapshot: unknown }>(
      'SELECT snapshot FROM tax_document WHERE order_id = $1',
      orderId,
    )
    expect(readSnapshot(row?.snapshot).evidence.countries).toEqual([
      { source: 'billing_address', country: 'AT' },
      ...card('US'),
    ])
  }
})

test('a payment that no webhook told of has both as well', async () => {
  const { id, orderId } = await startedCheckout(farebox, await customer(), { amount: 1_000 })
  farebox.stripe.control.drop()
  await farebox.stripe.control.pay(id, PAID)
  await farebox.stripe.control.idle()
  farebox.stripe.control.deliver({ mode: 'normal' })
  await syncOrder(farebox.running.desk, orderId)
  expect(await readOrderEvidence(farebox.pool, orderId)).toEqual(card('US'))
})

test('the order of an automatic top-up knows the country of the saved card', async () => {
  const buyer = await customer()
  const { id } = await startedCheckout(farebox, buyer, { amount: 1_000, saveCard: true })
  await farebox.stripe.control.pay(id, { ...PAID, saveCard: true })
  await farebox.stripe.control.idle()
  const wish = { enabled: true, thresholdCents: 1_500, amountCents: 2_000, consentVersion: CONSENT_VERSION }
  await callApi(farebox, buyer, 'PUT', '/v1/auto-top-up', wish)
  expect(await runTopUp(farebox.running.desk, buyer.accountId)).toBe('charged')
  await farebox.stripe.control.idle()
  const [row] = await farebox.rows<{ id: string }>(
    `SELECT id FROM payment_order WHERE account_id = $1 AND kind = 'AUTO_TOP_UP'`,
    buyer.accountId,
  )
  expect(await readOrderEvidence(farebox.pool, row?.id as string)).toEqual(card('US'))
})

test('address and card are both kept, and the address decides', async () => {
  const { tax } = taxContained(await sale('FR', card('US')), 1_200n)
  expect(tax).toMatchObject({
    rateBps: 2_000,
    evidence: { countries: [{ source: 'billing_address', country: 'FR' }, ...card('US')] },
  })
})

test('a card alone does not place a buyer, and no address is made up as evidence', async () => {
  const { tax } = taxContained(await sale(null, card('FR')), 1_190n)
  expect(tax).toMatchObject({ rateBps: 1_900, evidence: { countries: card('FR') } })
})

test('what was decided before the payment gains the card once it is known', async () => {
  const decided = taxOnTop(await sale('FR', []), 1_000n)?.tax
  expect(decided && withEvidence(withEvidence(decided, card('FR')), card('US'))).toEqual({
    ...decided,
    evidence: {
      ...decided?.evidence,
      countries: [{ source: 'billing_address', country: 'FR' }, ...card('FR')],
    },
  })
})

test('what a payment has told is neither changed nor removed', async () => {
  await note(await order(), 'FR')
  await expect(farebox.rows(`UPDATE order_country_evidence SET country = 'DE'`)).rejects.toThrow('append-only')
  await expect(farebox.rows('DELETE FROM order_country_evidence')).rejects.toThrow('append-only')
  await expect(farebox.rows('TRUNCATE order_country_evidence')).rejects.toThrow('append-only')
})

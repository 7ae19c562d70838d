import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { issueUsageInvoices } from '../../src/invoicing/usage/issue-usage-invoices.ts'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { invoiceLater } from '../../src/orders/invoice-later.ts'
import { approveOrder } from '../../src/orders/manual/approve-order.ts'
import { createManualOrder } from '../../src/orders/manual/create-manual-order.ts'
import { proForma } from '../../src/orders/manual/pro-forma.ts'
import { recordReceipt } from '../../src/orders/manual/record-receipt.ts'
import { renderProForma } from '../../src/orders/manual/render-pro-forma.ts'
import { paymentReceipt } from '../../src/orders/payment-receipt.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { textOfPdf } from './manual-pdf-text.ts'
import { callApi, startedCheckout } from './money-in-calls.ts'

const DAY_MS = 86_400_000
const STAFF = '01900000-0000-7000-8000-0000000000aa'
const OTHER_STAFF = '01900000-0000-7000-8000-0000000000ab'
const BERLIN = { line1: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' }
const CARD = { card: '4242424242424242', name: 'Erika Muster', address: BERLIN }

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  await writeSeller(farebox.pool, farebox.clock, null, {
    legalName: 'Farebox Operations GmbH',
    address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
    vatId: 'DE136695976',
    email: 'billing@farebox.example',
    bank: { holder: 'Farebox Operations GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
    timeZone: 'Europe/Berlin',
    taxPoint: 'USAGE',
  })
})
afterAll(() => farebox.close())

const desk = () => farebox.running.desk
const control = () => farebox.stripe.control
const customer = () => farebox.customer({ creditNano: 0n })
/** As one text, however its lines were broken. */
const wordsOf = (pdf: Buffer) => textOfPdf(pdf).replaceAll(/\s+/g, ' ')
const get = ({ secret }: Customer, path: string) =>
  fetch(`${farebox.url}${path}`, { headers: { authorization: `Bearer ${secret}` } })

async function bought(buyer: Customer, amount: number): Promise<string> {
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount })
  await control().pay(id, CARD)
  await control().idle()
  return orderId
}

test('the payment page asks for the face value, also of a buyer who is known, and says where the tax is', async () => {
  const buyer = await customer()
  await bought(buyer, 1_000)
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
  const session = await desk().stripe.api.checkout.sessions.retrieve(id)
  expect(session.amount_total).toBe(1_000)
  const page = await (await fetch(session.url as string)).text()
  expect(page).toContain('VAT is contained and invoiced monthly as credits are used.')
  expect(await (await fetch(`${farebox.url}/credits/orders/${orderId}/receipt`)).text()).toContain(
    'Contained; invoiced monthly as credits are used',
  )
})

test('where its invoice would be, a paid order has a receipt that says that it is no invoice', async () => {
  const [owner, stranger] = [await customer(), await customer()]
  const orderId = await bought(owner, 12_345)
  expect((await callApi(farebox, owner, 'GET', '/v1/invoices')).body).toMatchObject({ invoices: [] })
  expect(await invoiceLater(desk())).toBe(0)
  const receipt = await get(owner, `/v1/receipts/${orderId}.pdf`)
  expect([receipt.status, receipt.headers.get('content-type')]).toEqual([200, 'application/pdf'])
  expect(receipt.headers.get('content-disposition')).toMatch(/^attachment; filename="receipt-RF\d+\w+\.pdf"$/)
  const text = wordsOf(Buffer.from(await receipt.arrayBuffer()))
  for (const said of [
    'Zahlungsbeleg',
    'Keine Rechnung',
    '123,45',
    'Mehrzweck-Gutscheinen',
    'Mit Karte bezahlt am',
    'Erika Muster',
  ]) {
    expect(text).toContain(said)
  }
  expect(text).not.toContain('IBAN')
  const { id: unpaid } = await startedCheckout(farebox, owner, { amount: 1_000 }).then(({ orderId: id }) => ({ id }))
  for (const [who, id] of [
    [stranger, orderId],
    [owner, unpaid],
    [owner, 'nonsense'],
    [owner, owner.accountId],
  ] as const) {
    expect((await get(who, `/v1/receipts/${id}.pdf`)).status).toBe(404)
  }
  await expect(paymentReceipt(desk(), orderId, stranger.accountId)).rejects.toThrow('no such order')
})

test('an automatic top-up charges the face value', async () => {
  const buyer = await customer()
  const { id } = await startedCheckout(farebox, buyer, { amount: 1_000, saveCard: true })
  await control().pay(id, CARD)
  await control().idle()
  const wish = { enabled: true, thresholdCents: 1_500, amountCents: 2_000, consentVersion: CONSENT_VERSION }
  await callApi(farebox, buyer, 'PUT', '/v1/auto-top-up', { ...wish, dailyCapCents: 2_000 })
  expect(await runTopUp(desk(), buyer.accountId)).toBe('charged')
  await control().idle()
  expect((await callApi(farebox, buyer, 'GET', '/credits/balance')).body).toEqual({ balanceCents: 3_000 })
})

test('a bank transfer is asked for with the same words, and a tax on top is refused', async () => {
  const { accountId } = await customer()
  const { pool, clock } = desk()
  const deps = { pool, clock, fourEyesLimitMinor: 1_000_000n }
  const asked = {
    ...{ accountId, netMinor: 10_000n, currency: 'USD' },
    ...{ actorId: STAFF, idempotencyKey: null },
  }
  await expect(createManualOrder(deps, { ...asked, taxMinor: 1_900n })).rejects.toThrow('taxMinor must be zero')
  const order = await createManualOrder(deps, asked)
  expect(order).toMatchObject({ taxPoint: 'USAGE', totalMinor: 10_000n, taxMinor: 0n })
  const text = wordsOf(await renderProForma(await proForma(deps, order.id, null)))
  expect(text).toContain('VAT is contained in the total and invoiced monthly')
  expect(text).not.toContain('the invoice follows')
  await recordReceipt(deps, {
    ...{ orderId: order.id, bankReference: 'T-1', amountMinor: 12_000n, currency: 'USD', receivedOn: '2026-11-20' },
    ...{ evidence: 'statement 1', actorId: STAFF, idempotencyKey: null },
  })
  const paid = await approveOrder(deps, {
    ...{ orderId: order.id, settlement: 'CREDIT_EXCESS', actorId: OTHER_STAFF, idempotencyKey: null },
  })
  expect(paid).toMatchObject({ state: 'PAID', totalMinor: 12_000n, taxMinor: 0n })
  expect(wordsOf((await paymentReceipt(desk(), order.id, accountId)).content)).toContain('Paid by bank transfer on')
})

test('requests through the gateway are invoiced once their month is over, listed and downloaded by their customer', async () => {
  const buyer = await customer()
  const orderId = await bought(buyer, 10_000)
  const content = 'Hello '.repeat(20_000)
  for (const _request of [1, 2]) {
    await buyer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content }] })
  }
  const [used] = await farebox.rows<{ nano: string }>(
    `SELECT -sum(amount_nano) AS nano FROM ledger_entry WHERE account_id = $1 AND kind = 'USAGE_DEBIT'`,
    buyer.accountId,
  )
  const totalCents = Number((BigInt(used?.nano ?? 0) + NANO_PER_CENT / 2n) / NANO_PER_CENT)
  expect(totalCents).toBeGreaterThan(1)
  const usageMonth = new Date(farebox.clock.now()).toISOString().slice(0, 7)
  farebox.clock.advance(32 * DAY_MS)
  await issueUsageInvoices(desk())
  const { body } = await callApi(farebox, buyer, 'GET', '/v1/invoices')
  const [invoice] = body.invoices as { id: string }[]
  expect(invoice).toMatchObject({ kind: 'INVOICE', totalCents, orderId: null, usageMonth })
  const pdf = await get(buyer, `/v1/invoices/${invoice?.id}.pdf`)
  const text = wordsOf(Buffer.from(await pdf.arrayBuffer()))
  for (const said of ['Rechnung', '(2 Anfragen)', 'Zeitraum', 'Mit Prepaid-Guthaben bezahlt.'])
    expect(text).toContain(said)
  expect(await farebox.rows('SELECT 1 FROM usage_consideration WHERE order_id = $1', orderId)).toHaveLength(1)
  expect(await farebox.verify()).toBe(CLEAN)
})

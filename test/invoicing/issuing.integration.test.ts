import { hash } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { documentFile, documentsToRender } from '../../src/invoicing/document-file.ts'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { issueDocument } from '../../src/invoicing/issue-document.ts'
import { issueMissing } from '../../src/invoicing/issue-missing.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { readSnapshot } from '../../src/invoicing/snapshot-json.ts'
import { formatInvoiceReport, verifyInvoices } from '../../src/invoicing/verify/verify-invoices.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { invoiceLater } from '../../src/orders/invoice-later.ts'
import { type PaymentOrder, readOrder } from '../../src/orders/order.ts'
import { soldCredits } from '../../src/orders/pay-order.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import { buy, callApi, startedCheckout } from '../orders/money-in-calls.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'

let farebox: Farebox
let early: string
let alsoEarly: string

const SELLER = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  vatId: 'DE136695976',
  email: 'billing@farebox.example',
  bank: { holder: 'Farebox Operations GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
  timeZone: 'Europe/Berlin',
}

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  await ensureDefaultPackages(farebox.pool, farebox.clock, 'USD')
  early = await buy(farebox, await customer(), 1_000)
  alsoEarly = await buy(farebox, await customer(), 1_000)
  await writeSeller(farebox.pool, farebox.clock, null, SELLER)
})
afterAll(() => farebox.close())

const customer = () => farebox.customer({ creditNano: 0n })
const desk = () => farebox.running.desk
const api = () => desk().stripe.api
const control = () => farebox.stripe.control

interface Address {
  line1: string
  city: string
  postalCode: string
  country: string
}
const BERLIN: Address = { line1: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' }

async function bought(buyer: Customer, amount: number, address: Address, taxId?: { type: string; value: string }) {
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount })
  await control().pay(id, { card: '4242424242424242', name: 'Erika Muster', address, taxId })
  await control().idle()
  return orderId
}

async function documentsOf(orderId: string): Promise<(DocumentSnapshot & { id: string })[]> {
  const rows = await farebox.rows<{ id: string; snapshot: unknown }>(
    'SELECT id, snapshot FROM tax_document WHERE order_id = $1 ORDER BY id',
    orderId,
  )
  return rows.map(({ id, snapshot }) => ({ ...readSnapshot(snapshot), id }))
}
const invoiceOf = async (orderId: string) => (await documentsOf(orderId))[0] as DocumentSnapshot & { id: string }

const verify = async () => {
  const report = await verifyInvoices(desk())
  return report.ok ? 'invoices are clean' : formatInvoiceReport(report).join('\n')
}

describe('one paid order has one invoice', () => {
  test('the first purchase of a consumer contains the tax of where they said they are', async () => {
    const invoice = await invoiceOf(await bought(await customer(), 1_190, BERLIN))
    expect(invoice).toMatchObject({
      ...{ kind: 'INVOICE', language: 'de', currency: 'USD', netMinor: 1_000n, taxMinor: 190n, totalMinor: 1_190n },
      ...{ prepaidMinor: 1_190n, dueMinor: 0n },
      taxes: [{ category: 'S', rateBps: 1_900, netMinor: 1_000n, taxMinor: 190n }],
      buyer: { name: 'Erika Muster', address: { city: 'Berlin', country: 'DE' } },
      evidence: { rule: 'domestic', buyerIsBusiness: false },
    })
    expect(invoice.number).toMatch(/^FB-20\d\d-0000\d\d$/)
  })

  test('once it is known where a buyer is, the tax comes on top and is shown before they pay', async () => {
    const buyer = await customer()
    await bought(buyer, 1_000, BERLIN)
    const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
    const session = await api().checkout.sessions.retrieve(id)
    expect(session.amount_total).toBe(1_190)
    await control().pay(id, { card: '4242424242424242', name: 'Erika Muster', address: BERLIN })
    await control().idle()
    expect(await invoiceOf(orderId)).toMatchObject({ netMinor: 1_000n, taxMinor: 190n, totalMinor: 1_190n })
    expect((await callApi(farebox, buyer, 'GET', '/credits/balance')).body).toEqual({ balanceCents: 2_000 })
  })

  test('a business in another member state is not charged tax, and both VAT ids and the reason stand on the invoice', async () => {
    const vienna = { line1: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' }
    const invoice = await invoiceOf(
      await bought(await customer(), 1_000, vienna, { type: 'eu_vat', value: 'ATU13585627' }),
    )
    expect(invoice).toMatchObject({
      ...{ netMinor: 1_000n, taxMinor: 0n, seller: { vatId: 'DE136695976' }, buyer: { vatId: 'ATU13585627' } },
      taxes: [{ category: 'AE', rateBps: 0, exemptionCode: 'VATEX-EU-AE' }],
    })
    expect(invoice.taxes[0]?.exemptionReason).toContain('Steuerschuldnerschaft')
  })

  test('an invalid VAT id is taxed as a consumer, and the invoice says why', async () => {
    const invoice = await invoiceOf(
      await bought(await customer(), 1_000, BERLIN, { type: 'eu_vat', value: 'DE000000000' }),
    )
    expect(invoice).toMatchObject({ evidence: { buyerIsBusiness: false, vatIdCheck: { result: 'invalid' } } })
    expect(invoice.notes.join()).toContain('DE000000000')
  })

  test('an order that cannot be invoiced is told of, and does not hold up the next one', async () => {
    const order = (await readOrder(farebox.pool, alsoEarly)) as PaymentOrder
    const good = soldCredits(order, order.paidAt as number)
    await expect(issueMissing(desk(), [{ ...good, totalMinor: 0n }, good])).rejects.toThrow('could not be invoiced')
    expect(await documentsOf(alsoEarly)).toMatchObject([{ totalMinor: 1_000n }])
  })

  test('what was paid before there was a seller is invoiced once there is one, and once', async () => {
    expect(await documentsOf(early)).toEqual([])
    await Promise.all([invoiceLater(desk()), invoiceLater(desk())])
    expect(await invoiceLater(desk())).toBe(0)
    expect(await documentsOf(early)).toMatchObject([{ totalMinor: 1_000n }])
  })

  test('twenty events about one payment issue one invoice', async () => {
    control().duplicate(10)
    const orderId = await bought(await customer(), 1_000, BERLIN)
    control().duplicate(1)
    expect(await documentsOf(orderId)).toHaveLength(1)
  })
})

test('an automatic top-up charges the tax on top, shows it on its invoice, and its caps count it', async () => {
  const buyer = await customer()
  const { id } = await startedCheckout(farebox, buyer, { amount: 1_000, saveCard: true })
  await control().pay(id, { card: '4242424242424242', name: 'Erika Muster', address: BERLIN })
  await control().idle()
  const wish = { enabled: true, thresholdCents: 1_500, amountCents: 2_000, consentVersion: CONSENT_VERSION }
  await callApi(farebox, buyer, 'PUT', '/v1/auto-top-up', { ...wish, dailyCapCents: 2_379 })
  expect(await runTopUp(desk(), buyer.accountId)).toBe('nothing')
  await callApi(farebox, buyer, 'PUT', '/v1/auto-top-up', { ...wish, dailyCapCents: 2_380 })
  expect(await runTopUp(desk(), buyer.accountId)).toBe('charged')
  await control().idle()
  expect((await callApi(farebox, buyer, 'GET', '/credits/balance')).body).toEqual({ balanceCents: 3_000 })
  const { body } = await callApi(farebox, buyer, 'GET', '/v1/invoices?limit=1')
  expect(body.invoices).toMatchObject([{ netCents: 2_000, taxCents: 380, totalCents: 2_380 }])
})

describe('credit notes', () => {
  test('refunds in three parts take back exactly net and tax, each with a number of its own series', async () => {
    const orderId = await bought(await customer(), 1_000, BERLIN)
    const [order] = await farebox.rows<{ payment_intent_id: string }>(
      'SELECT payment_intent_id FROM payment_order WHERE id = $1',
      orderId,
    )
    for (const amount of [333, 334, 333]) {
      await api().refunds.create({ payment_intent: order?.payment_intent_id as string, amount })
      await control().idle()
    }
    const [invoice, ...notes] = await documentsOf(orderId)
    expect(notes).toHaveLength(3)
    for (const note of notes) {
      expect(note).toMatchObject({
        kind: 'CREDIT_NOTE',
        original: { number: invoice?.number, issueDate: invoice?.issueDate },
      })
      expect(note.number).toMatch(/^FB-CN-20\d\d-0000\d\d$/)
    }
    const sum = (field: 'netMinor' | 'taxMinor') => notes.reduce((total, note) => total + note[field], 0n)
    expect([sum('netMinor'), sum('taxMinor')]).toEqual([invoice?.netMinor, invoice?.taxMinor])
  })

  test('they say what the invoice said, whatever has changed since', async () => {
    const buyer = await customer()
    const orderId = await bought(buyer, 1_000, BERLIN)
    const [order] = await farebox.rows<{ payment_intent_id: string }>(
      'SELECT payment_intent_id FROM payment_order WHERE id = $1',
      orderId,
    )
    await writeSeller(farebox.pool, farebox.clock, null, { ...SELLER, legalName: 'Renamed GmbH' })
    await api().refunds.create({ payment_intent: order?.payment_intent_id as string, amount: 100 })
    await control().idle()
    await writeSeller(farebox.pool, farebox.clock, null, SELLER)
    expect((await documentsOf(orderId))[1]).toMatchObject({ seller: { legalName: SELLER.legalName } })
  })
})

describe('numbers', () => {
  test('twenty workers, with rollbacks and killed connections among them, leave no gap and no duplicate', async () => {
    const [known] = await farebox.rows<{ seller_id: string; account_id: string; snapshot: unknown }>(
      `SELECT seller_id, account_id, snapshot FROM tax_document WHERE kind = 'INVOICE' LIMIT 1`,
    )
    const { number: _number, ...draft } = readSnapshot(known?.snapshot)
    const orders = await farebox.rows<{ id: string }>(
      `INSERT INTO payment_order (id, number, reference, account_id, kind, state, provider, livemode, currency, net_minor, tax_minor, total_minor, credit_nano, created_at)
       SELECT gen_random_uuid(), 1000000 + n, 'test-' || n, $1, 'CHECKOUT', 'CANCELED', 'STRIPE', false, 'USD', 1000, 190, 1190, 1, now()
       FROM generate_series(1, 400) AS n RETURNING id`,
      known?.account_id,
    )
    await farebox.rows(
      `INSERT INTO order_transition SELECT id, 1, NULL, 'CANCELED', 'test', NULL, now() FROM payment_order WHERE reference LIKE 'test-%'`,
    )
    const before = (await farebox.rows(`SELECT 1 FROM tax_document WHERE kind = 'INVOICE'`)).length
    const pool = new pg.Pool({ connectionString: farebox.database.connectionString, max: 20 })
    pool.on('error', () => undefined)
    let issued = 0
    const worker = async (own: { id: string }[]) => {
      for (const [index, { id }] of own.entries()) {
        const work = inTransaction(pool, async (client) => {
          const request = {
            sellerId: known?.seller_id as string,
            accountId: known?.account_id as string,
            refundId: null,
          }
          await issueDocument(client, farebox.clock, { ...request, orderId: id, originalId: null, draft })
          if (index % 5 === 1) throw new Error('changed our mind')
          if (index % 5 === 2) await client.query('SELECT pg_terminate_backend(pg_backend_pid())')
        })
        await work.then(
          () => {
            issued += 1
          },
          () => undefined,
        )
      }
    }
    const shares = Array.from({ length: 20 }, (_, share) => orders.filter((_order, index) => index % 20 === share))
    await Promise.all(shares.map(worker))
    await pool.end()
    expect(issued).toBe(240)
    const rows = await farebox.rows<{ sequence: string }>(
      `SELECT sequence FROM tax_document WHERE kind = 'INVOICE' ORDER BY sequence`,
    )
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual(
      Array.from({ length: before + 240 }, (_, index) => index + 1),
    )
  })

  test('a number cannot be taken back, a document neither changed nor removed', async () => {
    await expect(farebox.rows('UPDATE invoice_series SET last_number = last_number - 1')).rejects.toThrow(
      'only count up',
    )
    await expect(farebox.rows(`UPDATE tax_document SET number = 'X'`)).rejects.toThrow('append-only')
    await expect(farebox.rows('DELETE FROM tax_document')).rejects.toThrow('append-only')
  })
})

describe('downloads', () => {
  const get = (of: Customer, path: string) =>
    fetch(`${farebox.url}${path}`, { headers: { authorization: `Bearer ${of.secret}` } })

  test('an account lists and downloads its own documents, as PDF and as XML, and nobody else’s', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const { id, number } = await invoiceOf(await bought(owner, 1_000, BERLIN))
    const { body } = await callApi(farebox, owner, 'GET', '/v1/invoices')
    expect(body).toMatchObject({
      invoices: [{ id, number, kind: 'INVOICE', totalCents: 1_000, currency: 'USD' }],
      nextBefore: null,
    })
    const pdf = await get(owner, `/v1/invoices/${id}.pdf`)
    expect([pdf.status, pdf.headers.get('content-type'), pdf.headers.get('content-disposition')]).toEqual([
      ...[200, 'application/pdf', `attachment; filename="${number}.pdf"`],
    ])
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    expect(await (await get(owner, `/v1/invoices/${id}.xml`)).text()).toContain('CrossIndustryInvoice')
    expect(await (await get(owner, `/v1/invoices/${id}.xml?format=ubl`)).text()).toContain(
      'urn:oasis:names:specification:ubl',
    )
    for (const path of [`/v1/invoices/${id}.pdf`, `/v1/invoices/${id}.xml`, '/v1/invoices/nonsense.pdf']) {
      expect((await get(stranger, path)).status).toBe(404)
    }
    expect((await callApi(farebox, stranger, 'GET', '/v1/invoices')).body).toMatchObject({ invoices: [] })
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=1e9', 'limit'],
    ['before=x', 'before'],
    ['surprise=1', 'surprise'],
  ])('a list asked for with %s is refused, naming %s', async (query, field) => {
    const { status, body } = await callApi(farebox, await customer(), 'GET', `/v1/invoices?${query}`)
    expect([status, body.details]).toEqual([400, { field }])
  })

  test('the same bytes come again on another day, from storage and rendered anew; a damaged file is replaced', async () => {
    const { id } = await invoiceOf(await bought(await customer(), 1_000, BERLIN))
    const download = async () => hash('sha256', (await documentFile(desk(), id, 'pdf', null)).content)
    const first = await download()
    farebox.clock.advance(40 * 86_400_000)
    expect(await download()).toBe(first)
    const [file] = await farebox.rows<{ storage_key: string }>(
      'SELECT storage_key FROM document_file WHERE document_id = $1',
      id,
    )
    await desk().storage.write(file?.storage_key as string, Buffer.from('damaged'), 'application/pdf')
    expect(await verify()).toContain('its stored pdf was changed')
    expect(await download()).toBe(first)
    expect(
      await desk()
        .storage.read(file?.storage_key as string)
        .then((kept) => kept && hash('sha256', kept)),
    ).toBe(first)
  })

  test('the job renders what nobody has downloaded yet', async () => {
    const { id } = await invoiceOf(await bought(await customer(), 1_000, BERLIN))
    expect(await documentsToRender(desk(), 1_000)).toContain(id)
    await documentFile(desk(), id, 'pdf', null)
    expect(await documentsToRender(desk(), 1_000)).not.toContain(id)
  })
})

describe('proof', () => {
  test('everything above is clean', async () => {
    // The test of numbers made invoices for orders that were never paid; all else is in order.
    const report = await verifyInvoices(desk())
    expect(report.checks.filter(({ findings }) => findings > 0).map(({ name }) => name)).toEqual(['invoice-order'])
    expect(await farebox.verify()).toBe(CLEAN)
  })

  test.each([
    [
      `UPDATE tax_document SET snapshot = jsonb_set(snapshot, '{totalMinor}', '"99"') WHERE id = $1`,
      'document-content',
    ],
    [
      `UPDATE tax_document SET total_minor = total_minor + 1, tax_minor = tax_minor + 1 WHERE id = $1`,
      'document-content',
    ],
    [`UPDATE tax_document SET sequence = sequence + 1000 WHERE id = $1`, 'number-gap'],
    [`UPDATE document_file SET sha256 = sha256('x') WHERE document_id = $1`, 'file-again'],
  ])('%s is found', async (tampering, check) => {
    const { id } = await invoiceOf(await bought(await customer(), 1_000, BERLIN))
    await documentFile(desk(), id, 'pdf', null)
    const names = ['tax_document', 'document_file']
    for (const table of names) await farebox.rows(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
    const [before] = await farebox.rows<{ row: string }>(
      'SELECT to_jsonb(d)::text AS row FROM tax_document d WHERE id = $1',
      id,
    )
    const [file] = await farebox.rows<{ sha256: Buffer }>('SELECT sha256 FROM document_file WHERE document_id = $1', id)
    await farebox.rows(tampering, id)
    const found = (await verifyInvoices(desk())).findings.map((finding) => finding.check)
    expect(found).toContain(check)
    const old = JSON.parse(before?.row as string)
    await farebox.rows(
      'UPDATE tax_document SET snapshot = $2, total_minor = $3, tax_minor = $4, sequence = $5 WHERE id = $1',
      id,
      old.snapshot,
      old.total_minor,
      old.tax_minor,
      old.sequence,
    )
    await farebox.rows('UPDATE document_file SET sha256 = $2 WHERE document_id = $1', id, file?.sha256)
    for (const table of names) await farebox.rows(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
  })
})

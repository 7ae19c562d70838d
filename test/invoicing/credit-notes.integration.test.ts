import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { documentFile } from '../../src/invoicing/document-file.ts'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { draftCreditNote } from '../../src/invoicing/draft-credit-note.ts'
import { issueDocument } from '../../src/invoicing/issue-document.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { readSnapshot } from '../../src/invoicing/snapshot-json.ts'
import { verifyInvoices } from '../../src/invoicing/verify/verify-invoices.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { saveRefund } from '../../src/orders/refunds/refund.ts'
import { type Farebox, startFarebox } from '../support/farebox.ts'
import { documentOf, lineOf } from './document-fixtures.ts'
import { brokenRules } from './en16931-rules.ts'

const SELLER = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  vatId: 'DE136695976',
  timeZone: 'Europe/Berlin',
}

let farebox: Farebox
let accountId: string
let sellerId: string

beforeAll(async () => {
  farebox = await startFarebox()
  await writeSeller(farebox.pool, farebox.clock, null, SELLER)
  accountId = (await farebox.customer({ creditNano: 0n })).accountId
  sellerId = (await farebox.rows<{ id: string }>('SELECT id FROM seller'))[0]?.id as string
})
afterAll(() => farebox.close())

/** An order with an invoice over it. */
async function invoiced(invoice: DocumentSnapshot): Promise<string> {
  const orderId = uuidV7(farebox.clock)
  const { netMinor, taxMinor, totalMinor, currency } = invoice
  await inTransaction(farebox.pool, async (client) => {
    await client.query(
      `INSERT INTO payment_order (id, number, reference, account_id, kind, state, provider, livemode, currency, net_minor, tax_minor, total_minor, credit_nano, created_at)
       SELECT $1::uuid, 1000000 + count(*), $1::uuid::text, $2, 'CHECKOUT', 'CANCELED', 'STRIPE', false, $3, $4, $5, $6, 1, now() FROM payment_order`,
      [orderId, accountId, currency, netMinor, taxMinor, totalMinor],
    )
    await client.query(`INSERT INTO order_transition VALUES ($1, 1, NULL, 'CANCELED', 'test', NULL, now())`, [orderId])
    const { number: _number, ...draft } = invoice
    const ids = { sellerId, accountId, orderId, refundId: null, originalId: null }
    await issueDocument(client, farebox.clock, { ...ids, draft })
  })
  return orderId
}

/** Gives back a part of it, with a credit note. */
async function givenBack(orderId: string, totalMinor: bigint): Promise<void> {
  const [id, at] = [uuidV7(farebox.clock), farebox.clock.now()]
  await inTransaction(farebox.pool, async (client) => {
    await saveRefund(client, {
      ...{ id, orderId, accountId, provider: 'STRIPE', providerRefundId: id, state: 'SUCCEEDED', currency: 'JPY' },
      ...{ netMinor: totalMinor, taxMinor: 0n, totalMinor, creditNano: 0n, bonusNano: 0n, frozenNano: 0n },
      ...{ frozenBonusNano: 0n, external: false, reason: 'test', failureCode: null, actorId: null, attempts: 1 },
      ...{ nextAttemptAt: null, createdAt: at, closedAt: at },
    })
    const note = await draftCreditNote(client, farebox.clock, { orderId, refundId: id, totalMinor, returnedAt: at })
    if (note) await issueDocument(client, farebox.clock, note)
  })
}

async function documentsOf(orderId: string): Promise<(DocumentSnapshot & { id: string })[]> {
  const rows = await farebox.rows<{ id: string; snapshot: unknown }>(
    'SELECT id, snapshot FROM tax_document WHERE order_id = $1 ORDER BY id',
    orderId,
  )
  return rows.map(({ id, snapshot }) => ({ ...readSnapshot(snapshot), id }))
}

test('yen given back in parts: each note follows what the notes before it took, is a valid e-invoice, and all are the invoice', async () => {
  const invoice = documentOf({ currency: 'JPY', lines: [lineOf({ unitNetMinor: 2_825n, rateBps: 1_000 })] })
  // Another order's notes are none of its business.
  const [orderId, other] = [await invoiced(invoice), await invoiced(invoice)]
  for (const part of [27n, 2_911n, 1n, 58n, 111n]) {
    await givenBack(orderId, part)
    await givenBack(other, 33n)
  }
  const [first, ...notes] = await documentsOf(orderId)
  expect(notes.map(({ totalMinor }) => totalMinor)).toEqual([27n, 2_911n, 1n, 58n, 111n])
  const sum = (field: 'netMinor' | 'taxMinor') => notes.reduce((total, note) => total + note[field], 0n)
  expect([sum('netMinor'), sum('taxMinor')]).toEqual([first?.netMinor, first?.taxMinor])
  for (const { id } of notes) {
    for (const format of ['cii', 'ubl'] as const) {
      const { content } = await documentFile(farebox.running.desk, id, format, null)
      expect(brokenRules(Buffer.from(content).toString())).toEqual([])
    }
  }
  await expect(givenBack(orderId, 1n)).rejects.toThrow('left to credit')
  const { findings } = await verifyInvoices(farebox.running.desk)
  expect(findings.filter(({ check }) => check === 'credit-within' || check === 'document-content')).toEqual([])
})

import type { Pool } from 'pg'
import { type ListedDocument, listDocuments } from '../../invoicing/list-documents.ts'
import { orderPath } from '../../orders/order-path.ts'
import { shownMinor } from '../credits/shown-amount.ts'
import { badge, type StatusBadge } from '../status-badge.ts'

/** A document as the page of invoices lists it. */
export interface ShownDocument {
  id: string
  number: string
  issueDate: string
  /** "Invoice", "Credit note", and what about. */
  kind: string
  about: { text: string; path: string | null } | null
  total: string
  badge: StatusBadge
  /** Of an invoice its credit notes, of a credit note its invoice. */
  related: readonly { id: string; number: string; isCreditNote: boolean }[]
  /** Whether the PDF lies ready; if not, the first download makes it. */
  isReady: boolean
}

interface Related {
  id: string
  number: string
  originalId: string | null
  totalMinor: bigint
}

/** `$1` the account, `$2` the documents of the page, `$3` what those correct. */
const RELATED = `
  SELECT id, number, original_id AS "originalId", total_minor::text AS "totalMinor" FROM tax_document
  WHERE account_id = $1 AND (original_id = ANY ($2::uuid[]) OR id = ANY ($3::uuid[])) ORDER BY id`

const READY = `SELECT document_id FROM document_file WHERE format = 'pdf' AND document_id = ANY ($1::uuid[])`

/** A page of an account's documents, the latest first, each with those that belong to it. */
export async function readInvoices(
  pool: Pool,
  accountId: string,
  page: { limit: number; before: string | null },
): Promise<ShownDocument[]> {
  const documents = await listDocuments(pool, accountId, page)
  const ids = documents.map(({ id }) => id)
  const originals = documents.flatMap(({ originalId }) => (originalId === null ? [] : [originalId]))
  const found = await pool.query<Omit<Related, 'totalMinor'> & { totalMinor: string }>(RELATED, [
    ...[accountId, ids, originals],
  ])
  const related = found.rows.map((row) => ({ ...row, totalMinor: BigInt(row.totalMinor) }))
  const { rows } = await pool.query<{ document_id: string }>(READY, [ids])
  const ready = new Set(rows.map(({ document_id }) => document_id))
  return documents.map((document) => shownDocument(document, related, ready.has(document.id)))
}

function shownDocument(document: ListedDocument, all: readonly Related[], isReady: boolean): ShownDocument {
  const { id, kind, number, issueDate, currency, totalMinor, originalId } = document
  const creditNotes = all.filter((one) => one.originalId === id)
  const original = all.filter((one) => one.id === originalId)
  const related = [...creditNotes, ...original].map((one) => ({
    ...{ id: one.id, number: one.number, isCreditNote: one.originalId === id },
  }))
  const isCreditNote = kind === 'CREDIT_NOTE'
  return {
    ...{ id, number, issueDate, related, isReady, about: aboutOf(document) },
    kind: isCreditNote ? 'Credit note' : 'Invoice',
    // A credit note gives back what its positive amounts say (EN 16931, type 381).
    total: isCreditNote ? `-${shownMinor(totalMinor, currency)}` : shownMinor(totalMinor, currency),
    badge: isCreditNote ? badge('Given back', 'over') : badgeOf(totalMinor, creditNotes),
  }
}

/** Credits are paid before they are invoiced, so that an invoice is paid, or was given back. */
function badgeOf(totalMinor: bigint, creditNotes: readonly Related[]): StatusBadge {
  const credited = creditNotes.reduce((sum, one) => sum + one.totalMinor, 0n)
  if (credited === 0n) return badge('Paid', 'done')
  return credited >= totalMinor ? badge('Credited', 'over') : badge('Partly credited', 'over')
}

function aboutOf({ orderId, usageMonth }: ListedDocument): ShownDocument['about'] {
  if (usageMonth !== null) return { text: `Usage of ${usageMonth}`, path: null }
  return orderId === null ? null : { text: 'Payment', path: orderPath(orderId) }
}

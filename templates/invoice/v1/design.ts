import type { DocumentSnapshot } from '../../../src/invoicing/document-snapshot.ts'
import type { Canvas } from '../../../src/invoicing/pdf/canvas.ts'
import { drawFooters, footerTop } from './footer.ts'
import { drawHead } from './head.ts'
import { drawLines } from './lines-table.ts'
import { GAP } from './look.ts'
import { drawNotes } from './notes.ts'
import { drawParties } from './parties.ts'
import { drawPayment } from './payment.ts'
import { createSheet } from './sheet.ts'
import { drawTotals } from './totals.ts'
import { WORDS } from './words.ts'

/** The first design. Documents that were issued with it look like this for ever: a change is a new folder. */
export function drawDocument(canvas: Canvas, snapshot: DocumentSnapshot, logo: Buffer | null): void {
  const sheet = createSheet(canvas, snapshot, footerTop(canvas, snapshot) - GAP / 2)
  drawHead(sheet, logo)
  drawParties(sheet)
  drawLines(sheet)
  drawTotals(sheet)
  drawPayment(sheet)
  drawNotes(sheet)
  drawFooters(canvas, snapshot)
}

export function titleOf({ kind, number, language }: DocumentSnapshot): string {
  return `${WORDS[language].title[kind]} ${number}`
}

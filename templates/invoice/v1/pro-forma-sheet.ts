import type { ProFormaCanvas, ProFormaDocument } from '../../../src/invoicing/pdf/render-pro-forma.ts'
import { createFormats, type Formats } from './formats.ts'
import { RECEIPT_WORDS } from './payment-receipt-words.ts'
import { PRO_FORMA_WORDS, type ProFormaWords } from './pro-forma-words.ts'
import { WORDS, type Words } from './words.ts'

/** A pro-forma being drawn. */
export interface ProFormaSheet {
  readonly canvas: ProFormaCanvas
  readonly proForma: ProFormaDocument
  /** Those of the invoices, and its own. */
  readonly words: Words
  readonly own: ProFormaWords
  readonly formats: Formats
  /** From here on the page is the footer's. */
  readonly bottom: number
  /** Where the next thing goes. */
  y: number
}

export function createProFormaSheet(canvas: ProFormaCanvas, proForma: ProFormaDocument, bottom: number): ProFormaSheet {
  const { language, currency } = proForma
  const formats = createFormats(language, currency)
  return { canvas, proForma, words: WORDS[language], own: ownWords(proForma), formats, bottom, y: 0 }
}

/** Those of a request for payment, or those of a receipt. */
export function ownWords({ language, receipt }: Pick<ProFormaDocument, 'language' | 'receipt'>): ProFormaWords {
  return receipt === undefined
    ? PRO_FORMA_WORDS[language]
    : { ...PRO_FORMA_WORDS[language], ...RECEIPT_WORDS[language] }
}

/** How high it would be, from where the sheet stands: it is drawn on a page without end that nobody sees. */
export function heightOfDrawn(sheet: ProFormaSheet, draw: (sheet: ProFormaSheet) => void): number {
  const { type } = sheet.canvas
  const nothing = () => {}
  const unseen: ProFormaCanvas = {
    type: { ...type, write: (text, box) => box.y + type.heightOf(text, box) },
    ...{ rule: nothing, panel: nothing, addPage: nothing, eachPage: nothing, code: nothing },
    picture: () => null,
  }
  const measured = { ...sheet, canvas: unseen, bottom: Number.POSITIVE_INFINITY }
  draw(measured)
  return measured.y - sheet.y
}

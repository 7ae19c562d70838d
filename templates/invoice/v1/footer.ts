import type { DocumentSnapshot } from '../../../src/invoicing/document-snapshot.ts'
import type { Canvas } from '../../../src/invoicing/pdf/canvas.ts'
import { BOTTOM, LEFT, RIGHT, RULE, SMALL, WIDTH } from './look.ts'
import { addressLines, sellerIds } from './party-text.ts'
import { WORDS } from './words.ts'

const PAGE_WIDTH = 80
const TEXT = { ...SMALL, x: LEFT, width: WIDTH - PAGE_WIDTH - 10 }
const IMPRINT_LINES_MAX = 4
const SENTENCE_LINES_MAX = 3

/** A document of this seller, whatever else it says. */
type FootedDocument = Pick<DocumentSnapshot, 'seller' | 'language'>

/** Where the footer begins: it grows with what the seller has to say. */
export function footerTop(canvas: Canvas, snapshot: FootedDocument): number {
  const { imprint, sentence } = footerTexts(snapshot)
  const sentenceHeight =
    sentence === null ? 0 : canvas.type.heightOf(sentence, { ...TEXT, linesMax: SENTENCE_LINES_MAX })
  return BOTTOM - 8 - canvas.type.heightOf(imprint, { ...TEXT, linesMax: IMPRINT_LINES_MAX }) - sentenceHeight
}

/** On each page: who the seller is, and which page of how many it is. */
export function drawFooters(canvas: Canvas, snapshot: FootedDocument): void {
  const words = WORDS[snapshot.language]
  const { imprint, sentence } = footerTexts(snapshot)
  const top = footerTop(canvas, snapshot)
  canvas.eachPage((page, pages) => {
    canvas.rule({ x: LEFT, y: top, width: WIDTH, colour: RULE })
    const number = `${words.page} ${page} ${words.of} ${pages}`
    canvas.type.write(number, { ...SMALL, x: RIGHT - PAGE_WIDTH, y: top + 8, width: PAGE_WIDTH, align: 'right' })
    const below = canvas.type.write(imprint, { ...TEXT, y: top + 8, linesMax: IMPRINT_LINES_MAX })
    if (sentence !== null) canvas.type.write(sentence, { ...TEXT, y: below, linesMax: SENTENCE_LINES_MAX })
  })
}

/** Broken between its parts alone, where they fit on a line. */
function footerTexts({ seller, language }: FootedDocument): { imprint: string; sentence: string | null } {
  const ids = sellerIds(seller, WORDS[language])
  const contact = [seller.email, seller.phone, seller.website].filter((text) => text !== null)
  const imprint = [seller.legalName, ...addressLines(seller.address, language), ...ids, ...contact]
    .map((text) => text.replaceAll(' ', '\u00a0'))
    .join('\u00a0· ')
  return { imprint, sentence: seller.footer }
}

import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, GAP, LABEL, LEFT, STRONG } from './look.ts'
import { addressLines, buyerIds, sellerIds } from './party-text.ts'
import type { ProFormaSheet } from './pro-forma-sheet.ts'

const COLUMN = 134
const TO = LEFT + COLUMN + 10
const DETAILS = 342
const DETAIL_LABEL = 80
const DETAIL_VALUE = 117

const LINE_HEIGHT = BODY.size * LEADING
/** Below the parties. */
const SPACE = GAP + 4
/** A name and where it is, however little room there is. */
const LINES_MIN = 3
const NAME_LINES_MAX = 6
const ADDRESS_LINES_MAX = 3

/** They end above `bottom`: what does not fit is cut. */
export function drawProFormaParties(sheet: ProFormaSheet, bottom: number): void {
  const { proForma, words } = sheet
  const { seller, buyer, language } = proForma
  const from = [...addressLines(seller.address, language), ...sellerIds(seller, words).slice(0, 2), seller.email]
  const to = [...addressLines(buyer.address, language), ...buyerIds(buyer, words), buyer.email]
  const end = bottom - SPACE
  const bottoms = [
    drawParty(sheet, { x: LEFT, end, title: words.from, name: seller.legalName, lines: from }),
    drawParty(sheet, { x: TO, end, title: words.to, name: buyer.name, lines: to }),
    drawDetails(sheet),
  ]
  sheet.y = Math.max(...bottoms) + SPACE
}

interface PartyBlock {
  readonly x: number
  /** Where it ends at the latest. */
  readonly end: number
  readonly title: string
  readonly name: string
  readonly lines: readonly (string | null)[]
}

function drawParty({ canvas: { type }, y }: ProFormaSheet, { x, end, title, name, lines }: PartyBlock): number {
  const box = { x, width: COLUMN }
  const top = type.write(title, { ...LABEL, ...box, y }) + 3
  const linesMax = Math.max(LINES_MIN, Math.floor((end - top) / LINE_HEIGHT))
  const leftBelow = (at: number) => linesMax - Math.round((at - top) / LINE_HEIGHT)
  let at = type.write(name, { ...STRONG, ...box, y: top, linesMax: Math.min(NAME_LINES_MAX, linesMax) })
  for (const line of lines) {
    const left = Math.min(ADDRESS_LINES_MAX, leftBelow(at))
    if (line !== null && left > 0) at = type.write(line, { ...BODY, ...box, y: at, linesMax: left })
  }
  return at
}

function drawDetails({ canvas: { type }, proForma, words, own, formats, y }: ProFormaSheet): number {
  const { orderNumber, issuedOn, dueOn, buyer, printedReference } = proForma
  const rows: readonly (readonly [label: string, value: string | null])[] = [
    [own.order, orderNumber.toString()],
    [words.issueDate, formats.day(issuedOn)],
    [own.payBy, dueOn === null ? null : formats.day(dueOn)],
    [words.yourReference, buyer.reference],
    [words.paymentReference, printedReference],
  ]
  let at = type.write(words.details, { ...LABEL, x: DETAILS, y, width: DETAIL_LABEL }) + 3
  for (const [label, value] of rows) {
    if (value === null) continue
    const labelBox = { ...LABEL, x: DETAILS, y: at + 0.5, width: DETAIL_LABEL }
    const valueBox = { ...BODY, size: 9, x: DETAILS + DETAIL_LABEL, y: at, width: DETAIL_VALUE }
    at = Math.max(type.write(label, labelBox), type.write(value, { ...valueBox, align: 'right' })) + 1
  }
  return at
}

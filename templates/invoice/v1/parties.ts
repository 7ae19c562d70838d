import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, GAP, LABEL, LEFT, STRONG } from './look.ts'
import { addressLines, buyerIds, sellerIds } from './party-text.ts'
import type { Sheet } from './sheet.ts'

const COLUMN = 134
const TO = LEFT + COLUMN + 10
const DETAILS = 342
const DETAIL_LABEL = 80
const DETAIL_VALUE = 117

/** Of a name: 300 of the widest letters. */
const NAME_LINES_MAX = 20
const LINES_MAX = 8

export function drawParties(sheet: Sheet): void {
  const { snapshot, words } = sheet
  const { seller, buyer, language } = snapshot
  const from = [...addressLines(seller.address, language), ...sellerIds(seller, words).slice(0, 2), seller.email]
  const to = [...addressLines(buyer.address, language), ...buyerIds(buyer, words), buyer.email]
  const bottoms = [
    drawParty(sheet, LEFT, words.from, seller.legalName, from),
    drawParty(sheet, TO, words.to, buyer.name, to),
    drawDetails(sheet),
  ]
  sheet.y = Math.max(...bottoms) + GAP + 4
}

/** Whatever a profile holds, a party ends on the first page. */
function drawParty(
  { canvas, y, bottom }: Sheet,
  x: number,
  title: string,
  name: string,
  lines: (string | null)[],
): number {
  const { type } = canvas
  const box = { x, width: COLUMN }
  let at = type.write(title, { ...LABEL, ...box, y }) + 3
  at = type.write(name, { ...STRONG, ...box, y: at, linesMax: NAME_LINES_MAX })
  for (const line of lines) {
    const linesLeft = Math.floor((bottom - at) / (BODY.size * LEADING))
    if (line !== null) at = type.write(line, { ...BODY, ...box, y: at, linesMax: Math.min(LINES_MAX, linesLeft) })
  }
  return at
}

function drawDetails({ canvas, snapshot, words, formats, y }: Sheet): number {
  const { type } = canvas
  const { original, buyer, payment, period } = snapshot
  const rows: readonly (readonly [label: string, value: string | null])[] = [
    [words.number, snapshot.number],
    [words.issueDate, formats.day(snapshot.issueDate)],
    [words.taxPointDate, formats.day(snapshot.taxPointDate)],
    [words.period, period ? [period.from, period.to].map((day) => unbroken(formats.day(day))).join(' – ') : null],
    [words.corrects, original?.number ?? null],
    [words.ofDay, original && formats.day(original.issueDate)],
    [words.yourReference, buyer.reference],
    [words.paymentReference, payment.reference],
  ]
  let at = type.write(words.details, { ...LABEL, x: DETAILS, y, width: DETAIL_LABEL }) + 3
  for (const [label, value] of rows) {
    if (value === null) continue
    const labelBox = { ...LABEL, x: DETAILS, y: at + 0.5, width: DETAIL_LABEL, linesMax: 2 }
    const valueBox = { ...BODY, size: 9, x: DETAILS + DETAIL_LABEL, y: at, width: DETAIL_VALUE, linesMax: LINES_MAX }
    at = Math.max(type.write(label, labelBox), type.write(value, { ...valueBox, align: 'right' })) + 1
  }
  return at
}

const unbroken = (text: string) => text.replaceAll(' ', '\u00a0')

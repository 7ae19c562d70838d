import type { DocumentLine } from '../../../src/invoicing/document-snapshot.ts'
import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, LABEL, LEFT, RIGHT, SMALL } from './look.ts'
import { needHeight, ruleAt, type Sheet, writeFlowing, writeNumber } from './sheet.ts'

const AMOUNT = { x: RIGHT - 82, width: 82, align: 'right' } as const
const RATE = { x: AMOUNT.x - 48, width: 48, align: 'right' } as const
const UNIT_PRICE = { x: RATE.x - 78, width: 78, align: 'right' } as const
const QUANTITY = { x: UNIT_PRICE.x - 72, width: 72, align: 'right' } as const
const DESCRIPTION = { x: LEFT, width: QUANTITY.x - LEFT - 4 }
const NO_RATE = '–'

/** The lines, over as many pages as they need; each page begins with the heads of the columns. */
export function drawLines(sheet: Sheet): void {
  const onNewPage = () => drawColumnHeads(sheet)
  needHeight(sheet, 60)
  onNewPage()
  for (const [index, line] of sheet.snapshot.lines.entries()) {
    if (index > 0) sheet.y += 4
    drawLine(sheet, line, onNewPage)
  }
  sheet.y += 7
  ruleAt(sheet, sheet.y)
  sheet.y += 10
}

function drawColumnHeads(sheet: Sheet): void {
  const { canvas, words, snapshot, y } = sheet
  const heads = [
    [`${words.amount} (${snapshot.currency})`, AMOUNT],
    [words.rate, RATE],
    [words.unitPrice, UNIT_PRICE],
    [words.quantity, QUANTITY],
  ] as const
  for (const [head, column] of heads) canvas.type.write(head, { ...LABEL, ...column, y })
  sheet.y = canvas.type.write(words.description, { ...LABEL, ...DESCRIPTION, y }) + 4
  ruleAt(sheet, sheet.y)
  sheet.y += 8
}

function drawLine(sheet: Sheet, line: DocumentLine, onNewPage: () => void): void {
  const { words, formats } = sheet
  // The first line of the description stays with the numbers.
  needHeight(sheet, (BODY.size + SMALL.size) * LEADING, onNewPage)
  const unit = line.unitCode === 'C62' ? '' : `\u00a0${words.units[line.unitCode] ?? line.unitCode}`
  const cells = [
    [formats.amount(line.netMinor), AMOUNT],
    [line.category === 'O' ? NO_RATE : formats.rate(line.rateBps), RATE],
    [formats.amount(line.unitNetMinor), UNIT_PRICE],
    [formats.quantity(line.quantity) + unit, QUANTITY],
  ] as const
  for (const [text, column] of cells) writeNumber(sheet, text, { ...BODY, ...column, y: sheet.y })
  writeFlowing(sheet, line.name, { ...BODY, ...DESCRIPTION }, onNewPage)
  if (line.description !== null) writeFlowing(sheet, line.description, { ...SMALL, ...DESCRIPTION }, onNewPage)
}

import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, GAP, INK, LABEL, LEFT, MUTED, PANEL, RIGHT, SMALL, WIDTH } from './look.ts'
import type { ProFormaSheet } from './pro-forma-sheet.ts'

const PADDING = 16
const LABEL_WIDTH = 96
const ROW_GAP = 3
const CODE_SIZE = 120
const CAPTION = { ...SMALL, width: CODE_SIZE, linesMax: 2 }
const TITLE = { size: 12, weight: 'strong', colour: INK } as const
const HINT = { size: 9, colour: MUTED, linesMax: 2 }
/** Typed by hand into a bank's form: the largest thing beside the title. */
const REFERENCE = { size: 18, weight: 'strong', colour: INK, tabular: true } as const
const REFERENCE_SPACE = 6
const NOTICE = {
  ...BODY,
  size: 11,
  weight: 'strong',
  x: LEFT + PADDING,
  width: WIDTH - 2 * PADDING,
  linesMax: 2,
} as const

/** Where to pay how much under which reference; or that nothing is to pay. */
export function drawProFormaPayment(sheet: ProFormaSheet): void {
  if (sheet.proForma.openMinor > 0n) drawTransfer(sheet)
  else drawNothingToPay(sheet)
  sheet.y += GAP - 6
}

function drawTransfer(sheet: ProFormaSheet): void {
  const { canvas, proForma, words, own } = sheet
  const { type } = canvas
  const { epcPayload, printedReference } = proForma
  const width = WIDTH - 2 * PADDING - (epcPayload === null ? 0 : CODE_SIZE + PADDING)
  const valueBox = { ...BODY, x: LEFT + PADDING + LABEL_WIDTH, width: width - LABEL_WIDTH, linesMax: 2 }
  const rows = transferRows(sheet)
  const hint = hintOf(sheet)
  const headHeight = TITLE.size * LEADING + type.heightOf(hint, { ...HINT, width }) + 8
  const rowsHeight = rows.reduce((sum, { value }) => sum + type.heightOf(value, valueBox) + ROW_GAP, 0)
  const textHeight = headHeight + rowsHeight + REFERENCE_SPACE + REFERENCE.size * LEADING
  const codeHeight = epcPayload === null ? 0 : CODE_SIZE + 4 + type.heightOf(own.scan, CAPTION)
  const height = 2 * PADDING + Math.max(textHeight, codeHeight)
  canvas.panel({ x: LEFT, y: sheet.y, width: WIDTH, height }, PANEL)
  const head = { x: LEFT + PADDING, width }
  let at = type.write(words.payByTransfer, { ...TITLE, ...head, y: sheet.y + PADDING })
  at = type.write(hint, { ...HINT, ...head, y: at }) + 8
  for (const { label, value } of rows) {
    type.write(label, { ...LABEL, x: LEFT + PADDING, y: at + 0.5, width: LABEL_WIDTH })
    at = type.write(value, { ...valueBox, y: at, tabular: true }) + ROW_GAP
  }
  at += REFERENCE_SPACE
  type.write(own.reference, { ...LABEL, x: LEFT + PADDING, y: at + 9, width: LABEL_WIDTH })
  type.write(printedReference, { ...REFERENCE, x: valueBox.x, y: at, width: valueBox.width })
  if (epcPayload !== null) drawCode(sheet, epcPayload)
  sheet.y += height
}

function transferRows({ proForma, words, formats }: ProFormaSheet): { label: string; value: string }[] {
  const { openMinor } = proForma
  const bank = proForma.bank ?? { holder: null, iban: '', bic: null, name: null }
  const rows: readonly (readonly [label: string, value: string | null])[] = [
    [words.holder, bank.holder],
    ['IBAN', bank.iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')],
    ['BIC', bank.bic],
    [words.bank, bank.name],
    [words.amount, formats.money(openMinor)],
  ]
  return rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]))
}

function hintOf({ proForma: { dueOn }, words, own, formats }: ProFormaSheet): string {
  return dueOn === null ? words.payHint : own.payUntil(formats.day(dueOn))
}

function drawCode({ canvas, own, y }: ProFormaSheet, payload: string): void {
  const box = { x: RIGHT - PADDING - CODE_SIZE, y: y + PADDING, width: CODE_SIZE, height: CODE_SIZE }
  canvas.code(payload, box)
  canvas.type.write(own.scan, { ...CAPTION, x: box.x, y: box.y + CODE_SIZE + 4 })
}

function drawNothingToPay(sheet: ProFormaSheet): void {
  const { canvas, proForma, own } = sheet
  const text = paidText(sheet) ?? own.nothingToPay[proForma.status]
  const height = 2 * PADDING + canvas.type.heightOf(text, NOTICE)
  canvas.panel({ x: LEFT, y: sheet.y, width: WIDTH, height }, PANEL)
  canvas.type.write(text, { ...NOTICE, y: sheet.y + PADDING })
  sheet.y += height
}

function paidText({ proForma: { receipt }, words, formats }: ProFormaSheet): string | null {
  return receipt === undefined ? null : `${words.paidBy.INVOICE[receipt.means]} ${formats.day(receipt.paidOn)}.`
}

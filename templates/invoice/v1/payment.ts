import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, GAP, INK, LABEL, LEFT, MUTED, PANEL, WIDTH } from './look.ts'
import { needHeight, type Sheet, writeFlowing } from './sheet.ts'

const PADDING = 16
const LABEL_WIDTH = 96
const ROW_GAP = 3

/** How it was paid, or where to. */
export function drawPayment(sheet: Sheet): void {
  const { kind, dueMinor, payment, seller } = sheet.snapshot
  if (dueMinor > 0n && kind === 'INVOICE' && seller.bank !== null) drawTransfer(sheet, seller.bank)
  else if (dueMinor === 0n) drawPaid(sheet, payment.paidOn)
}

function drawPaid(sheet: Sheet, paidOn: string | null): void {
  const { kind } = sheet.snapshot
  const paid = paidText(sheet, paidOn)
  const text = [...paid, ...(kind === 'INVOICE' ? [sheet.words.nothingDue] : [])].join(' ')
  if (text === '') return
  writeFlowing(sheet, text, { ...BODY, x: LEFT, width: WIDTH })
  sheet.y += GAP - 8
}

function paidText({ snapshot: { kind, payment }, words, formats }: Sheet, paidOn: string | null): string[] {
  if (payment.means === 'VOUCHER') return [words.paidWithCredits]
  return paidOn === null ? [] : [`${words.paidBy[kind][payment.means]} ${formats.day(paidOn)}.`]
}

function drawTransfer(sheet: Sheet, bank: NonNullable<Sheet['snapshot']['seller']['bank']>): void {
  const { canvas, snapshot, words, formats } = sheet
  const { type } = canvas
  const rows: readonly (readonly [label: string, value: string | null])[] = [
    [words.holder, bank.holder],
    ['IBAN', bank.iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')],
    ['BIC', bank.bic],
    [words.bank, bank.name],
    [words.amount, formats.money(snapshot.dueMinor)],
  ]
  const shown = rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]))
  const box = { ...BODY, x: LEFT + PADDING + LABEL_WIDTH, width: WIDTH - 2 * PADDING - LABEL_WIDTH, linesMax: 3 }
  const rowsHeight = shown.reduce((sum, { value }) => sum + type.heightOf(value, box) + ROW_GAP, 0)
  const reference = { ...box, size: 13, weight: 'strong' } as const
  const referenceText = snapshot.payment.reference ?? ''
  const referenceHeight = type.heightOf(referenceText, reference)
  const height = 2 * PADDING + 12 * LEADING + 9 * LEADING + 8 + rowsHeight + 3 + referenceHeight
  needHeight(sheet, height)
  canvas.panel({ x: LEFT, y: sheet.y, width: WIDTH, height }, PANEL)
  const head = { x: LEFT + PADDING, width: WIDTH - 2 * PADDING }
  const title = { ...head, y: sheet.y + PADDING, size: 12, weight: 'strong', colour: INK } as const
  let at = type.write(words.payByTransfer, title)
  at = type.write(words.payHint, { ...head, y: at, size: 9, colour: MUTED }) + 8
  for (const { label, value } of shown) {
    type.write(label, { ...LABEL, x: LEFT + PADDING, y: at + 0.5, width: LABEL_WIDTH })
    at = type.write(value, { ...box, y: at, tabular: true }) + ROW_GAP
  }
  type.write(words.paymentReference, { ...LABEL, x: LEFT + PADDING, y: at + 7, width: LABEL_WIDTH })
  type.write(referenceText, { ...reference, y: at + 3 })
  sheet.y += height + GAP - 4
}

import type { ProFormaLine } from '../../../src/invoicing/pdf/render-pro-forma.ts'
import type { TextStyle } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, GAP, INK, LABEL, LEFT, MUTED, RIGHT, RULE } from './look.ts'
import type { ProFormaSheet } from './pro-forma-sheet.ts'
import { ruleAt, writeNumber } from './sheet.ts'

const AMOUNT = { x: RIGHT - 120, width: 120, align: 'right' } as const
const DESCRIPTION = { x: LEFT, width: AMOUNT.x - LEFT - 8 }
const SUMS = { x: RIGHT - 242, width: 242 }
const SUM_LABEL = { x: SUMS.x, width: 136 }
const SUM = { x: SUMS.x + 136, width: 106, align: 'right' } as const

export function drawProFormaLines(sheet: ProFormaSheet): void {
  const { canvas, proForma, words, formats, y } = sheet
  const { type } = canvas
  type.write(`${words.amount} (${proForma.currency})`, { ...LABEL, ...AMOUNT, y })
  sheet.y = type.write(words.description, { ...LABEL, ...DESCRIPTION, y }) + 4
  ruleAt(sheet, sheet.y)
  sheet.y += 8
  for (const line of proForma.lines) {
    writeNumber(sheet, formats.amount(line.netMinor), { ...BODY, ...AMOUNT, y: sheet.y })
    sheet.y = type.write(describe(sheet, line), { ...BODY, ...DESCRIPTION, y: sheet.y, linesMax: 2 }) + 4
  }
  ruleAt(sheet, sheet.y + 3)
  sheet.y += 13
}

function describe({ own, formats }: ProFormaSheet, { kind, creditMinor, packageName }: ProFormaLine): string {
  const credits = (kind === 'BONUS' ? own.bonus : own.credits)(formats.money(creditMinor))
  return packageName === null ? credits : `${packageName}: ${credits}`
}

/** The sums, with what came in already and what is still to pay. */
export function drawProFormaTotals(sheet: ProFormaSheet): void {
  const { canvas, proForma, words, own, formats } = sheet
  const { netMinor, taxMinor, totalMinor, receivedMinor, openMinor } = proForma
  const row = (label: string, minor: bigint, style: TextStyle) => {
    writeNumber(sheet, formats.money(minor), { ...style, ...SUM, y: sheet.y, colour: INK })
    sheet.y = canvas.type.write(label, { ...style, ...SUM_LABEL, y: sheet.y, linesMax: 2 }) + 3
  }
  const plain = { size: BODY.size, colour: MUTED }
  // The tax in the face value of vouchers is not known yet.
  if (!proForma.ofVouchers) {
    row(words.net, netMinor, plain)
    row(taxLabel(sheet), taxMinor, plain)
    canvas.rule({ ...SUMS, y: sheet.y + 2, colour: RULE })
    sheet.y += 7
  }
  row(words.total, totalMinor, { size: 11, colour: INK, weight: 'strong' })
  const refundedMinor = proForma.receipt?.refundedMinor ?? 0n
  if (refundedMinor > 0n) row(words.paid.CREDIT_NOTE, -refundedMinor, plain)
  if (receivedMinor > 0n) row(own.received, receivedMinor, plain)
  if (receivedMinor > 0n && openMinor > 0n) row(own.stillToPay, openMinor, { ...plain, colour: INK, weight: 'strong' })
  sheet.y += GAP - 4
}

/** The rate, or why there is none, where that is known. */
function taxLabel({ proForma: { tax }, words, formats }: ProFormaSheet): string {
  if (tax === null) return words.tax
  const { category, rateBps } = tax
  if (category === 'S' || category === 'Z') return `${words.tax} ${formats.rate(rateBps)}`
  return `${words.tax} (${words.category[category]})`
}

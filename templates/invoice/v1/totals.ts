import type { TaxGroup } from '../../../src/invoicing/document-snapshot.ts'
import { LEADING, type TextStyle } from '../../../src/invoicing/pdf/typesetter.ts'
import { createFormats } from './formats.ts'
import { BODY, GAP, INK, LABEL, LEFT, MUTED, RIGHT, RULE, SMALL } from './look.ts'
import { needHeight, type Sheet, writeNumber } from './sheet.ts'

const ROW = BODY.size * LEADING + 3
const SUMS = { x: RIGHT - 222, width: 222 }
const SUM_LABEL = { x: SUMS.x, width: 116 }
const SUM = { x: SUMS.x + 116, width: 106, align: 'right' } as const

const TAX_LABEL = { x: LEFT, width: 100 }
const TAX_NET = { x: LEFT + 100, width: 72, align: 'right' } as const
const TAX = { x: LEFT + 172, width: 68, align: 'right' } as const
/** Far more lines than the longest name of a source needs. */
const NATIONAL_TAX = { ...SMALL, x: LEFT, width: 240, linesMax: 6 }

/** The sums, and beside them what is taxed at which rate. They stay together on a page. */
export function drawTotals(sheet: Sheet): void {
  const { taxes, nationalTax } = sheet.snapshot
  const rows = Math.max(taxes.length + (nationalTax === undefined ? 1 : 5), 5)
  needHeight(sheet, Math.min(rows * ROW * 1.2, sheet.bottom / 2))
  sheet.y = Math.max(drawTaxes(sheet), drawSums(sheet)) + GAP
}

function drawSums(sheet: Sheet): number {
  const { canvas, snapshot, words, formats, y } = sheet
  const { kind, netMinor, taxMinor, totalMinor, prepaidMinor, dueMinor } = snapshot
  const { type } = canvas
  const row = (at: number, label: string, minor: bigint, style: TextStyle) => {
    writeNumber(sheet, formats.money(minor), { ...style, ...SUM, y: at, colour: INK })
    return type.write(label, { ...style, ...SUM_LABEL, y: at, linesMax: 2 }) + 3
  }
  const plain = { size: BODY.size, colour: MUTED }
  const strong = { size: 11, colour: INK, weight: 'strong' } as const
  let at = row(y, words.net, netMinor, plain)
  at = row(at, words.tax, taxMinor, plain)
  canvas.rule({ ...SUMS, y: at + 2, colour: RULE })
  at = row(at + 7, words.total, totalMinor, strong)
  // On an invoice of which nothing is paid the total says it.
  if (prepaidMinor === 0n && kind === 'INVOICE') return at
  if (prepaidMinor > 0n) at = row(at, words.paid[kind], -prepaidMinor, plain)
  return row(at, words.due[kind], dueMinor, { ...plain, colour: INK, weight: 'strong' })
}

function drawTaxes(sheet: Sheet): number {
  const { canvas, snapshot, words, formats, y } = sheet
  const { type } = canvas
  type.write(words.net, { ...LABEL, ...TAX_NET, y })
  type.write(words.tax, { ...LABEL, ...TAX, y })
  let at = type.write(words.taxRate, { ...LABEL, ...TAX_LABEL, y }) + 2
  canvas.rule({ x: LEFT, y: at, width: 240, colour: RULE })
  at += 5
  for (const group of snapshot.taxes) {
    const style = { size: 9, colour: INK }
    writeNumber(sheet, formats.amount(group.netMinor), { ...style, ...TAX_NET, y: at })
    writeNumber(sheet, formats.amount(group.taxMinor), { ...style, ...TAX, y: at })
    at = type.write(taxLabel(sheet, group), { ...style, ...TAX_LABEL, y: at, linesMax: 2 }) + 2
  }
  return drawNationalTax(sheet, at)
}

/** The tax in the currency of its country, and at which rate. */
function drawNationalTax({ canvas, snapshot, words }: Sheet, y: number): number {
  const { nationalTax, currency: from, language } = snapshot
  if (nationalTax === undefined) return y
  const { currency: to, taxMinor, rate, rateDate, rateSource } = nationalTax
  const { amount, exactly } = createFormats(language, to)
  const at = `1 ${from} = ${exactly(rate)} ${to}`.replaceAll(' ', '\u00a0')
  const text = words.nationalTax(to, amount(taxMinor), `${at} (${rateSource}, ${rateDate})`)
  return canvas.type.write(text, { ...NATIONAL_TAX, y: y + 3 })
}

function taxLabel({ words, formats }: Sheet, { category, rateBps }: TaxGroup): string {
  return category === 'S' || category === 'Z' ? formats.rate(rateBps) : words.category[category]
}

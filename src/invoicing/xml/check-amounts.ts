import { divideHalfUp } from '../../money/divide.ts'
import type { DocumentLine, DocumentSnapshot, TaxGroup } from '../document-snapshot.ts'
import { isTaxWithinTolerance } from '../tax-tolerance.ts'
import { InvoiceXmlError } from './invoice-xml-error.ts'

/** An e-invoice of more lines is more than receivers read; ours have a handful. */
export const LINES_MAX = 10_000

const BPS_PER_WHOLE = 10_000n
const UNIT_CODE = /^[A-Z0-9]{1,3}$/

/**
 * Checks that lines, groups and totals add up as EN 16931 wants (BR-CO-10 to BR-CO-17, and rule 8 and 9 of each
 * category). Nothing is put right here: figures that do not add up were frozen wrong.
 * @throws InvoiceXmlError naming the line, the group or the total at fault
 */
export function checkAmounts(snapshot: DocumentSnapshot): void {
  const { lines, taxes } = snapshot
  if (lines.length === 0) throw new InvoiceXmlError('no_lines', 'lines', 'An invoice has at least one line (BR-16).')
  if (lines.length > LINES_MAX) {
    throw new InvoiceXmlError('too_many_lines', 'lines', `An invoice has at most ${LINES_MAX} lines.`)
  }
  lines.forEach(checkLine)
  taxes.forEach((group, index) => {
    checkGroup(group, index, snapshot)
  })
  checkEveryLineIsTaxed(snapshot)
  checkTotals(snapshot)
  checkNationalTax(snapshot)
}

function checkLine(line: DocumentLine, index: number): void {
  const where = `lines[${index}]`
  const name = `Line ${JSON.stringify(line.id)} (${where})`
  if (line.quantity <= 0n || line.unitNetMinor <= 0n || line.netMinor <= 0n) {
    throw new InvoiceXmlError(
      'line_not_positive',
      where,
      `${name} must be more than zero, but is ${line.quantity} × ${line.unitNetMinor} = ${line.netMinor} minor units. What is taken back belongs in a credit note.`,
    )
  }
  if (line.quantity * line.unitNetMinor !== line.netMinor) {
    throw new InvoiceXmlError(
      'line_sum_wrong',
      where,
      `${name} says ${line.netMinor} minor units, but ${line.quantity} × ${line.unitNetMinor} is ${line.quantity * line.unitNetMinor}.`,
    )
  }
  if (!UNIT_CODE.test(line.unitCode)) {
    throw new InvoiceXmlError('unit_code_not_valid', `${where}.unitCode`, `${name} has no code of Recommendation 20.`)
  }
}

function checkGroup(group: TaxGroup, index: number, { taxes, lines, currency }: DocumentSnapshot): void {
  const where = `taxes[${index}]`
  const { category, rateBps, netMinor, taxMinor } = group
  const wrong = (why: string) =>
    new InvoiceXmlError('tax_group_wrong', where, `The group ${category} at ${rateBps} basis points ${why}.`)
  if (!Number.isSafeInteger(rateBps) || rateBps < 0) throw wrong('has a rate that is none')
  if (category === 'S' && rateBps === 0) throw wrong('must have a rate above zero (BR-S-05)')
  if (category !== 'S' && rateBps !== 0) throw wrong('must have the rate zero')
  if (taxes.findIndex((other) => isSameRate(other, group)) !== index) throw wrong('is there twice')
  const linesNetMinor = sum(lines.filter((line) => isSameRate(line, group)).map((line) => line.netMinor))
  if (linesNetMinor !== netMinor) throw wrong(`says ${netMinor} net, but its lines come to ${linesNetMinor}`)
  if (!isTaxWithinTolerance(group, currency)) {
    throw wrong(`says a tax of ${taxMinor}, but it is ${divideHalfUp(netMinor * BigInt(rateBps), BPS_PER_WHOLE)}`)
  }
  checkExemption(group, where)
}

function checkExemption({ category, exemptionCode, exemptionReason }: TaxGroup, where: string): void {
  const isTaxed = category === 'S' || category === 'Z'
  if (isTaxed && (exemptionCode !== null || exemptionReason !== null)) {
    throw new InvoiceXmlError(
      'exemption_wrong',
      where,
      `A group of category ${category} gives no exemption (BR-${category}-10).`,
    )
  }
  if (category === 'E' && exemptionCode === null && !exemptionReason?.trim()) {
    throw new InvoiceXmlError('exemption_wrong', where, 'An exemption says why, as a code or as a sentence (BR-E-10).')
  }
  if (exemptionCode !== null && !/^VATEX-[A-Z]{2}-[A-Z0-9-]+$/.test(exemptionCode)) {
    throw new InvoiceXmlError('exemption_wrong', where, `${JSON.stringify(exemptionCode)} is no VATEX code (BR-CL-22).`)
  }
}

function checkEveryLineIsTaxed({ lines, taxes }: DocumentSnapshot): void {
  lines.forEach((line, index) => {
    if (taxes.some((group) => isSameRate(line, group))) return
    throw new InvoiceXmlError(
      'line_not_in_tax_group',
      `lines[${index}]`,
      `Line ${JSON.stringify(line.id)} (lines[${index}]) is in no tax group: ${line.category} at ${line.rateBps} basis points.`,
    )
  })
  const isOutsideScope = taxes.map(({ category }) => category === 'O')
  if (isOutsideScope.includes(true) && isOutsideScope.includes(false)) {
    throw new InvoiceXmlError(
      'mixed_with_outside_scope',
      'taxes',
      'What is outside the scope of VAT goes alone on a document (BR-O-11).',
    )
  }
}

function checkTotals(snapshot: DocumentSnapshot): void {
  const { lines, taxes, netMinor, taxMinor, totalMinor, prepaidMinor, dueMinor } = snapshot
  const expected: [keyof DocumentSnapshot, bigint, bigint][] = [
    ['netMinor', netMinor, sum(lines.map((line) => line.netMinor))],
    ['taxMinor', taxMinor, sum(taxes.map((group) => group.taxMinor))],
    ['totalMinor', totalMinor, netMinor + taxMinor],
    ['dueMinor', dueMinor, totalMinor - prepaidMinor],
  ]
  for (const [field, said, is] of expected) {
    if (said !== is) throw new InvoiceXmlError('totals_wrong', field, `${field} says ${said}, but it is ${is}.`)
  }
  if (prepaidMinor < 0n || dueMinor < 0n) {
    const field = dueMinor < 0n ? 'dueMinor' : 'prepaidMinor'
    throw new InvoiceXmlError('totals_wrong', field, `${field} must not be below zero.`)
  }
}

/** Tax is said once more only where there is some, in another currency (BR-53 and BT-6). */
function checkNationalTax({ nationalTax, taxMinor, currency }: DocumentSnapshot): void {
  if (nationalTax === undefined) return
  if (taxMinor > 0n && nationalTax.taxMinor >= 0n && nationalTax.currency !== currency) return
  throw new InvoiceXmlError(
    'totals_wrong',
    'nationalTax',
    `nationalTax says ${nationalTax.taxMinor} ${nationalTax.currency} beside a tax of ${taxMinor} ${currency}.`,
  )
}

function isSameRate(one: Pick<TaxGroup, 'category' | 'rateBps'>, other: Pick<TaxGroup, 'category' | 'rateBps'>) {
  return one.category === other.category && one.rateBps === other.rateBps
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

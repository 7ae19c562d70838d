import { isCurrencyCode } from '../../src/money/currency-codes.ts'
import { type ReadInvoice, type ReadLine, type ReadParty, type ReadTax, readInvoice } from './en16931-model.ts'
import { schemaViolations } from './en16931-sequences.ts'
import { parseXml } from './xml-tree.ts'

/**
 * The rules of EN 16931 that can concern our documents, as its Schematron states them, over what a receiver reads from
 * either syntax. Left out are those about what we never write: allowances, charges, payees, tax representatives, other
 * delivery addresses, attachments, direct debits, and the categories K, L, M and B.
 */
type Rule = (invoice: ReadInvoice) => boolean

/** Every rule that the XML breaks, by its id, and every violation of the schema. Empty = valid. */
export function brokenRules(xml: string): string[] {
  const invoice = readInvoice(xml)
  const rules = Object.entries({ ...DOCUMENT_RULES, ...LINE_RULES, ...TAX_RULES, ...CODE_RULES, ...categoryRules() })
  return [...rules.filter(([, holds]) => !holds(invoice)).map(([id]) => id), ...schemaViolations(parseXml(xml))]
}

const said = (text: string | null | undefined): boolean => (text ?? '').trim() !== ''

/** Hundredths, exactly; a third digit throws, so that no rule holds by rounding. */
function hundredths(text: string | null): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text ?? '')
  if (match === null) throw new RangeError(`${text} is no amount of two digits.`)
  const [, sign, whole = '', fraction = ''] = match
  const magnitude = BigInt(whole + fraction.padEnd(2, '0'))
  return sign === '-' ? -magnitude : magnitude
}

const sum = (amounts: (string | null)[]): bigint => amounts.map(hundredths).reduce((total, one) => total + one, 0n)
const hasTwoDigits = (text: string | null): boolean => /^-?\d+(\.\d{1,2})?$/.test(text ?? '')
const everyLine =
  (holds: (line: ReadLine) => boolean): Rule =>
  ({ lines }) =>
    lines.every(holds)
const everyTax =
  (holds: (tax: ReadTax) => boolean): Rule =>
  ({ taxes }) =>
    taxes.every(holds)
const everyParty =
  (holds: (party: ReadParty) => boolean): Rule =>
  ({ seller, buyer }) =>
    holds(seller) && holds(buyer)

const DOCUMENT_RULES: Record<string, Rule> = {
  'BR-01': ({ specification }) => specification === 'urn:cen.eu:en16931:2017',
  'BR-02': ({ number }) => said(number),
  'BR-03': ({ issueDate }) => /^\d{4}-\d\d-\d\d$/.test(issueDate ?? ''),
  'BR-04': ({ typeCode }) => said(typeCode),
  'BR-05': ({ currency }) => said(currency),
  'BR-06': ({ seller }) => said(seller.name),
  'BR-07': ({ buyer }) => said(buyer.name),
  'BR-08': ({ seller }) => seller.address !== null,
  'BR-09': ({ seller }) => said(seller.address?.country),
  'BR-10': ({ buyer }) => buyer.address !== null,
  'BR-11': ({ buyer }) => said(buyer.address?.country),
  'BR-12': ({ totals }) => said(totals.lines),
  'BR-13': ({ totals }) => said(totals.net),
  'BR-14': ({ totals }) => said(totals.total),
  'BR-15': ({ totals }) => said(totals.due),
  'BR-16': ({ lines }) => lines.length > 0,
  'BR-49': ({ payments }) => payments.every(({ code }) => said(code)),
  'BR-50': ({ payments }) => payments.every(({ iban, holder, bic }) => said(iban) || (holder === null && bic === null)),
  'BR-29': ({ periods }) => periods.every(({ from, to }) => from === null || to === null || to >= from),
  'BR-53': ({ taxCurrency, nationalTaxes, currency }) =>
    taxCurrency === null
      ? nationalTaxes.length === 0
      : taxCurrency !== currency && nationalTaxes.length === 1 && nationalTaxes[0]?.currency === taxCurrency,
  'BR-55': ({ originals }) => originals.every(({ number }) => said(number)),
  'BR-61': ({ payments }) => payments.every(({ code, iban }) => !['30', '58'].includes(code ?? '') || said(iban)),
  'BR-62': ({ seller }) => seller.endpoint === null || said(seller.endpoint.scheme),
  'BR-63': ({ buyer }) => buyer.endpoint === null || said(buyer.endpoint.scheme),
  /** UBL-SR-44 and -47: where there are several means, they have one code and one reference. */
  'SR-payments-alike': ({ payments }) =>
    new Set(payments.map(({ code }) => code)).size <= 1 &&
    new Set(payments.map(({ reference }) => reference)).size <= 1,
  'BR-CO-03': ({ taxPointDates }) => taxPointDates.length <= 1,
  'BR-CO-19': ({ periods }) => periods.length <= 1 && periods.every(({ from, to }) => said(from) || said(to)),
  'BR-CO-10': ({ totals, lines }) => hundredths(totals.lines) === sum(lines.map(({ net }) => net)),
  'BR-CO-13': ({ totals }) => hundredths(totals.net) === hundredths(totals.lines),
  'BR-CO-14': ({ totals, taxes }) => hundredths(totals.tax) === sum(taxes.map(({ tax }) => tax)),
  'BR-CO-15': ({ totals }) => hundredths(totals.total) === hundredths(totals.net) + hundredths(totals.tax),
  'BR-CO-16': ({ totals }) => hundredths(totals.due) === hundredths(totals.total) - hundredths(totals.prepaid),
  'BR-CO-18': ({ taxes }) => taxes.length > 0,
  'BR-CO-25': ({ totals, terms }) => hundredths(totals.due) <= 0n || said(terms),
  'BR-CO-26': ({ seller }) => seller.identifiers.length + seller.vatIds.length > 0 || said(seller.registrationNumber),
  'BR-DEC-09': ({ totals }) => hasTwoDigits(totals.lines),
  'BR-DEC-12': ({ totals }) => hasTwoDigits(totals.net),
  'BR-DEC-13': ({ totals }) => hasTwoDigits(totals.tax),
  'BR-DEC-14': ({ totals }) => hasTwoDigits(totals.total),
  'BR-DEC-15': ({ nationalTaxes }) => nationalTaxes.every(({ amount }) => hasTwoDigits(amount)),
  'BR-DEC-16': ({ totals }) => hasTwoDigits(totals.prepaid),
  'BR-DEC-18': ({ totals }) => hasTwoDigits(totals.due),
  /** CII-SR-452, -459 and -461, UBL-SR-12, -13 and -21: these may be there once. */
  'SR-once': ({ seller, buyer, taxPointDates }) =>
    [seller.vatIds, seller.taxNumbers, buyer.vatIds, buyer.identifiers, taxPointDates].every(
      ({ length }) => length <= 1,
    ),
  /** UBL has no place for the number of a buyer's tax office, EN 16931 no term. */
  'SR-buyer-tax-number': ({ buyer }) => buyer.taxNumbers.length === 0,
}

const LINE_RULES: Record<string, Rule> = {
  'BR-21': everyLine(({ id }) => said(id)),
  'BR-22': everyLine(({ quantity }) => said(quantity)),
  'BR-23': everyLine(({ unitCode }) => said(unitCode)),
  'BR-24': everyLine(({ net }) => said(net)),
  'BR-25': everyLine(({ name }) => said(name)),
  'BR-26': everyLine(({ price }) => said(price)),
  'BR-27': everyLine(({ price }) => hundredths(price) >= 0n),
  'BR-CO-04': everyLine(({ category }) => said(category)),
  'BR-DEC-23': everyLine(({ net }) => hasTwoDigits(net)),
  /** EN 16931 states it in words at BT-131; Peppol as R120. */
  'line-net': everyLine(({ net, price, quantity }) => hundredths(net) === hundredths(price) * BigInt(quantity ?? '0')),
}

const TAX_RULES: Record<string, Rule> = {
  'BR-45': everyTax(({ net }) => said(net)),
  'BR-46': everyTax(({ tax }) => said(tax)),
  'BR-47': everyTax(({ category }) => said(category)),
  'BR-48': everyTax(({ category, percent }) => said(percent) || category === 'O'),
  /** Within one unit of the currency, as the Schematron has it; rule 9 of `S` is the same. */
  'BR-CO-17': everyTax(({ net, tax, percent }) => {
    const difference = hundredths(tax) - halfUp(hundredths(net) * hundredths(percent ?? '0'))
    return difference < 100n && difference > -100n
  }),
  'BR-DEC-19': everyTax(({ net }) => hasTwoDigits(net)),
  'BR-DEC-20': everyTax(({ tax }) => hasTwoDigits(tax)),
}

/** An amount in hundredths times a percentage in hundredths, back in hundredths; for amounts that are not negative. */
function halfUp(product: bigint): bigint {
  return (product + 5_000n) / 10_000n
}

const VATEX =
  /^VATEX-(EU-(79-C|132(-1[A-Q])?|143(-1([A-L]|FA))?|144|146-1E|148(-[A-G])?|151(-1(A|AA|B|C|D|E))?|159|309|AE|D|F|G|I|IC|J|O)|FR-(FRANCHISE|CNWVAT))$/
const COUNTRY =
  '1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'.split(
    ' ',
  )
/** Greece and Northern Ireland beside the countries, of which South Sudan is left out. */
const VAT_PREFIX = [...COUNTRY.filter((country) => country !== 'SS'), 'EL', 'XI']

const CODE_RULES: Record<string, Rule> = {
  'BR-CL-01': ({ typeCode }) => typeCode === '380' || typeCode === '381',
  'BR-CL-03': ({ amountCurrencies, currency }) =>
    amountCurrencies.length > 0 && amountCurrencies.every((one) => one === currency),
  'BR-CL-04': ({ currency }) => isCurrencyCode(currency ?? ''),
  'BR-CL-05': ({ taxCurrency }) => taxCurrency === null || isCurrencyCode(taxCurrency),
  /** Of UNTDID 4451 we write one code alone: general information. */
  'BR-CL-08': ({ noteSubjects }) => noteSubjects.every((subject) => subject === null || subject === 'AAI'),
  'BR-CL-14': everyParty(({ address }) => COUNTRY.includes(address?.country ?? '')),
  'BR-CO-09': everyParty(({ vatIds }) => vatIds.every((id) => VAT_PREFIX.includes(id.slice(0, 2)))),
  'BR-CL-16': ({ payments }) => payments.every(({ code }) => ['1', '30', '48', '58'].includes(code ?? '')),
  'BR-CL-17': everyTax(({ category }) => ['S', 'AE', 'O', 'G', 'E', 'Z'].includes(category ?? '')),
  'BR-CL-18': everyLine(({ category }) => ['S', 'AE', 'O', 'G', 'E', 'Z'].includes(category ?? '')),
  'BR-CL-22': everyTax(({ exemptionCode }) => exemptionCode === null || VATEX.test(exemptionCode)),
  'BR-CL-23': everyLine(({ unitCode }) => ['C62', 'HUR', 'MON', 'DAY', 'KGM'].includes(unitCode ?? '')),
  'BR-CL-25': everyParty(({ endpoint }) => endpoint === null || endpoint.scheme === 'EM'),
}

/** Rules 1, 2, 5, 8, 9 and 10 of each category, and 11 of `O`. */
function categoryRules(): Record<string, Rule> {
  const all = (['S', 'Z', 'E', 'AE', 'G', 'O'] as const).map(rulesOf)
  return Object.assign({}, ...all, {
    'BR-O-11': ({ taxes, lines }: ReadInvoice) =>
      new Set([...taxes, ...lines].map(({ category }) => category === 'O')).size <= 1,
  })
}

function rulesOf(category: 'S' | 'Z' | 'E' | 'AE' | 'G' | 'O'): Record<string, Rule> {
  const linesOf = ({ lines }: ReadInvoice) => lines.filter((line) => line.category === category)
  const taxesOf = ({ taxes }: ReadInvoice) => taxes.filter((tax) => tax.category === category)
  const isFree = category !== 'S' && category !== 'Z'
  return {
    [`BR-${category}-01`]: (invoice) => {
      const count = taxesOf(invoice).length
      if (linesOf(invoice).length === 0) return count === 0
      return category === 'S' ? count >= 1 : count === 1
    },
    [`BR-${category}-02`]: (invoice) => linesOf(invoice).length === 0 || areNumbersRight(category, invoice),
    [`BR-${category}-05`]: (invoice) =>
      [...linesOf(invoice), ...taxesOf(invoice)].every(({ percent }) => isRateRight(category, percent)),
    [`BR-${category}-08`]: (invoice) =>
      taxesOf(invoice).every(({ net, percent }) => {
        const lines = linesOf(invoice).filter((line) => category !== 'S' || line.percent === percent)
        return hundredths(net) === sum(lines.map((line) => line.net))
      }),
    [`BR-${category}-09`]: (invoice) => category === 'S' || taxesOf(invoice).every(({ tax }) => hundredths(tax) === 0n),
    [`BR-${category}-10`]: (invoice) =>
      taxesOf(invoice).every(
        ({ exemptionCode, exemptionReason }) => (said(exemptionCode) || said(exemptionReason)) === isFree,
      ),
  }
}

function areNumbersRight(category: string, { seller, buyer }: ReadInvoice): boolean {
  if (category === 'O') return seller.vatIds.length === 0 && buyer.vatIds.length === 0
  if (category === 'G') return seller.vatIds.length === 1
  const isSellerKnown = seller.vatIds.length + seller.taxNumbers.length > 0
  return isSellerKnown && (category !== 'AE' || buyer.vatIds.length === 1 || said(buyer.registrationNumber))
}

function isRateRight(category: string, percent: string | null): boolean {
  if (category === 'O') return percent === null
  return category === 'S' ? hundredths(percent) > 0n : hundredths(percent) === 0n
}

import type {
  BuyerParty,
  DocumentLine,
  DocumentPayment,
  DocumentSnapshot,
  NationalTax,
  PostalAddress,
  SellerParty,
  TaxCategory,
  TaxGroup,
} from '../../src/invoicing/document-snapshot.ts'
import { divideHalfUp } from '../../src/money/divide.ts'

/** Why nothing is charged, one a category; a category taxed at a rate, or at zero, has none. */
export interface Exemption {
  readonly code: string | null
  readonly reason: string
}

export const NO_ADDRESS: PostalAddress = {
  line1: null,
  line2: null,
  city: null,
  region: null,
  postalCode: null,
  country: null,
}

export const GERMAN_SELLER: SellerParty = {
  legalName: 'Farebox Operations GmbH',
  address: {
    ...NO_ADDRESS,
    line1: 'Hauptstraße 5',
    line2: 'Hof 2',
    city: 'Berlin',
    postalCode: '10115',
    country: 'DE',
  },
  vatId: 'DE136695976',
  taxNumber: '30/123/45678',
  registrationNumber: 'HRB 123456 B',
  email: 'billing@farebox.example',
  phone: '+49 30 1234567',
  website: 'https://farebox.example',
  bank: {
    holder: 'Farebox Operations GmbH',
    iban: 'DE89370400440532013000',
    bic: 'COBADEFFXXX',
    name: 'Commerzbank',
  },
  logoSha256: null,
  footer: 'Managing director: Erika Mustermann',
}

/** Not registered for VAT: a small business, which has a number at its tax office alone. */
export const SMALL_SELLER: SellerParty = {
  ...GERMAN_SELLER,
  legalName: 'Erika Mustermann',
  vatId: null,
  registrationNumber: null,
  bank: { holder: 'Erika Mustermann', iban: 'DE89370400440532013000', bic: null, name: null },
  footer: null,
}

export const GERMAN_BUYER: BuyerParty = {
  name: 'Beispiel AG',
  address: { ...NO_ADDRESS, line1: 'Domplatz 1', city: 'Köln', postalCode: '50667', country: 'DE' },
  vatId: 'DE129273398',
  taxId: null,
  email: 'accounts@beispiel.example',
  reference: 'PO-2026-0042',
}

export const FRENCH_BUSINESS: BuyerParty = {
  name: 'Société Exemple SARL',
  address: { ...NO_ADDRESS, line1: '12 rue de la Paix', city: 'Paris', postalCode: '75002', country: 'FR' },
  vatId: 'FR40303265045',
  taxId: null,
  email: 'compta@exemple.example',
  reference: null,
}

export const SPANISH_CONSUMER: BuyerParty = {
  name: 'María García',
  address: {
    ...NO_ADDRESS,
    line1: 'Calle Mayor 3',
    city: 'Sevilla',
    region: 'Andalucía',
    postalCode: '41001',
    country: 'ES',
  },
  vatId: null,
  taxId: null,
  email: 'maria@example.test',
  reference: null,
}

export const AMERICAN_BUSINESS: BuyerParty = {
  name: 'Example Inc.',
  address: {
    ...NO_ADDRESS,
    line1: '1 Market Street',
    line2: 'Suite 300',
    city: 'San Francisco',
    region: 'CA',
    postalCode: '94105',
    country: 'US',
  },
  vatId: null,
  taxId: { type: 'us_ein', value: '12-3456789' },
  email: 'ap@example.test',
  reference: 'REQ 77',
}

export const EXEMPTIONS = {
  reverseCharge: { code: 'VATEX-EU-AE', reason: 'Reverse charge: the recipient is liable for the VAT.' },
  outsideScope: { code: 'VATEX-EU-O', reason: 'Not subject to VAT in the country of the seller.' },
  export: { code: 'VATEX-EU-G', reason: 'Export outside the European Union.' },
  training: { code: 'VATEX-EU-132-1I', reason: 'Umsatzsteuerfrei nach § 4 Nr. 21 UStG.' },
  smallBusiness: { code: null, reason: 'Kein Ausweis von Umsatzsteuer, da Kleinunternehmer gemäß § 19 UStG.' },
} as const satisfies Record<string, Exemption>

const PAID_BY_CARD: DocumentPayment = {
  means: 'CARD',
  reference: 'RF18FB00000042',
  paidOn: '2026-11-20',
  orderId: '01935c3a-7d1e-7000-8000-000000000042',
}

/** One line of one piece, unless told otherwise. */
export function lineOf(
  more: Partial<Omit<DocumentLine, 'netMinor'>> & { readonly netMinor?: bigint } = {},
): DocumentLine {
  const line = {
    id: '1',
    name: 'API credits',
    description: 'Prepaid credits for the API',
    quantity: 1n,
    unitCode: 'C62',
    unitNetMinor: 10_000n,
    category: 'S' as const,
    rateBps: 1_900,
    ...more,
  }
  return { ...line, netMinor: more.netMinor ?? line.quantity * line.unitNetMinor }
}

type Overrides = Partial<
  Omit<DocumentSnapshot, 'lines' | 'taxes' | 'netMinor' | 'taxMinor' | 'totalMinor' | 'prepaidMinor' | 'dueMinor'>
> & {
  readonly lines?: readonly DocumentLine[]
  readonly exemption?: Exemption
  /** What was paid before; the whole total unless told. */
  readonly prepaidMinor?: bigint
}

/** A document whose groups and sums follow from its lines, paid in full by card unless told otherwise. */
export function documentOf({ lines = [lineOf()], exemption, prepaidMinor, ...more }: Overrides = {}): DocumentSnapshot {
  const taxes = taxGroupsOf(lines, exemption)
  const netMinor = sum(taxes.map((group) => group.netMinor))
  const taxMinor = sum(taxes.map((group) => group.taxMinor))
  const totalMinor = netMinor + taxMinor
  return {
    version: 1,
    kind: 'INVOICE',
    number: 'FB-2026-000042',
    issueDate: '2026-11-21',
    taxPointDate: '2026-11-20',
    language: 'en',
    templateVersion: 1,
    currency: 'EUR',
    seller: GERMAN_SELLER,
    buyer: GERMAN_BUYER,
    lines,
    taxes,
    netMinor,
    taxMinor,
    totalMinor,
    prepaidMinor: prepaidMinor ?? totalMinor,
    dueMinor: totalMinor - (prepaidMinor ?? totalMinor),
    payment: PAID_BY_CARD,
    original: null,
    notes: [],
    evidence: { rule: 'domestic', buyerIsBusiness: true, countries: [], vatIdCheck: null },
    ...more,
  }
}

/** The same with another tax on its only group, paid in full. */
export function withTax(document: DocumentSnapshot, taxMinor: bigint): DocumentSnapshot {
  const totalMinor = document.netMinor + taxMinor
  const taxes = document.taxes.map((group) => ({ ...group, taxMinor }))
  return { ...document, taxes, taxMinor, totalMinor, prepaidMinor: totalMinor, dueMinor: 0n }
}

/** One a category and rate, in the order of the lines; tax half up on the group's sum. */
export function taxGroupsOf(lines: readonly DocumentLine[], exemption?: Exemption): TaxGroup[] {
  const groups = new Map<string, { category: TaxCategory; rateBps: number; netMinor: bigint }>()
  for (const { category, rateBps, netMinor } of lines) {
    const key = `${category} ${rateBps}`
    const group = groups.get(key) ?? { category, rateBps, netMinor: 0n }
    groups.set(key, { ...group, netMinor: group.netMinor + netMinor })
  }
  return [...groups.values()].map((group) => {
    const isExempt = group.category !== 'S' && group.category !== 'Z'
    return {
      ...group,
      taxMinor: divideHalfUp(group.netMinor * BigInt(group.rateBps), 10_000n),
      exemptionCode: isExempt ? (exemption?.code ?? null) : null,
      exemptionReason: isExempt ? (exemption?.reason ?? null) : null,
    }
  })
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

const ORIGINAL = { number: 'FB-2026-000042', issueDate: '2026-11-21' }
const CREDIT_NOTE = {
  kind: 'CREDIT_NOTE',
  number: 'FB-C-2026-000007',
  issueDate: '2026-12-01',
  original: ORIGINAL,
} as const

const REVERSE_CHARGE = {
  buyer: FRENCH_BUSINESS,
  lines: [lineOf({ category: 'AE', rateBps: 0, unitNetMinor: 20_000n })],
  exemption: EXEMPTIONS.reverseCharge,
  notes: ['Reverse charge'],
  evidence: {
    rule: 'reverse_charge',
    buyerIsBusiness: true,
    countries: [],
    vatIdCheck: { value: 'FR40303265045', result: 'valid', consultation: 'WAPIAAAAYexample' },
  },
} as const satisfies Overrides

const TRANSFER: DocumentPayment = { ...PAID_BY_CARD, means: 'TRANSFER' }
const UNPAID: DocumentPayment = { ...TRANSFER, paidOn: null }

/** 19.00 dollars of tax. */
export const TAX_IN_EUROS: NationalTax = {
  currency: 'EUR',
  taxMinor: 1_754n,
  rate: '0.92310',
  rateDate: '2026-11-20',
  rateSource: 'ECB',
}

/** A month of use, paid with vouchers. */
const USAGE = {
  number: 'FB-2026-000057',
  issueDate: '2026-12-01',
  taxPointDate: '2026-11-30',
  period: { from: '2026-11-01', to: '2026-11-30' },
  payment: { means: 'VOUCHER', reference: null, paidOn: null, orderId: null },
  notes: ['Paid with prepaid credits: multi-purpose vouchers, whose sale was not taxed.'],
} as const satisfies Overrides

/** One of every tax case, and of every state of payment. */
export const DOCUMENTS = {
  domestic: documentOf(),
  domesticByTransfer: documentOf({ payment: TRANSFER, language: 'de' }),
  unpaid: documentOf({ prepaidMinor: 0n, payment: UNPAID, language: 'fr' }),
  partlyPaid: documentOf({ prepaidMinor: 5_000n, payment: UNPAID, language: 'es' }),
  reverseCharge: documentOf(REVERSE_CHARGE),
  oneStopShop: documentOf({
    buyer: SPANISH_CONSUMER,
    lines: [lineOf({ rateBps: 2_100, unitNetMinor: 1_653n })],
    language: 'es',
    evidence: {
      rule: 'oss',
      buyerIsBusiness: false,
      countries: [
        { source: 'card', country: 'ES' },
        { source: 'address', country: 'ES' },
      ],
      vatIdCheck: null,
    },
  }),
  export: documentOf({
    buyer: AMERICAN_BUSINESS,
    currency: 'USD',
    lines: [lineOf({ category: 'G', rateBps: 0 })],
    exemption: EXEMPTIONS.export,
  }),
  outsideScope: documentOf({
    buyer: AMERICAN_BUSINESS,
    currency: 'USD',
    lines: [lineOf({ category: 'O', rateBps: 0 })],
    exemption: EXEMPTIONS.outsideScope,
    notes: ['Not subject to VAT.'],
  }),
  exempt: documentOf({
    lines: [lineOf({ name: 'Training', category: 'E', rateBps: 0, unitCode: 'HUR', quantity: 3n })],
    exemption: EXEMPTIONS.training,
    language: 'de',
  }),
  smallBusiness: documentOf({
    seller: SMALL_SELLER,
    lines: [lineOf({ category: 'E', rateBps: 0 })],
    exemption: EXEMPTIONS.smallBusiness,
    notes: [EXEMPTIONS.smallBusiness.reason],
    language: 'de',
  }),
  zeroRated: documentOf({ lines: [lineOf({ category: 'Z', rateBps: 0 })] }),
  severalRates: documentOf({
    lines: [
      lineOf({ id: '1', quantity: 3n, unitNetMinor: 3_333n }),
      lineOf({ id: '2', name: 'Handbook', unitNetMinor: 1_999n, rateBps: 700, description: null }),
      lineOf({ id: '3', name: 'Seats', quantity: 7n, unitNetMinor: 1_495n, unitCode: 'MON' }),
      lineOf({ id: '4', name: 'Stamps', unitNetMinor: 500n, category: 'Z', rateBps: 0 }),
    ],
  }),
  /** A price of 10.05 that contains its tax: 1.60, where half up on 8.45 is 1.61. */
  taxContained: withTax(documentOf({ lines: [lineOf({ unitNetMinor: 845n })] }), 160n),
  /** In dollars, with its tax in the seller's own currency besides. */
  nationalTax: documentOf({ currency: 'USD', nationalTax: TAX_IN_EUROS }),
  nationalTaxCreditNote: documentOf({
    ...CREDIT_NOTE,
    currency: 'USD',
    lines: [lineOf({ unitNetMinor: 3_333n })],
    nationalTax: { ...TAX_IN_EUROS, taxMinor: 584n },
  }),
  usage: documentOf({
    ...USAGE,
    lines: [lineOf({ name: 'AI gateway usage November 2026 (1,234 requests)', description: null })],
  }),
  usageReverseCharge: documentOf({ ...REVERSE_CHARGE, ...USAGE, notes: REVERSE_CHARGE.notes, language: 'fr' }),
  creditNote: documentOf(CREDIT_NOTE),
  /** A part of an invoice of several rates comes back. */
  partialCreditNote: documentOf({
    ...CREDIT_NOTE,
    payment: TRANSFER,
    lines: [
      lineOf({ unitNetMinor: 3_333n }),
      lineOf({ id: '2', name: 'Handbook', unitNetMinor: 1_999n, rateBps: 700 }),
    ],
  }),
  creditNoteToPay: documentOf({ ...CREDIT_NOTE, payment: UNPAID, prepaidMinor: 0n }),
  reverseChargeCreditNote: documentOf({ ...REVERSE_CHARGE, ...CREDIT_NOTE }),
  /** All that may be missing is missing. */
  bare: documentOf({
    seller: {
      ...GERMAN_SELLER,
      address: { ...NO_ADDRESS, country: 'DE' },
      taxNumber: null,
      registrationNumber: null,
      email: null,
      phone: null,
      website: null,
      bank: null,
      footer: null,
    },
    buyer: {
      name: 'B',
      address: { ...NO_ADDRESS, country: 'DE' },
      vatId: null,
      taxId: null,
      email: null,
      reference: null,
    },
    lines: [lineOf({ description: null })],
    payment: { ...PAID_BY_CARD, means: 'NONE', paidOn: null },
  }),
  /** A currency without a minor unit. */
  yen: documentOf({
    buyer: { ...AMERICAN_BUSINESS, address: { ...AMERICAN_BUSINESS.address, country: 'JP' } },
    currency: 'JPY',
    lines: [lineOf({ category: 'O', rateBps: 0, unitNetMinor: 15_000n })],
    exemption: EXEMPTIONS.outsideScope,
  }),
  manyLines: documentOf({
    lines: Array.from({ length: 500 }, (_, index) =>
      lineOf({
        id: String(index + 1),
        name: `Usage of model ${index + 1}`,
        quantity: BigInt((index % 9) + 1),
        unitNetMinor: BigInt(101 + index),
        rateBps: index % 3 === 0 ? 700 : 1_900,
      }),
    ),
  }),
  strangeTexts: documentOf({
    buyer: {
      ...GERMAN_BUYER,
      name: `<Müller> & "Söhne" 'KG' ]]> <!-- -->`,
      address: { ...GERMAN_BUYER.address, line1: 'שדרות רוטשילד 1', line2: 'شارع ١٢', city: '東京都渋谷区' },
      reference: 'A&B<1>',
    },
    lines: [
      lineOf({ id: '1', name: 'API 额度 🚀 👩‍👩‍👧', description: 'حصة من واجهة البرمجة — עברית' }),
      lineOf({
        id: '2',
        name: 'Bell\u0007, null\u0000, escape\u001b and \ufffe',
        description: 'one\ntwo\tthree\rfour',
      }),
      lineOf({ id: '3', name: 'L'.repeat(300), description: 'word '.repeat(60).trim() }),
    ],
    notes: ['1 < 2 && 3 > 2', 'ملاحظة', '備考'],
  }),
} as const satisfies Record<string, DocumentSnapshot>

export type DocumentName = keyof typeof DOCUMENTS

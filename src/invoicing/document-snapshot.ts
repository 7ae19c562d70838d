/**
 * Everything that a tax document says, frozen when it is issued. Whatever is rendered later is rendered from this alone:
 * a seller that moves, a customer that renames itself or a corrected design change nothing that was issued.
 *
 * Amounts are in minor units, as decimal text in JSON; rates in basis points; dates as YYYY-MM-DD.
 */
export interface DocumentSnapshot {
  readonly version: 1
  readonly kind: DocumentKind
  readonly number: string
  readonly issueDate: string
  /** The day that decides rate and period: of the payment for a prepayment (Directive 2006/112/EC, article 65). */
  readonly taxPointDate: string
  readonly language: DocumentLanguage
  /** Which design renders it. A corrected design is a new version, for documents issued from then on. */
  readonly templateVersion: number
  readonly currency: string
  readonly seller: SellerParty
  readonly buyer: BuyerParty
  readonly lines: readonly DocumentLine[]
  /** One a category and rate; their sums are the document's. */
  readonly taxes: readonly TaxGroup[]
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  /**
   * The tax in the currency of the country whose tax it is (Directive 2006/112/EC, article 230; EN 16931, BT-6 and BT-111).
   * Left out where that is the document's own, where there is no tax, or where no rate was known.
   */
  readonly nationalTax?: NationalTax
  /** The days of use that it is about (BG-14); left out where it is about a payment. */
  readonly period?: DocumentPeriod
  /** What was paid before it was issued, and what is left to pay. */
  readonly prepaidMinor: bigint
  readonly dueMinor: bigint
  readonly payment: DocumentPayment
  /** What a credit note corrects; null on an invoice. */
  readonly original: { readonly number: string; readonly issueDate: string } | null
  /** Sentences in the document's language, such as why no tax is charged. */
  readonly notes: readonly string[]
  /** Why it is taxed so, for whoever checks it later; not printed. */
  readonly evidence: TaxEvidence
}

export type DocumentKind = 'INVOICE' | 'CREDIT_NOTE'
export const DOCUMENT_LANGUAGES = ['en', 'de', 'fr', 'es'] as const
export type DocumentLanguage = (typeof DOCUMENT_LANGUAGES)[number]

export interface PostalAddress {
  readonly line1: string | null
  readonly line2: string | null
  readonly city: string | null
  readonly region: string | null
  readonly postalCode: string | null
  /** ISO 3166-1 alpha-2; null = unknown. */
  readonly country: string | null
}

export interface SellerParty {
  readonly legalName: string
  readonly address: PostalAddress
  /** With its country prefix, such as DE123456789; null = not registered for VAT. */
  readonly vatId: string | null
  /** The number of the tax office, where there is no VAT id, or beside it. */
  readonly taxNumber: string | null
  /** The number in the company register. */
  readonly registrationNumber: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly website: string | null
  readonly bank: {
    readonly holder: string
    readonly iban: string
    readonly bic: string | null
    readonly name: string | null
  } | null
  /** SHA-256 of the stored logo file, in hex; null = the name stands in its place. */
  readonly logoSha256: string | null
  /** The seller's own sentence under the totals; null = none. */
  readonly footer: string | null
}

export interface BuyerParty {
  readonly name: string
  readonly address: PostalAddress
  readonly vatId: string | null
  /** Another tax id, with its type as the payment provider names it, such as `us_ein`. */
  readonly taxId: { readonly type: string; readonly value: string } | null
  readonly email: string | null
  /** The account's own reference, such as a purchase order number. */
  readonly reference: string | null
}

export interface DocumentLine {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly quantity: bigint
  /** UN/ECE Recommendation 20; `C62` = one piece. */
  readonly unitCode: string
  readonly unitNetMinor: bigint
  /** quantity × unit price. */
  readonly netMinor: bigint
  readonly category: TaxCategory
  readonly rateBps: number
}

/** UNTDID 5305: standard, reverse charge, outside scope, export, exempt, zero. */
export type TaxCategory = 'S' | 'AE' | 'O' | 'G' | 'E' | 'Z'

export interface TaxGroup {
  readonly category: TaxCategory
  readonly rateBps: number
  readonly netMinor: bigint
  /** Half up on the group's sum (EN 16931, BR-CO-17). */
  readonly taxMinor: bigint
  /** Why nothing is charged, as a VATEX code and as a sentence in the document's language. */
  readonly exemptionCode: string | null
  readonly exemptionReason: string | null
}

export interface DocumentPayment {
  /** `VOUCHER`: with credits that were bought before, as multi-purpose vouchers. */
  readonly means: 'CARD' | 'TRANSFER' | 'VOUCHER' | 'NONE'
  /** What the payment is known by at both sides: the order's creditor reference; null = it has none. */
  readonly reference: string | null
  readonly paidOn: string | null
  /** Null = not one order's. */
  readonly orderId: string | null
}

/** The first and the last day. */
export interface DocumentPeriod {
  readonly from: string
  readonly to: string
}

export interface NationalTax {
  /** ISO 4217. */
  readonly currency: string
  /** In its minor units: the document's tax at the rate, rounded half up once. */
  readonly taxMinor: bigint
  /** What one unit of the document's currency was worth in it, as it was published: `0.92310`. */
  readonly rate: string
  readonly rateDate: string
  /** Who published the rate. */
  readonly rateSource: string
}

export interface TaxEvidence {
  /** Which rule decided, such as `reverse_charge`. */
  readonly rule: string
  readonly buyerIsBusiness: boolean
  /** Pieces of evidence of where a consumer is (Regulation 282/2011, articles 24b and 24f). */
  readonly countries: readonly { readonly source: string; readonly country: string }[]
  /** What was found out about the buyer's VAT id, and the number of the consultation where one was made. */
  readonly vatIdCheck: {
    readonly value: string
    readonly result: 'valid' | 'invalid' | 'not_checked'
    readonly consultation: string | null
  } | null
}

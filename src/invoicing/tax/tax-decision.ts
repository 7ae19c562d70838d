import type { DocumentLanguage, PostalAddress, TaxCategory, TaxEvidence } from '../document-snapshot.ts'
import type { CountryEvidence } from './country-evidence.ts'
import type { LegalText } from './legal-texts.ts'
import type { TaxTable } from './tax-rate-table.ts'

export interface TaxSeller {
  readonly address: Pick<PostalAddress, 'country' | 'region' | 'postalCode'>
  /** With its prefix; null = not registered for VAT at home, or under a tax number only. */
  readonly vatId: string | null
  /** Charges no tax of its own country's as a small enterprise (Directive 2006/112/EC, article 284). */
  readonly isSmallBusiness: boolean
  /** In the One Stop Shop: its Union scheme for a seller in the EU, its non-Union scheme for one outside. */
  readonly ossRegistered: boolean
  /**
   * Taxes consumers in other member states at home, as its sales to all of them stay within 10,000 EUR a year
   * (article 59c). The operator says so: the turnover elsewhere is not known here. Without effect in the One Stop Shop.
   */
  readonly isBelowOssThreshold: boolean
  /** What it sells is exempt by its nature; null = it is not. */
  readonly exemption: { readonly code: string | null; readonly reason: LegalText } | null
  /** Where else it is registered and charges the local rate. A US state is charged for only when it is listed here. */
  readonly registrations: readonly SellerRegistration[]
  /** How a supply that is taxed abroad is classed; null = as is right for services in the seller's country. */
  readonly exportCategory: 'O' | 'G' | null
}

export interface SellerRegistration {
  /** As in the rate table: `GB`, `NO`, `US-CA`. */
  readonly territory: string
  /** In many countries a business accounts for the tax itself, so that only consumers are charged. */
  readonly charges: 'CONSUMERS' | 'EVERYONE'
}

export interface TaxBuyer {
  readonly address: Pick<PostalAddress, 'country' | 'region' | 'postalCode'>
  readonly vatId: string | null
  /** Another tax id, with its type as Stripe names it; an `eu_vat` given here counts as the VAT id. */
  readonly taxId: { readonly type: string; readonly value: string } | null
  /** What a register said about the VAT id; null = it was not asked. */
  readonly vatIdCheck?: Pick<NonNullable<TaxEvidence['vatIdCheck']>, 'result' | 'consultation'> | null
}

export interface TaxInput {
  readonly seller: TaxSeller
  readonly buyer: TaxBuyer
  /** Beside the billing address, which counts by itself. */
  readonly evidence: readonly CountryEvidence[]
  /** Of all lines of the group, in minor units: the tax is computed once, on their sum. */
  readonly netMinor: bigint
  /** ISO 4217, of the document. */
  readonly currency: string
  /** Tax point as YYYY-MM-DD. */
  readonly date: string
  /** Of the document. */
  readonly language: DocumentLanguage
  readonly table: TaxTable
}

/** Which rule decided. Stable: it is kept with each document. */
export const TAX_RULES = [
  'domestic',
  'reverse_charge',
  'reverse_charge_from_outside',
  'oss',
  'below_threshold',
  'destination',
  'registered_abroad',
  'export',
  'exempt',
  'small_business',
  'seller_not_registered',
  'us_not_registered',
] as const
export type TaxRule = (typeof TAX_RULES)[number]

/** What a bookkeeper should look at. For the operator, not for the document. */
export const TAX_FINDINGS = [
  /** Pieces of evidence name different countries; `evidence.countries` has them all. */
  'evidence_contradicts',
  /** Fewer than two pieces speak for where a consumer is. */
  'evidence_thin',
  'vat_id_invalid',
  /** It passed the check digits, and no register was asked or could answer. */
  'vat_id_not_checked',
  /** The VAT id's country is another than the address's. */
  'vat_id_of_other_country',
  /** Tax is due at a place where the seller is neither registered nor in the One Stop Shop. */
  'seller_not_registered_there',
  /** A reverse charge by a seller without a VAT id: the invoice has to name one (article 226(3)). */
  'seller_vat_id_missing',
  /** Sold into a US state for which the seller has no registration: nothing is charged. */
  'us_state_not_configured',
  /** The tax must be stated in `taxCurrency` as well (article 230). */
  'tax_in_national_currency_needed',
] as const
export type TaxFinding = (typeof TAX_FINDINGS)[number]

export interface TaxDecision {
  readonly category: TaxCategory
  readonly rateBps: number
  /** Half up on the sum; never negative. */
  readonly taxMinor: bigint
  /** Of the code list VATEX; null where tax is charged or the list has no code. */
  readonly exemptionCode: string | null
  /** In the document's language; null where tax is charged or zero-rated. */
  readonly exemptionReason: string | null
  /** Sentences for the document, in its language. */
  readonly notes: readonly string[]
  readonly findings: readonly TaxFinding[]
  /** Whose tax it is, as in the rate table; null = nobody's. */
  readonly taxTerritory: string | null
  /** In which currency the law wants the tax stated; null = no tax is charged, or not known. */
  readonly taxCurrency: string | null
  readonly evidence: TaxEvidence
}

/** Why no decision can be made. A caller shows it beside the field. */
export interface TaxRefusal {
  readonly refused:
    | 'amount_negative'
    | 'date_invalid'
    | 'seller_country_unknown'
    | 'buyer_country_unknown'
    /** The table has no rate for the place and day; the operator can add one. */
    | 'rate_unknown'
  readonly field: 'netMinor' | 'date' | 'seller.address.country' | 'buyer.address.country'
  /** One sentence, in English, for whoever mends it. */
  readonly detail: string
}

export function isRefused(outcome: TaxDecision | TaxRefusal): outcome is TaxRefusal {
  return 'refused' in outcome
}

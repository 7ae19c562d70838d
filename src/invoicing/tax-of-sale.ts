import type { ClientBase, Pool } from 'pg'
import { type BillingProfile, readBillingProfile } from '../accounts/billing-profile.ts'
import { divideHalfUp } from '../money/divide.ts'
import { languageOf } from './document-language.ts'
import type { BuyerParty, DocumentLanguage, TaxCategory, TaxEvidence } from './document-snapshot.ts'
import { InvoicingError } from './invoicing-error.ts'
import type { Seller } from './seller.ts'
import { type CountryEvidence, weighedEvidence } from './tax/country-evidence.ts'
import { decideTax } from './tax/decide-tax.ts'
import { isRefused, type TaxDecision, type TaxSeller } from './tax/tax-decision.ts'
import { type TaxRateRow, type TaxTable, tableWith } from './tax/tax-rate-table.ts'
import { askableVatId, isAnswerInForce, latestAnswer, type VatIdAnswer } from './vat-id-checks.ts'

/** How one sale is taxed, as an order keeps it until its invoice is issued. Amounts in minor units. */
export interface SaleTax {
  readonly category: TaxCategory
  readonly rateBps: number
  readonly exemptionCode: string | null
  readonly exemptionReason: string | null
  readonly notes: readonly string[]
  readonly language: DocumentLanguage
  readonly evidence: TaxEvidence
}

/** Whom a document would be made out to. */
export interface KnownBuyer {
  readonly party: BuyerParty
  readonly language: DocumentLanguage
  /** What the register has said about the VAT id; null or left out = nothing so far. */
  readonly vatIdAnswer?: VatIdAnswer | null
}

/** The buyer as the billing profile in force says, or as the account is called where there is none. */
export async function readBuyer(client: ClientBase | Pool, accountId: string): Promise<KnownBuyer> {
  const profile = await readBillingProfile(client, accountId)
  const { rows } = await client.query<{ name: string }>('SELECT name FROM account WHERE id = $1', [accountId])
  const name = profile?.name ?? rows[0]?.name ?? ''
  const vatId = profile && askableVatId(profile)
  const vatIdAnswer = vatId === null ? null : await latestAnswer(client, vatId)
  return { party: buyerParty(name, profile), language: languageOf(profile?.country ?? null), vatIdAnswer }
}

function buyerParty(name: string, profile: BillingProfile | null): BuyerParty {
  const isVat = profile?.taxIdType === 'eu_vat' || profile?.taxIdType === 'gb_vat'
  const { taxIdType: type = null, taxIdValue: value = null } = profile ?? {}
  return {
    name,
    address: {
      ...{ line1: profile?.line1 ?? null, line2: profile?.line2 ?? null, city: profile?.city ?? null },
      ...{
        region: profile?.region ?? null,
        postalCode: profile?.postalCode ?? null,
        country: profile?.country ?? null,
      },
    },
    vatId: isVat ? value : null,
    taxId: type !== null && value !== null && !isVat ? { type, value } : null,
    email: profile?.email ?? null,
    reference: null,
  }
}

/** The shipped rates with those that the operator has added. */
export async function readTaxTable(client: ClientBase | Pool): Promise<TaxTable> {
  return tableWith(await readTaxRates(client))
}

/** What the operator has added. */
export async function readTaxRates(client: ClientBase | Pool): Promise<TaxRateRow[]> {
  const { rows } = await client.query<TaxRateRow>(
    `SELECT territory, to_char(effective_from, 'YYYY-MM-DD') AS "from", rate_bps AS "rateBps", source FROM tax_rate`,
  )
  return rows
}

export interface Sale {
  readonly seller: Seller
  readonly buyer: KnownBuyer
  readonly currency: string
  /** The tax point, YYYY-MM-DD. */
  readonly date: string
  readonly table: TaxTable
  /** What the payment says about where the buyer is, beside the billing address. */
  readonly evidence?: readonly CountryEvidence[]
}

/** The tax on top of a net amount; null where nobody knows yet where the buyer is. */
export function taxOnTop(sale: Sale, netMinor: bigint): { taxMinor: bigint; tax: SaleTax } | null {
  if (sale.buyer.party.address.country === null) return null
  const decision = decide(sale, netMinor)
  return decision && { taxMinor: decision.taxMinor, tax: saleTax(sale, decision) }
}

/**
 * The tax that is contained in an amount already paid. Where the buyer never said where they are, the seller's own country
 * is taken: there the tax is due until something else is shown.
 */
export function taxContained(
  sale: Sale,
  totalMinor: bigint,
): { netMinor: bigint; taxMinor: bigint; tax: SaleTax; buyer: BuyerParty } {
  const known = decide(sale, totalMinor)
  const placed = known ? sale : atSellersHome(sale)
  const decision = known ?? assumed(sale, decide(placed, totalMinor))
  if (!decision)
    throw new InvoicingError('seller_not_set_up', 'The seller’s country has no tax rate on this day.', 'seller')
  const netMinor = divideHalfUp(totalMinor * 10_000n, 10_000n + BigInt(decision.rateBps))
  const buyer = placed.buyer.party
  return { netMinor, taxMinor: totalMinor - netMinor, tax: saleTax(sale, decision), buyer }
}

/** What was decided before the payment, with what the payment itself says about where the buyer is. */
export function withEvidence(tax: SaleTax, evidence: readonly CountryEvidence[]): SaleTax {
  const known = new Set(tax.evidence.countries.map(({ source }) => source))
  const added = evidence.filter(({ source }) => !known.has(source))
  return { ...tax, evidence: { ...tax.evidence, countries: [...tax.evidence.countries, ...added] } }
}

function decide({ seller, buyer, currency, date, table, evidence = [] }: Sale, netMinor: bigint): TaxDecision | null {
  const { party, language, vatIdAnswer = null } = buyer
  const vatIdCheck = vatIdAnswer && isAnswerInForce(vatIdAnswer, Date.parse(date)) ? vatIdAnswer : null
  const outcome = decideTax({
    seller: taxSeller(seller),
    buyer: { address: party.address, vatId: party.vatId, taxId: party.taxId, vatIdCheck },
    evidence,
    ...{ netMinor, currency, date, language, table },
  })
  return isRefused(outcome) ? null : outcome
}

function atSellersHome(sale: Sale): Sale {
  const { country, region, postalCode } = sale.seller.address
  const address = { ...sale.buyer.party.address, country, region, postalCode }
  return {
    ...sale,
    evidence: [],
    buyer: { ...sale.buyer, party: { ...sale.buyer.party, address, vatId: null, taxId: null } },
  }
}

/** Assumed to be at home; what is kept as evidence is only what is known of the buyer. */
function assumed({ buyer, evidence = [] }: Sale, decision: TaxDecision | null): TaxDecision | null {
  const countries = weighedEvidence(buyer.party.address.country, evidence)
  return decision && { ...decision, evidence: { ...decision.evidence, countries } }
}

function taxSeller({ address, vatId, isSmallBusiness, isOssRegistered }: Seller): TaxSeller {
  return {
    ...{ address, vatId, isSmallBusiness, ossRegistered: isOssRegistered },
    // Until its operator says that it is in the One Stop Shop, a seller is small enough to tax consumers at home.
    isBelowOssThreshold: !isOssRegistered,
    ...{ exemption: null, registrations: [], exportCategory: null },
  }
}

function saleTax({ buyer }: Sale, decision: TaxDecision): SaleTax {
  const { category, rateBps, exemptionCode, exemptionReason, notes, evidence } = decision
  return { category, rateBps, exemptionCode, exemptionReason, notes, evidence, language: buyer.language }
}

import type { DocumentLanguage, TaxCategory } from '../document-snapshot.ts'
import type { BuyerStatus } from './buyer-vat-id.ts'
import { EXEMPTION_TEXTS, type ExemptionText } from './legal-texts.ts'
import { smallBusinessReason } from './small-business.ts'
import type { TaxFinding, TaxRule, TaxSeller } from './tax-decision.ts'
import { areDomestic, type TaxTerritory } from './tax-territory.ts'

/** Who sells to whom, and from where to where. */
export interface Situation {
  readonly seller: TaxSeller
  readonly from: TaxTerritory
  readonly to: TaxTerritory
  readonly status: BuyerStatus
  /** A business in the eyes of the law that decides: see `buyerStatus`. */
  readonly isBusiness: boolean
  readonly language: DocumentLanguage
}

export type Treatment = Charged | Untaxed

interface Charged {
  readonly rule: TaxRule
  readonly rateTerritory: string
  readonly findings: readonly TaxFinding[]
}

interface Untaxed {
  readonly rule: TaxRule
  readonly category: TaxCategory
  readonly code: string | null
  readonly reason: string
  /** The document tells a business that tax may be due where it is. */
  readonly customerAccounts: boolean
  readonly findings: readonly TaxFinding[]
}

/**
 * Which rule applies to an electronically supplied service. Place of supply: where a business is (Directive 2006/112/EC,
 * article 44) and where a consumer is (article 58), but for small cross-border sales within the EU (article 59c).
 */
export function chooseTreatment(situation: Situation): Treatment {
  const { seller, from, to, isBusiness } = situation
  const registration = seller.registrations.find(({ territory }) => territory === to.code || territory === to.area)
  if (to.area === 'US' && !registration) return withoutUsRegistration(situation)
  if (from.area !== 'US' && areDomestic(from, to)) return chargedAtHome(situation, 'domestic', to)
  if (registration && (registration.charges === 'EVERYONE' || !isBusiness)) {
    return charged(situation, 'registered_abroad', to)
  }
  if (!to.isEu) return leaving(situation)
  if (isBusiness) return from.isEu ? toEuBusiness(situation) : untaxedFromOutside(situation)
  if (seller.ossRegistered) return charged(situation, 'oss', to)
  if (!from.isEu) return leaving(situation, ['seller_not_registered_there'])
  if (seller.isBelowOssThreshold) return chargedAtHome(situation, 'below_threshold', from)
  // Due there all the same: the seller has to register, or to join the One Stop Shop.
  return charged(situation, 'destination', to, ['seller_not_registered_there'])
}

function charged(
  situation: Situation,
  rule: TaxRule,
  { rateTerritory }: TaxTerritory,
  findings: readonly TaxFinding[] = [],
): Treatment {
  const { exemption } = situation.seller
  if (exemption === null) return { rule, rateTerritory, findings }
  const { code, reason } = exemption
  return { rule: 'exempt', category: 'E', code, reason: reason[situation.language], customerAccounts: false, findings }
}

/** Taxed by the seller's own country, whose scheme for small enterprises frees it. */
function chargedAtHome(situation: Situation, rule: TaxRule, at: TaxTerritory): Treatment {
  const { seller, from, language } = situation
  if (seller.exemption !== null || !seller.isSmallBusiness) return charged(situation, rule, at)
  const { code, text } = smallBusinessReason(from.area, language)
  return { rule: 'small_business', category: 'E', code, reason: text, customerAccounts: false, findings: [] }
}

function toEuBusiness(situation: Situation): Treatment {
  const { seller, from, status } = situation
  // An id of the seller's own country speaks for a supply to an establishment there.
  if (status.vatIdCountry === from.area) return chargedAtHome(situation, 'domestic', from)
  if (seller.exemption !== null) return charged(situation, 'exempt', from)
  return untaxed(situation, 'reverse_charge', 'AE', 'reverseCharge')
}

function untaxedFromOutside(situation: Situation): Treatment {
  return untaxed(situation, 'reverse_charge_from_outside', exportCategory(situation), 'reverseChargeFromOutside')
}

function withoutUsRegistration(situation: Situation): Treatment {
  if (situation.from.area !== 'US') return leaving(situation, ['us_state_not_configured'])
  return untaxed(situation, 'us_not_registered', 'O', 'noUsSalesTax', { findings: ['us_state_not_configured'] })
}

/** A seller at home in a country whose tax it does not charge yet. */
export function unregisteredAtHome(situation: Situation): Treatment {
  return untaxed(situation, 'seller_not_registered', 'O', 'sellerNotRegistered')
}

/** Taxed, if at all, where the buyer is. */
function leaving(situation: Situation, findings: readonly TaxFinding[] = []): Treatment {
  const { seller, from, isBusiness } = situation
  const text = leavingText(situation)
  if (text === null && seller.vatId === null) {
    return untaxed(situation, 'seller_not_registered', 'O', 'sellerNotRegistered', { findings })
  }
  const reason = text ?? 'outsideSellersCountry'
  const customerAccounts = isBusiness && (from.isEu || text !== null)
  return untaxed(situation, 'export', exportCategory(situation), reason, { findings, customerAccounts })
}

function leavingText({ from, isBusiness }: Situation): ExemptionText | null {
  if (from.isEu) return isBusiness ? 'outsideEuBusiness' : 'outsideEuConsumer'
  if (from.area === 'GB') return 'outsideUk'
  if (from.area === 'CH') return 'outsideSwitzerland'
  return from.area === 'NO' ? 'outsideNorway' : null
}

/**
 * A service whose place of supply is abroad is outside the scope of the seller's tax: O, "services outside scope of tax"
 * (UNTDID 5305). G, "free export item", is for what is within the scope and zero-rated, as goods are (Directive 2006/112/EC,
 * article 146) and services from Norway (merverdiavgiftsloven § 6-22).
 */
function exportCategory({ seller, from }: Situation): 'O' | 'G' {
  return seller.exportCategory ?? (from.area === 'NO' ? 'G' : 'O')
}

const VATEX_CODES: Readonly<Record<'AE' | 'O' | 'G', string>> = {
  AE: 'VATEX-EU-AE',
  O: 'VATEX-EU-O',
  G: 'VATEX-EU-G',
}

function untaxed(
  { language }: Situation,
  rule: TaxRule,
  category: 'AE' | 'O' | 'G',
  text: ExemptionText,
  { findings = [], customerAccounts = false }: { findings?: readonly TaxFinding[]; customerAccounts?: boolean } = {},
): Untaxed {
  const reason = EXEMPTION_TEXTS[text][language]
  return { rule, category, code: VATEX_CODES[category], reason, customerAccounts, findings }
}

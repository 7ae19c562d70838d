import { type BuyerStatus, buyerStatus } from './buyer-vat-id.ts'
import { type ConsumerPlace, placeOfConsumer, weighedEvidence } from './country-evidence.ts'
import { CUSTOMER_ACCOUNTS_TEXT, UNUSED_VAT_ID_TEXTS } from './legal-texts.ts'
import { currencyOfTax } from './national-currency.ts'
import { taxOn } from './tax-amount.ts'
import type { TaxDecision, TaxFinding, TaxInput, TaxRefusal } from './tax-decision.ts'
import { isCalendarDay, type TaxTable } from './tax-rate-table.ts'
import { areDomestic, territoryOf } from './tax-territory.ts'
import { chooseTreatment, type Situation, type Treatment, unregisteredAtHome } from './tax-treatment.ts'

/**
 * The tax on one group of lines of an electronically supplied service, and why. Pure: the same input gives the same answer
 * on every day, as the rates are looked up by the tax point's date.
 */
export function decideTax(input: TaxInput): TaxDecision | TaxRefusal {
  const { netMinor, date, seller, buyer, table } = input
  if (netMinor < 0n) return refusal('amount_negative', 'netMinor', 'Expected the net of a group not to be negative.')
  if (!isCalendarDay(date)) return refusal('date_invalid', 'date', 'Expected a tax point such as 2025-07-01.')
  const from = territoryOf(seller.address)
  if (from === null) {
    return refusal('seller_country_unknown', 'seller.address.country', 'Expected the seller to have a country.')
  }
  const status = buyerStatus(buyer)
  const place = placeOfBuyer(input, status)
  const to = place.territory
  if (to === null) {
    return refusal(
      'buyer_country_unknown',
      'buyer.address.country',
      'Expected a country, as it decides which tax is due.',
    )
  }
  const situation: Situation = { seller, from, to, status, isBusiness: place.isBusiness, language: input.language }
  const treatment = chooseTreatment(situation)
  const rateBps = 'rateTerritory' in treatment ? table.rateOn(treatment.rateTerritory, date) : 0
  if (rateBps !== null) return decisionOf(input, situation, place, treatment, rateBps)
  // A country that the table knows nothing of, and a seller without a VAT id: nothing is charged until it registers.
  if (treatment.rule === 'domestic' && seller.vatId === null && !knows(table, from.rateTerritory)) {
    return decisionOf(input, situation, place, unregisteredAtHome(situation), 0)
  }
  const field = treatment.rule === 'domestic' ? 'seller.address.country' : 'buyer.address.country'
  const where = 'rateTerritory' in treatment ? treatment.rateTerritory : to.code
  return refusal('rate_unknown', field, `There is no tax rate of ${where} for ${date}: the operator can add one.`)
}

function refusal(refused: TaxRefusal['refused'], field: TaxRefusal['field'], detail: string): TaxRefusal {
  return { refused, field, detail }
}

function knows(table: TaxTable, territory: string): boolean {
  return table.rows.some((row) => row.territory === territory)
}

interface BuyerPlace extends ConsumerPlace {
  readonly isBusiness: boolean
}

/** A business is where its address says, or else where its VAT id is from; a consumer is where the evidence says. */
function placeOfBuyer({ buyer, evidence }: TaxInput, status: BuyerStatus): BuyerPlace {
  const home = territoryOf(buyer.address)
  // Inside the EU only a VAT id of the EU's makes a business.
  const isBusiness = home === null || home.isEu ? status.vatIdCountry !== null : status.isBusiness
  if (!isBusiness) return { ...placeOfConsumer(buyer.address, evidence), isBusiness }
  const territory = home ?? territoryOf({ country: status.vatIdCountry, region: null, postalCode: null })
  const countries = weighedEvidence(buyer.address.country, evidence)
  return { territory, countries, isContradictory: false, isThin: false, isBusiness }
}

function decisionOf(
  input: TaxInput,
  situation: Situation,
  place: BuyerPlace,
  treatment: Treatment,
  rateBps: number,
): TaxDecision {
  const isCharged = 'rateTerritory' in treatment
  const { from, to } = situation
  const taxCurrency = isCharged && rateBps > 0 ? currencyOfTax(treatment.rule, from, to, input.date) : null
  const needsCurrency = taxCurrency !== null && taxCurrency !== input.currency
  return {
    category: isCharged ? (rateBps > 0 ? 'S' : 'Z') : treatment.category,
    rateBps,
    taxMinor: taxOn(input.netMinor, rateBps),
    exemptionCode: isCharged ? null : treatment.code,
    exemptionReason: isCharged ? null : treatment.reason,
    notes: notesOf(treatment, situation),
    findings: [
      ...findingsOf(input, situation, place, treatment),
      ...(needsCurrency ? (['tax_in_national_currency_needed'] as const) : []),
    ],
    taxTerritory: isCharged ? treatment.rateTerritory : null,
    taxCurrency,
    evidence: {
      rule: treatment.rule,
      buyerIsBusiness: place.isBusiness,
      countries: place.countries,
      vatIdCheck: situation.status.vatIdCheck,
    },
  }
}

function notesOf(treatment: Treatment, { status, language }: Situation): readonly string[] {
  if (!('rateTerritory' in treatment)) {
    return treatment.customerAccounts ? [CUSTOMER_ACCOUNTS_TEXT[language]] : []
  }
  if (status.vatIdFault === null || status.vatIdCheck === null) return []
  return [UNUSED_VAT_ID_TEXTS[status.vatIdFault][language](status.vatIdCheck.value)]
}

function findingsOf(
  { date, table, seller }: TaxInput,
  { from, to, status }: Situation,
  place: BuyerPlace,
  { rule, findings }: Treatment,
): readonly TaxFinding[] {
  const { vatIdCountry, vatIdFault, vatIdCheck } = status
  const found: TaxFinding[] = [...findings]
  if (place.isContradictory) found.push('evidence_contradicts')
  // At home one piece is enough to charge the home rate.
  if (place.isThin && !areDomestic(from, to)) found.push('evidence_thin')
  if (vatIdFault !== null) found.push('vat_id_invalid')
  if (rule.startsWith('reverse_charge') && vatIdCheck?.result === 'not_checked') found.push('vat_id_not_checked')
  if (rule === 'reverse_charge' && seller.vatId === null) found.push('seller_vat_id_missing')
  if (vatIdCountry !== null && ![to.area, to.state, to.taxedBy].includes(vatIdCountry)) {
    found.push('vat_id_of_other_country')
  }
  // A consumer where a tax like VAT is known, and nothing of it is charged: many such countries want the seller to register.
  const mayBeDue = rule === 'export' && !place.isBusiness && table.rateOn(to.rateTerritory, date) !== null
  if (mayBeDue && !found.includes('seller_not_registered_there')) found.push('seller_not_registered_there')
  return found
}

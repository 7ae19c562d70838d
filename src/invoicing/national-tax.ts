import type { ClientBase, Pool } from 'pg'
import { divideHalfUp } from '../money/divide.ts'
import type { DocumentSnapshot, NationalTax } from './document-snapshot.ts'
import { exchangeRateOn } from './exchange-rate.ts'
import type { DraftDocument } from './issue-document.ts'
import { currencyOfTax } from './tax/national-currency.ts'
import type { TaxRule } from './tax/tax-decision.ts'
import { territoryOf } from './tax/tax-territory.ts'
import { fractionDigits } from './xml/decimal.ts'

/**
 * The other currency that a document's tax has to be stated in as well (Directive 2006/112/EC, article 230); null = none, or
 * none that is known.
 */
export function otherTaxCurrency(
  document: Pick<DraftDocument, 'taxMinor' | 'currency' | 'seller' | 'buyer' | 'evidence' | 'taxPointDate'>,
): string | null {
  if (document.taxMinor === 0n) return null
  const from = territoryOf(document.seller.address)
  if (from === null) return null
  const to = territoryOf(document.buyer.address) ?? from
  const needed = currencyOfTax(document.evidence.rule as TaxRule, from, to, document.taxPointDate)
  return needed === document.currency ? null : needed
}

/** The document with its tax in the national currency, where that is needed and a rate is known. */
export async function withNationalTax(client: ClientBase | Pool, draft: DraftDocument): Promise<DraftDocument> {
  const currency = otherTaxCurrency(draft)
  if (currency === null) return draft
  const known = await exchangeRateOn(client, draft.currency, currency, draft.taxPointDate)
  if (known === null) return draft
  const rate = { currency, rate: known.rate, rateDate: known.date, rateSource: known.source }
  return { ...draft, nationalTax: { ...rate, taxMinor: converted(draft, rate) } }
}

/** A credit note with its own tax at the rate of the invoice that it corrects, or without one as that. */
export function atRateOf(invoice: DocumentSnapshot, note: DraftDocument): DraftDocument {
  const { nationalTax, ...rest } = note
  const rate = invoice.nationalTax
  if (rate === undefined || note.taxMinor === 0n) return rest
  return { ...rest, nationalTax: { ...rate, taxMinor: converted(note, rate) } }
}

/** The tax of a document at a rate, in minor units of the rate's currency, rounded half up once. */
export function converted(
  { taxMinor, currency: from }: Pick<DraftDocument, 'taxMinor' | 'currency'>,
  { currency: to, rate }: Pick<NationalTax, 'currency' | 'rate'>,
): bigint {
  const [whole = '', fraction = ''] = rate.split('.')
  const digits = BigInt(fraction.length + fractionDigits(from))
  return divideHalfUp(taxMinor * BigInt(whole + fraction) * 10n ** BigInt(fractionDigits(to)), 10n ** digits)
}

import type { TaxEvidence } from '../document-snapshot.ts'
import { isEuCountry } from './country-code.ts'
import type { TaxBuyer } from './tax-decision.ts'
import { checkTaxId, checkVatId } from './tax-id.ts'

/** What a buyer's ids prove. */
export interface BuyerStatus {
  readonly isBusiness: boolean
  /** The member state that gave its valid EU VAT id; null = it has none. XI is none: Northern Ireland is in the EU for goods only. */
  readonly vatIdCountry: string | null
  /** Why a VAT id that was given does not count; null = it counts, or there is none. */
  readonly vatIdFault: 'malformed' | 'notRegistered' | null
  readonly vatIdCheck: TaxEvidence['vatIdCheck']
}

/**
 * A buyer in the EU is a business by its VAT id (Regulation 282/2011, article 18(1)), elsewhere by any valid id that
 * businesses have (article 18(3)). A register that said no overrules the check digits; one that was not asked, or could not
 * answer, leaves them to decide.
 */
export function buyerStatus(buyer: TaxBuyer): BuyerStatus {
  const vatId = vatIdOf(buyer)
  const isOtherBusiness = identifiesForeignBusiness(buyer)
  if (vatId === null) return { isBusiness: isOtherBusiness, vatIdCountry: null, vatIdFault: null, vatIdCheck: null }
  const offline = checkVatId(vatId, buyer.address.country)
  const online = buyer.vatIdCheck ?? { result: 'not_checked', consultation: null }
  // A register that knows the number is right about it, whatever its check digits.
  const isConfirmed = online.result === 'valid' && offline.reason === 'check_digits'
  if (offline.result !== 'valid' && !isConfirmed) {
    const vatIdCheck = { value: offline.normalized, result: 'invalid', consultation: null } as const
    return { isBusiness: isOtherBusiness, vatIdCountry: null, vatIdFault: 'malformed', vatIdCheck }
  }
  const vatIdCheck = { value: offline.normalized, ...pick(online) }
  if (online.result === 'invalid') {
    return { isBusiness: isOtherBusiness, vatIdCountry: null, vatIdFault: 'notRegistered', vatIdCheck }
  }
  const isEu = offline.country !== null && isEuCountry(offline.country)
  return { isBusiness: true, vatIdCountry: isEu ? offline.country : null, vatIdFault: null, vatIdCheck }
}

function vatIdOf(buyer: TaxBuyer): string | null {
  if (buyer.vatId !== null && buyer.vatId.trim() !== '') return buyer.vatId
  return buyer.taxId?.type === 'eu_vat' ? buyer.taxId.value : null
}

/** For buyers outside the EU; inside, only a VAT id counts. */
function identifiesForeignBusiness({ taxId, address }: TaxBuyer): boolean {
  if (taxId === null || taxId.type === 'eu_vat') return false
  return checkTaxId(taxId.type, taxId.value, address.country).identifiesBusiness
}

function pick({ result, consultation }: Pick<NonNullable<TaxEvidence['vatIdCheck']>, 'result' | 'consultation'>) {
  return { result, consultation }
}

import type { TaxEvidence } from '../document-snapshot.ts'

/** What a register said about a VAT id. `not_checked` where it could not be asked: that never hinders a sale. */
export interface VatIdCheck extends NonNullable<TaxEvidence['vatIdCheck']> {
  /** Why it was not checked, for the operator; null where it was. */
  readonly reason: string | null
}

/** Asks a register whether a VAT id exists. Never throws. */
export interface VatIdChecker {
  /** @param vatId normalized, with its prefix, such as EL094259216 */
  check(vatId: string): Promise<VatIdCheck>
}

/** The online check is off until the operator turns it on: form and check digits alone decide. */
export const offlineVatIdChecker: VatIdChecker = {
  check: (vatId) => Promise.resolve(notChecked(vatId, 'The online check is off.')),
}

export function notChecked(vatId: string, reason: string): VatIdCheck {
  return { value: vatId, result: 'not_checked', consultation: null, reason }
}

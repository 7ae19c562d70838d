import type { DocumentSnapshot, SellerParty } from '../document-snapshot.ts'
import { requiredText, textOrNone } from './written-text.ts'

/** How it was paid, or is to be (BG-16). */
export interface PaymentMeansTerms {
  /** UNTDID 4461 (BT-81). */
  readonly code: string
  /** What the payer writes beside the payment (BT-83). */
  readonly reference: string | null
  /** Where a transfer goes (BG-17); only with codes 30 and 58, and always with them (BR-61). */
  readonly account: { readonly iban: string; readonly holder: string | null; readonly bic: string | null } | null
}

const UNTDID_4461 = { notDefined: '1', creditTransfer: '30', card: '48', sepaCreditTransfer: '58' }

/** Null where nothing was paid in any way, or with vouchers: no money is moved for the document. */
export function paymentMeansTerms({ kind, currency, payment, seller }: DocumentSnapshot): PaymentMeansTerms | null {
  if (payment.means === 'NONE' || payment.means === 'VOUCHER') return null
  const reference = textOrNone(payment.reference)
  if (payment.means === 'CARD') return { code: UNTDID_4461.card, reference, account: null }
  // Money of a credit note goes to the buyer, whose account we do not print: the seller's would mislead.
  if (kind === 'CREDIT_NOTE' || seller.bank === null) return { code: UNTDID_4461.notDefined, reference, account: null }
  // SEPA moves euros alone.
  const code = currency === 'EUR' ? UNTDID_4461.sepaCreditTransfer : UNTDID_4461.creditTransfer
  return { code, reference, account: accountOf(seller.bank) }
}

function accountOf(bank: NonNullable<SellerParty['bank']>): PaymentMeansTerms['account'] {
  return {
    iban: requiredText(bank.iban, 'seller.bank.iban'),
    holder: textOrNone(bank.holder),
    bic: textOrNone(bank.bic),
  }
}

import type { SavedPaymentMethod } from '../../orders/stripe/payment-methods.ts'

const BRANDS: Readonly<Record<string, string>> = {
  amex: 'American Express',
  diners: 'Diners Club',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
}
const KINDS: Readonly<Record<string, string>> = { sepa_debit: 'Bank debit', us_bank_account: 'Bank account' }

/** A saved card as its owner knows it: "Visa ending in 4242, expires 12/44". */
export function shownCard({ kind, brand, last4, expMonth, expYear }: SavedPaymentMethod): string {
  const name = brand === null ? (KINDS[kind] ?? 'Card') : (BRANDS[brand] ?? brand)
  const ending = last4 === null ? name : `${name} ending in ${last4}`
  if (expMonth === null || expYear === null) return ending
  return `${ending}, expires ${expMonth.toString().padStart(2, '0')}/${(expYear % 100).toString().padStart(2, '0')}`
}

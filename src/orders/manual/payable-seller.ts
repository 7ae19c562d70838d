import { friendlyFormatIBAN } from 'ibantools'
import type { ClientBase, Pool } from 'pg'
import { type Seller, sellerTo } from '../../invoicing/seller.ts'
import { invalidField } from '../read-request.ts'

/** A seller that bank transfers can be made to. */
export interface PayableSeller {
  legalName: string
  address: Seller['address']
  /** Whose account it is, which need not be the seller's own name. */
  holder: string
  iban: string
  bic: string | null
  bankName: string | null
  taxId: string | null
  email: string | null
}

/**
 * Who sells to the account, and where a bank transfer goes.
 * @throws OrderError `invalid_request`, field `seller`, where nobody could be paid.
 */
export async function payableSeller(client: ClientBase | Pool, accountId: string): Promise<PayableSeller> {
  const seller = await sellerTo(client, accountId)
  if (!seller?.bank) throw invalidField('seller', 'must be set up first: without its bank details nobody can pay')
  const { legalName, address, vatId, taxNumber, email, bank } = seller
  const { holder, iban, bic, name } = bank
  return { legalName, address, holder, iban, bic, bankName: name, taxId: vatId ?? taxNumber, email }
}

/** Where the money goes, in the order to show it. */
export function bankDetails(seller: PayableSeller): { label: string; value: string }[] {
  return [
    { label: 'Account holder', value: seller.holder },
    { label: 'IBAN', value: friendlyFormatIBAN(seller.iban) ?? seller.iban },
    ...(seller.bic === null ? [] : [{ label: 'BIC', value: seller.bic }]),
    ...(seller.bankName === null ? [] : [{ label: 'Bank', value: seller.bankName }]),
  ]
}

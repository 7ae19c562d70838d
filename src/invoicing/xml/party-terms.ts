import type { DocumentSnapshot, PostalAddress } from '../document-snapshot.ts'
import { InvoiceXmlError } from './invoice-xml-error.ts'
import { countryCode, hasVatPrefix, requiredText, textOrNone } from './written-text.ts'

/** A seller or buyer in the terms of EN 16931. */
export interface PartyTerms {
  readonly name: string
  /** BT-29 and BT-46: another number of the party, without a scheme. */
  readonly identifier: string | null
  /** BT-30. */
  readonly registrationNumber: string | null
  /** BT-31 and BT-48. */
  readonly vatId: string | null
  /** BT-32: the number at the tax office, of a seller alone. */
  readonly taxNumber: string | null
  readonly address: AddressTerms
  /** BT-34 and BT-49, an email address. */
  readonly electronicAddress: string | null
  /** BG-6, of a seller alone. */
  readonly contact: { readonly phone: string | null; readonly email: string | null } | null
}

export interface AddressTerms {
  readonly line1: string | null
  readonly line2: string | null
  readonly city: string | null
  readonly region: string | null
  readonly postalCode: string | null
  readonly country: string
}

/**
 * The seller, with the numbers that the categories of the document want.
 * @throws InvoiceXmlError
 */
export function sellerTerms(snapshot: DocumentSnapshot): PartyTerms {
  const { seller } = snapshot
  const vatId = sellerVatId(seller.vatId)
  const taxNumber = textOrNone(seller.taxNumber)
  const registrationNumber = textOrNone(seller.registrationNumber)
  checkSeller(snapshot, vatId, taxNumber)
  const shown = shownVatId(snapshot, vatId)
  // One of three must be there (BR-CO-26); the number of the tax office, which is another field, is none of them.
  const identifier =
    registrationNumber === null && shown.vatId === null ? (shown.identifier ?? taxNumber) : shown.identifier
  if (identifier === null && registrationNumber === null && shown.vatId === null) {
    throw new InvoiceXmlError(
      'seller_not_identified',
      'seller',
      'The seller must have a VAT id, a tax number or a number in the company register (BR-CO-26).',
    )
  }
  const phone = textOrNone(seller.phone)
  const email = textOrNone(seller.email)
  return {
    name: requiredText(seller.legalName, 'seller.legalName'),
    identifier,
    registrationNumber,
    vatId: shown.vatId,
    taxNumber,
    address: addressTerms(seller.address, 'seller.address'),
    electronicAddress: email,
    contact: phone === null && email === null ? null : { phone, email },
  }
}

/**
 * The buyer.
 * @throws InvoiceXmlError `buyer_not_identified`, where the charge is reversed to one without a VAT id (BR-AE-02)
 */
export function buyerTerms(snapshot: DocumentSnapshot): PartyTerms {
  const { buyer } = snapshot
  const { vatId, identifier } = shownVatId(snapshot, textOrNone(buyer.vatId))
  if (vatId === null && snapshot.taxes.some(({ category }) => category === 'AE')) {
    throw new InvoiceXmlError(
      'buyer_not_identified',
      'buyer.vatId',
      'A reverse charge needs the VAT id of the buyer (BR-AE-02).',
    )
  }
  return {
    name: requiredText(buyer.name, 'buyer.name'),
    identifier: textOrNone(buyer.taxId?.value ?? null) ?? identifier,
    registrationNumber: null,
    vatId,
    taxNumber: null,
    address: addressTerms(buyer.address, 'buyer.address'),
    electronicAddress: textOrNone(buyer.email),
    contact: null,
  }
}

/**
 * Outside the scope of VAT no VAT id may stand as such (BR-O-02), and nowhere one without its country (BR-CO-09); it is
 * still said, as a number of the party.
 */
function shownVatId({ taxes }: DocumentSnapshot, vatId: string | null) {
  const isOutsideScope = taxes.some(({ category }) => category === 'O')
  const isShown = vatId !== null && hasVatPrefix(vatId) && !isOutsideScope
  return isShown ? { vatId, identifier: null } : { vatId: null, identifier: vatId }
}

/** A seller's is set up once, and must be right. */
function sellerVatId(vatId: string | null): string | null {
  const written = textOrNone(vatId)
  if (written === null || hasVatPrefix(written)) return written
  throw new InvoiceXmlError(
    'vat_id_not_valid',
    'seller.vatId',
    'The VAT id of the seller must begin with its country, as DE123456789 does.',
  )
}

function checkSeller({ taxes }: DocumentSnapshot, vatId: string | null, taxNumber: string | null): void {
  for (const { category } of taxes) {
    if (category === 'O') continue
    // An export is for those registered for VAT alone (BR-G-02); a reverse charge too, by article 226(3) of 2006/112/EC.
    const needsVatId = category === 'G' || category === 'AE'
    if (vatId !== null || (!needsVatId && taxNumber !== null)) continue
    throw new InvoiceXmlError(
      'seller_not_identified',
      'seller.vatId',
      needsVatId
        ? `Category ${category} needs the VAT id of the seller.`
        : `Category ${category} needs the VAT id of the seller, or its tax number (BR-${category}-02).`,
    )
  }
}

function addressTerms(address: PostalAddress, field: string): AddressTerms {
  return {
    line1: textOrNone(address.line1),
    line2: textOrNone(address.line2),
    city: textOrNone(address.city),
    region: textOrNone(address.region),
    postalCode: textOrNone(address.postalCode),
    country: countryCode(address.country, `${field}.country`),
  }
}

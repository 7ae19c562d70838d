import type { AddressTerms, PartyTerms } from './party-terms.ts'
import { group, leaf, type OptionalElement } from './xml-writer.ts'

/** CEF list of electronic address schemes: an email address. */
const EMAIL_SCHEME = 'EM'

/** A party in the order of UBL's type PartyType. */
export function ublParty(name: string, party: PartyTerms): OptionalElement {
  return group(name, [
    group('cac:Party', [
      leaf('cbc:EndpointID', party.electronicAddress, { schemeID: EMAIL_SCHEME }),
      group('cac:PartyIdentification', [leaf('cbc:ID', party.identifier)]),
      address(party.address),
      taxRegistration(party.vatId, 'VAT'),
      // Any scheme but VAT says that it is the number of the tax office (BT-32).
      taxRegistration(party.taxNumber, 'FC'),
      group('cac:PartyLegalEntity', [
        leaf('cbc:RegistrationName', party.name),
        leaf('cbc:CompanyID', party.registrationNumber),
      ]),
      group('cac:Contact', [
        leaf('cbc:Telephone', party.contact?.phone ?? null),
        leaf('cbc:ElectronicMail', party.contact?.email ?? null),
      ]),
    ]),
  ])
}

export function ublTaxScheme(id: 'VAT' | 'FC'): OptionalElement {
  return group('cac:TaxScheme', [leaf('cbc:ID', id)])
}

function taxRegistration(number: string | null, scheme: 'VAT' | 'FC'): OptionalElement {
  if (number === null) return null
  return group('cac:PartyTaxScheme', [leaf('cbc:CompanyID', number), ublTaxScheme(scheme)])
}

function address({ line1, line2, city, postalCode, region, country }: AddressTerms): OptionalElement {
  return group('cac:PostalAddress', [
    leaf('cbc:StreetName', line1),
    leaf('cbc:AdditionalStreetName', line2),
    leaf('cbc:CityName', city),
    leaf('cbc:PostalZone', postalCode),
    leaf('cbc:CountrySubentity', region),
    group('cac:Country', [leaf('cbc:IdentificationCode', country)]),
  ])
}

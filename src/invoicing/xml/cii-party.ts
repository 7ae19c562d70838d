import type { AddressTerms, PartyTerms } from './party-terms.ts'
import { group, leaf, type OptionalElement } from './xml-writer.ts'

/** CEF list of electronic address schemes: an email address. */
const EMAIL_SCHEME = 'EM'

/** A party in the order of the type TradePartyType. */
export function ciiParty(name: string, party: PartyTerms): OptionalElement {
  return group(name, [
    leaf('ram:ID', party.identifier),
    leaf('ram:Name', party.name),
    group('ram:SpecifiedLegalOrganization', [leaf('ram:ID', party.registrationNumber)]),
    contact(party),
    address(party.address),
    group('ram:URIUniversalCommunication', [leaf('ram:URIID', party.electronicAddress, { schemeID: EMAIL_SCHEME })]),
    group('ram:SpecifiedTaxRegistration', [leaf('ram:ID', party.vatId, { schemeID: 'VA' })]),
    group('ram:SpecifiedTaxRegistration', [leaf('ram:ID', party.taxNumber, { schemeID: 'FC' })]),
  ])
}

/** A day (YYYY-MM-DD) in the format 102 of UNTDID 2379: YYYYMMDD. */
export function ciiDay(name: string, day: string): OptionalElement {
  return leaf(name, day.replaceAll('-', ''), { format: '102' })
}

function contact({ contact }: PartyTerms): OptionalElement {
  return group('ram:DefinedTradeContact', [
    group('ram:TelephoneUniversalCommunication', [leaf('ram:CompleteNumber', contact?.phone ?? null)]),
    group('ram:EmailURIUniversalCommunication', [leaf('ram:URIID', contact?.email ?? null)]),
  ])
}

function address({ postalCode, line1, line2, city, country, region }: AddressTerms): OptionalElement {
  return group('ram:PostalTradeAddress', [
    leaf('ram:PostcodeCode', postalCode),
    leaf('ram:LineOne', line1),
    leaf('ram:LineTwo', line2),
    leaf('ram:CityName', city),
    leaf('ram:CountryID', country),
    leaf('ram:CountrySubDivisionName', region),
  ])
}

import { createRequire } from 'node:module'
import countries from 'i18n-iso-countries'
import type {
  BuyerParty,
  DocumentLanguage,
  PostalAddress,
  SellerParty,
} from '../../../src/invoicing/document-snapshot.ts'
import { DOCUMENT_LANGUAGES } from '../../../src/invoicing/document-snapshot.ts'
import type { Words } from './words.ts'

const require = createRequire(import.meta.url)
for (const language of DOCUMENT_LANGUAGES)
  countries.registerLocale(require(`i18n-iso-countries/langs/${language}.json`))

/** Where the city comes first, then the region and the postal code. */
const CITY_FIRST = new Set(['US', 'CA', 'AU'])
/** Where the postal code has a line of its own. */
const CODE_LAST = new Set(['GB', 'IE'])

/** As it is written in its own country, with the country's name in the document's language. */
export function addressLines(address: PostalAddress, language: DocumentLanguage): string[] {
  const country = address.country === null ? null : (countries.getName(address.country, language) ?? address.country)
  return filled([address.line1, address.line2, ...cityLines(address), country])
}

function cityLines({ city, region, postalCode, country }: PostalAddress): (string | null)[] {
  if (CITY_FIRST.has(country ?? '')) return [filled([city, filled([region, postalCode]).join(' ')]).join(', ')]
  if (CODE_LAST.has(country ?? '')) return [city, region, postalCode]
  return [filled([filled([postalCode, city]).join(' '), region]).join(', ')]
}

/** What a seller is known by at the tax office and in the register. */
export function sellerIds({ vatId, taxNumber, registrationNumber }: SellerParty, words: Words): string[] {
  return [
    ...labelled(words.vatId, vatId),
    ...labelled(words.taxNumber, taxNumber),
    ...labelled(words.registrationNumber, registrationNumber),
  ]
}

export function buyerIds({ vatId, taxId }: BuyerParty, words: Words): string[] {
  return [...labelled(words.vatId, vatId), ...labelled(words.otherTaxId, taxId?.value ?? null)]
}

const labelled = (label: string, value: string | null) => (value === null ? [] : [`${label} ${value}`])

const filled = (parts: readonly (string | null)[]) =>
  parts.filter((part) => part !== null && part.trim() !== '') as string[]

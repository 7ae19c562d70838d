import { decideTax } from '../../src/invoicing/tax/decide-tax.ts'
import {
  isRefused,
  type TaxBuyer,
  type TaxDecision,
  type TaxInput,
  type TaxSeller,
} from '../../src/invoicing/tax/tax-decision.ts'
import { SHIPPED_TAX_TABLE } from '../../src/invoicing/tax/tax-rate-table.ts'

type AddressText = string

/** `DE`, `ES 35001` or `US-CA`: country, and postal code or state. */
export function addressOf(text: AddressText): TaxSeller['address'] {
  const [, country = null, region = null, postalCode = null] = /^([^\s-]*)(?:-(\w+))?(?: (.+))?$/.exec(text) ?? []
  return { country: country || null, region, postalCode }
}

export function sellerIn(address: AddressText, differences: Partial<TaxSeller> = {}): TaxSeller {
  return {
    address: addressOf(address),
    vatId: 'given',
    isSmallBusiness: false,
    ossRegistered: false,
    isBelowOssThreshold: false,
    exemption: null,
    registrations: [],
    exportCategory: null,
    ...differences,
  }
}

export function buyerIn(address: AddressText, differences: Partial<TaxBuyer> = {}): TaxBuyer {
  return { address: addressOf(address), vatId: null, taxId: null, ...differences }
}

/** A sale of 100.00 on a day in 2026 in a language of the caller's, with the shipped table. */
export function saleOf(differences: Partial<TaxInput> & Pick<TaxInput, 'seller' | 'buyer'>): TaxInput {
  return {
    evidence: [],
    netMinor: 100_00n,
    currency: 'EUR',
    date: '2026-06-15',
    language: 'en',
    table: SHIPPED_TAX_TABLE,
    ...differences,
  }
}

export function decided(input: TaxInput): TaxDecision {
  const outcome = decideTax(input)
  if (isRefused(outcome)) throw new Error(`Expected a decision, but got ${JSON.stringify(outcome)}.`)
  return outcome
}

/** Numbers that their makers publish, each with right check digits. */
export const VALID_EU_VAT_IDS: Readonly<Record<string, string>> = {
  AT: 'ATU13585627',
  BE: 'BE0428759497',
  BG: 'BG175074752',
  CY: 'CY10259033P',
  CZ: 'CZ25123891',
  DE: 'DE136695976',
  DK: 'DK13585628',
  EE: 'EE100931558',
  ES: 'ESB58378431',
  FI: 'FI20774740',
  FR: 'FR40303265045',
  GR: 'EL094259216',
  HR: 'HR33392005961',
  HU: 'HU12892312',
  IE: 'IE6433435F',
  IT: 'IT00743110157',
  LT: 'LT119511515',
  LU: 'LU15027442',
  LV: 'LV40003521600',
  MT: 'MT11679112',
  NL: 'NL004495445B01',
  PL: 'PL8567346215',
  PT: 'PT501964843',
  RO: 'RO18547290',
  SE: 'SE556188840401',
  SI: 'SI50223054',
  SK: 'SK2022749619',
}

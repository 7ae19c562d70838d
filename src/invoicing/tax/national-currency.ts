import type { TaxRule } from './tax-decision.ts'
import type { TaxTerritory } from './tax-territory.ts'

/**
 * The currency in which VAT has to be stated, whatever currency the invoice is in (Directive 2006/112/EC, article 230;
 * UK VAT Regulations 1995, reg. 14(1); Swiss MWSTG article 26 leaves it to the franc by MWSTV article 45; Norwegian
 * bokføringsforskriften § 5-1-1).
 */
const CURRENCIES: Readonly<Record<string, string>> = {
  CH: 'CHF',
  CZ: 'CZK',
  DK: 'DKK',
  GB: 'GBP',
  HU: 'HUF',
  NO: 'NOK',
  PL: 'PLN',
  RO: 'RON',
  SE: 'SEK',
}

/** States that took the euro within the rate table's history: the first day of it, and what they had before. */
const EURO_JOINERS: Readonly<Record<string, { from: string; before: string }>> = {
  BG: { from: '2026-01-01', before: 'BGN' },
  HR: { from: '2023-01-01', before: 'HRK' },
}

/** ISO 4217; null = not known for the area. */
export function nationalCurrency(area: string, isEu: boolean, day: string): string | null {
  const joiner = EURO_JOINERS[area]
  if (joiner && day < joiner.from) return joiner.before
  return CURRENCIES[area] ?? (isEu ? 'EUR' : null)
}

/**
 * The currency that the tax charged by a rule has to be stated in; null = not known. Sales declared at home, or in the One Stop
 * Shop there, are invoiced by the rules of home (article 219a).
 */
export function currencyOfTax(rule: TaxRule, from: TaxTerritory, to: TaxTerritory, day: string): string | null {
  if (rule === 'oss' && !from.isEu) return 'EUR'
  const { area, isEu } = rule === 'registered_abroad' || rule === 'destination' ? to : from
  return nationalCurrency(area, isEu, day)
}

import { euVat } from 'stdnum'
import { canonicalCountry, EU_COUNTRIES, isEuCountry } from './country-code.ts'
import { invalidTaxId, runValidator, type TaxIdCheck, validatorAt, validTaxId } from './tax-id-check.ts'

/** The prefix of a VAT id is the ISO code, but for Greece (Directive 2006/112/EC, article 215). */
export function vatPrefix(country: string): string {
  return country === 'GR' ? 'EL' : country
}

const PREFIXES: ReadonlySet<string> = new Set([...EU_COUNTRIES, 'EL', 'XI'])

/** A compacted id of the EU's, or of Northern Ireland with the prefix XI; `country` helps where the prefix is missing. */
export function checkEuVatId(compact: string, country: string | null): TaxIdCheck {
  const prefix = compact.slice(0, 2)
  const holder = canonicalCountry(country)
  const withPrefix = PREFIXES.has(prefix) ? checkPrefixed(prefix, compact.slice(2)) : null
  if (withPrefix?.result === 'valid') return withPrefix
  // French and other numbers may begin with letters that look like a prefix, so the bare number is tried as well.
  const bare = holder !== null && isEuCountry(holder) ? checkPrefixed(vatPrefix(holder), compact) : null
  if (bare?.result === 'valid') return bare
  if (withPrefix) return withPrefix
  if (/^[A-Z]{2}[^A-Z]/.test(compact) && canonicalCountry(prefix) !== null && bare === null) {
    return invalidTaxId(compact, 'not_an_eu_prefix')
  }
  return bare ?? invalidTaxId(compact, 'prefix_missing')
}

/** Sole traders in Bulgaria have their personal number, or that of a foreigner, as VAT id (ZDDS, article 94(2)). */
const FURTHER_VALIDATORS: Readonly<Record<string, readonly string[]>> = { BG: ['BG.egn', 'BG.pnf'] }

function checkPrefixed(prefix: string, number: string): TaxIdCheck {
  if (prefix === 'XI') return checkUkNumber('XI', number)
  const country = prefix === 'EL' ? 'GR' : prefix
  let isNearMiss = false
  for (const validator of [...(euVat[country] ?? []), ...(FURTHER_VALIDATORS[country] ?? []).map(validatorAt)]) {
    const verdict = runValidator(validator, number)
    // A VAT id is given to a taxable person, whether a firm or not.
    if (verdict.isValid) return validTaxId(vatPrefix(country) + verdict.compact, country)
    isNearMiss ||= verdict.fault === 'check_digits'
  }
  return invalidTaxId(vatPrefix(country) + number, isNearMiss ? 'check_digits' : 'malformed', country)
}

/** A British id, or a Northern Irish one: the same numbers. */
export function checkGbVatId(compact: string): TaxIdCheck {
  const prefix = compact.startsWith('XI') ? 'XI' : 'GB'
  return checkUkNumber(prefix, compact.replace(/^(GB|XI)/, ''))
}

function checkUkNumber(prefix: 'GB' | 'XI', number: string): TaxIdCheck {
  const verdict = runValidator(validatorAt('GB.vat'), number)
  if (verdict.isValid) return validTaxId(prefix + verdict.compact, 'GB')
  return invalidTaxId(prefix + number, verdict.fault, 'GB')
}

/** CHE and nine digits, with the tax's name behind it in one of three languages or without. */
export function checkSwissVatId(compact: string): TaxIdCheck {
  const number = compact.replace(/(MWST|TVA|IVA)$/, '')
  const suffix = compact.slice(number.length) || 'MWST'
  const verdict = runValidator(validatorAt('CH.uid'), number)
  if (verdict.isValid) return validTaxId(verdict.compact + suffix, 'CH')
  return invalidTaxId(compact, verdict.fault, 'CH')
}

/** Nine digits and MVA, with NO in front or not; the organisation number alone is taken as meaning it. */
export function checkNorwegianVatId(compact: string): TaxIdCheck {
  const digits = compact.replace(/^NO/, '').replace(/MVA$/, '')
  const verdict = runValidator(validatorAt('NO.mva'), `${digits}MVA`)
  if (verdict.isValid) return validTaxId(`NO${digits}MVA`, 'NO')
  return invalidTaxId(compact, verdict.fault, 'NO')
}

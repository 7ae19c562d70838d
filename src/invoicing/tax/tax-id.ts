import { canonicalCountry } from './country-code.ts'
import {
  invalidTaxId,
  runValidator,
  type TaxIdCheck,
  type TaxIdFault,
  validatorAt,
  validTaxId,
} from './tax-id-check.ts'
import { TAX_ID_VALIDATORS } from './tax-id-types.ts'
import { checkEuVatId, checkGbVatId, checkNorwegianVatId, checkSwissVatId } from './vat-id.ts'

/** No tax id of any country is longer with its spaces; beyond it, it is a text and not a number. */
const TAX_ID_CHARACTERS_MAX = 40

/**
 * Checks a tax id offline, by form and check digits: whether it could exist, not whether it does.
 *
 * @param type as Stripe names it, such as `eu_vat`
 * @param country where the holder is, for an EU VAT id that was written without its prefix
 */
export function checkTaxId(type: string, value: string, country: string | null = null): TaxIdCheck {
  const compact = compactTaxId(value)
  if (compact === '') return invalidTaxId(compact, 'empty')
  if (compact.length > TAX_ID_CHARACTERS_MAX) {
    return invalidTaxId(compact.slice(0, TAX_ID_CHARACTERS_MAX), 'too_long')
  }
  switch (type) {
    case 'eu_vat':
    case 'eu_oss_vat':
      return checkEuVatId(compact, country)
    case 'gb_vat':
      return checkGbVatId(compact)
    case 'ch_vat':
      return checkSwissVatId(compact)
    case 'no_vat':
      return checkNorwegianVatId(compact)
    case 'jp_trn':
      return checkJapaneseRegistration(compact)
    default:
      return checkByTable(type, compact)
  }
}

/** A VAT id of whatever scheme its prefix names, as on an address or a seller: DE…, EL…, XI…, GB…, CHE…, NO…MVA. */
export function checkVatId(value: string, country: string | null): TaxIdCheck {
  const start = value.trimStart().slice(0, 3).toUpperCase()
  const holder = canonicalCountry(country)
  if (start.startsWith('GB')) return checkTaxId('gb_vat', value)
  if (start === 'CHE') return checkTaxId('ch_vat', value)
  if (start.startsWith('NO') || (holder === 'NO' && /^\d/.test(start))) return checkTaxId('no_vat', value)
  if (holder === 'GB' && /^\d/.test(start)) return checkTaxId('gb_vat', value)
  return checkTaxId('eu_vat', value, holder)
}

/** In one form whatever was typed: full-width letters, small letters, spaces of all kinds, dots and dashes. */
export function compactTaxId(value: string): string {
  // Cut first, so that a text of megabytes costs nothing; twice the limit leaves room for what is dropped.
  const start = value.slice(0, TAX_ID_CHARACTERS_MAX * 3)
  return start
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Cc}\p{Cf}.\-–_/]/gu, '')
}

function checkByTable(type: string, compact: string): TaxIdCheck {
  const paths = Object.hasOwn(TAX_ID_VALIDATORS, type) ? TAX_ID_VALIDATORS[type]! : []
  const country = paths.length > 0 ? type.slice(0, 2).toUpperCase() : null
  let fault: TaxIdFault | null = null
  for (const path of paths) {
    const verdict = runValidator(validatorAt(path), compact)
    if (verdict.isValid) return validTaxId(verdict.compact, country, verdict.identifiesBusiness)
    // Wrong check digits of one form say more than the wrong length of another.
    if (fault === null || verdict.fault === 'check_digits') fault = verdict.fault
  }
  if (fault === null) {
    return { normalized: compact, result: 'unknown', reason: 'not_checkable', country, identifiesBusiness: false }
  }
  return invalidTaxId(compact, fault, country)
}

/**
 * T and 13 digits. A company's are its corporate number, with a check digit; those of a sole proprietor follow no published
 * rule, so what fails the check is unknown rather than invalid.
 */
function checkJapaneseRegistration(compact: string): TaxIdCheck {
  const digits = compact.replace(/^T/, '')
  if (!/^\d{13}$/.test(digits)) return invalidTaxId(compact, 'malformed', 'JP')
  if (runValidator(validatorAt('JP.cn'), digits).isValid) return validTaxId(`T${digits}`, 'JP')
  return {
    normalized: `T${digits}`,
    result: 'unknown',
    reason: 'not_checkable',
    country: 'JP',
    identifiesBusiness: false,
  }
}

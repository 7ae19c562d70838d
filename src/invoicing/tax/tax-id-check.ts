import { stdnum, type Validator } from 'stdnum'

export type TaxIdFault =
  | 'empty'
  | 'too_long'
  /** An EU VAT id without its country in front, and no country known. */
  | 'prefix_missing'
  /** The prefix of a country that gives no EU VAT ids, such as GB since 2021. */
  | 'not_an_eu_prefix'
  /** Length, letters or parts are not those of such an id. */
  | 'malformed'
  | 'check_digits'
  /** There is no rule for this type to check it by. */
  | 'not_checkable'

export interface TaxIdCheck {
  /** In capitals, without spaces and dots; a VAT id with its country prefix. As given, where it is not valid. */
  readonly normalized: string
  readonly result: 'valid' | 'invalid' | 'unknown'
  /** Why it is not `valid`; null where it is. */
  readonly reason: TaxIdFault | null
  /** ISO 3166-1 country that gave it; Greece is GR, and XI is GB. Null = not known. */
  readonly country: string | null
  /** False for an id that only persons have, such as a Brazilian CPF, and for one that is not valid. */
  readonly identifiesBusiness: boolean
}

export function validTaxId(normalized: string, country: string | null, identifiesBusiness = true): TaxIdCheck {
  return { normalized, result: 'valid', reason: null, country, identifiesBusiness }
}

export function invalidTaxId(normalized: string, reason: TaxIdFault, country: string | null = null): TaxIdCheck {
  return { normalized, result: 'invalid', reason, country, identifiesBusiness: false }
}

export type Verdict =
  | { isValid: true; compact: string; identifiesBusiness: boolean }
  | { isValid: false; fault: 'malformed' | 'check_digits' }

export function runValidator(validator: Validator, value: string): Verdict {
  try {
    const checked = validator.validate(value)
    if (checked.isValid) {
      const { compact, isCompany, isIndividual } = checked
      return { isValid: true, compact, identifiesBusiness: isCompany || !isIndividual }
    }
    return { isValid: false, fault: checked.error.name === 'InvalidChecksum' ? 'check_digits' : 'malformed' }
  } catch {
    // Some of them throw on a text that is nothing like a number, such as the Dutch one on an empty text.
    return { isValid: false, fault: 'malformed' }
  }
}

export function validatorAt(path: string): Validator {
  const [country = '', name = ''] = path.split('.')
  const validator = stdnum[country]?.[name]
  if (!validator) throw new RangeError(`Expected stdnum to have a validator ${path}.`)
  return validator
}

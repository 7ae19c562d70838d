import { z } from 'zod'
import { parseDecimalNano } from '../../money/nano.ts'

/** No field of a form is longer; lists of models and addresses are the longest. */
const FIELD_LENGTH_MAX = 20_000
const field = z.string().max(FIELD_LENGTH_MAX)

/** What a form says in a field; '' where it says nothing, twice, or far too much. */
export function textOf(fields: unknown, name: string): string {
  const parsed = field.safeParse((fields as Record<string, unknown> | null | undefined)?.[name])
  return parsed.success ? parsed.data.trim() : ''
}

/** What a list of check boxes says: nothing, one, or several. */
export function listOf(fields: unknown, name: string): string[] {
  const given = (fields as Record<string, unknown> | null | undefined)?.[name]
  return [given].flat().filter((value): value is string => typeof value === 'string')
}

/** The lines of a text, or what commas part in it, without empty ones. */
export function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Digits with or without commas between thousands, and at most six digits after the point. */
const AMOUNT = /^(\d{1,12}|\d{1,3}(,\d{3})+)(\.\d{1,6})?$/

/** An amount as people write it, such as "$1,250.00": in nano. Null = it cannot be read for certain. */
export function amountNanoOf(text: string): bigint | null {
  const bare = text.replace(/^[$€£]\s*/, '')
  return AMOUNT.test(bare) ? parseDecimalNano(bare.replaceAll(',', '')) : null
}

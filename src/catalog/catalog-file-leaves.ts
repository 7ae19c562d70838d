import { z } from 'zod'
import { parseDecimalNano } from '../money/nano.ts'
import { RATE_NANO_MAX } from '../pricing/rate-card.ts'
import { TOKENS_MAX } from '../pricing/token-usage.ts'

/** How much of a wrong value a message repeats. */
const QUOTED_MAX = 60
/** A column of type INTEGER holds no more. */
const INTEGER_MAX = 2_147_483_647

/** A value read from its text. `read` answers undefined for what is not as expected. */
function leaf<T>(expected: string, read: (text: string) => T | undefined, isSecret = false) {
  return z.unknown().transform((value, context): T => {
    const read_ = typeof value === 'string' ? read(value) : undefined
    if (read_ !== undefined) return read_
    const found = isSecret && typeof value === 'string' ? 'something else' : describe(value)
    context.issues.push({ code: 'custom', input: value, message: `expected ${expected}, found ${found}` })
    return z.NEVER
  })
}

export function describe(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return JSON.stringify(String(value).slice(0, QUOTED_MAX))
}

const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : undefined)

export const slug = leaf(
  'a slug of lower-case letters, digits and dashes, at most 63',
  matching(/^[a-z0-9][a-z0-9-]{0,62}$/),
)

export const modelName = leaf(
  'a model name of letters, digits and any of . _ : / @ + -, at most 128',
  matching(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/),
)

export const freeText = leaf('a text of at most 200 characters', matching(/^[^\p{C}]{1,200}$/u))

// A key may have been pasted into the wrong place, so neither of these is ever repeated.
export const apiKey = leaf('an API key without spaces', matching(/^[\x21-\x7e]{1,4096}$/), true)
export const environmentName = leaf(
  'the name of an environment variable such as "OPENAI_API_KEY"',
  matching(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/),
  true,
)

/** Never repeated either, as an address may carry a password. */
export const baseUrl = leaf(
  'an address that begins with http:// or https://, without user, query or fragment',
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined
    if (/[\s?#]/.test(text) || url.username !== '' || url.password !== '') return undefined
    return text.replace(/\/+$/, '')
  },
  true,
)

export function oneOf<const T extends string>(names: readonly T[]) {
  const expected = names.map((name) => JSON.stringify(name)).join(' or ')
  return leaf(`${names.length > 2 ? 'one of ' : ''}${expected}`, (text) => names.find((name) => name === text))
}

export const flag = leaf('true or false', (text) => (text === 'true' ? true : text === 'false' ? false : undefined))

export function wholeNumber(what: string, min: number, max: number = INTEGER_MAX) {
  return leaf(`${what} from ${min} to ${max}`, (text) => wholeNumberIn(text, min, max))
}

function wholeNumberIn(text: string, min: number, max: number): number | undefined {
  const number = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return number >= min && number <= max ? number : undefined
}

export const tokenCount = wholeNumber('a whole number of tokens', 1)
/** An embedding model has no output at all. */
export const outputTokenCount = wholeNumber('a whole number of tokens', 0)
export const tokenCountOrNull = leaf(`a whole number of tokens from 1 to ${INTEGER_MAX}, or null`, (text) =>
  text === 'null' ? null : wholeNumberIn(text, 1, INTEGER_MAX),
)
export const tokenThreshold = wholeNumber('a whole number of tokens', 1, TOKENS_MAX)

function decimal(expected: string) {
  return leaf(expected, (text) => {
    try {
      const nano = parseDecimalNano(text)
      return nano >= 0n && nano <= RATE_NANO_MAX && !text.startsWith('-') ? nano : undefined
    } catch {
      return undefined
    }
  })
}

export const ratePerMillion = decimal('a decimal string such as "0.15" (price per million tokens)')
export const amountPerRequest = decimal('a decimal string such as "0.005" (price per request)')

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

export const instant = leaf(
  'a date such as 2027-01-01 (its first instant, UTC) or a time with its zone such as 2027-01-01T09:00:00Z',
  (text) => {
    const [, year, month, day] = INSTANT.exec(text) ?? []
    const date = new Date(text)
    if (year === undefined || Number.isNaN(date.getTime())) return undefined
    // JavaScript reads 30 February as 2 March.
    const written = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
    return written.getUTCDate() === Number(day) ? date : undefined
  },
)

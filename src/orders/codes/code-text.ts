import { hash, randomBytes } from 'node:crypto'

/** Crockford's base 32: no I, L, O or U, so that what is read aloud or written down is not mistaken. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BITS_PER_CHARACTER = 5
/** 80 random bits: nobody guesses one, and a plain SHA-256 is enough to keep it by. */
const RANDOM_BYTES = 10
const LENGTH = (RANDOM_BYTES * 8) / BITS_PER_CHARACTER
const PREFIX = 'FB'
const GROUP_LENGTH = 4
/** Enough to recognise a code by; 60 of its bits stay unknown. */
const HINT_LENGTH = 4
/** What people type around a code is short; more is not read. */
const INPUT_LENGTH_MAX = 100

/** The sixteen characters that a code consists of, without prefix and dashes. */
export type CodeCharacters = string & { readonly brand: 'CodeCharacters' }

/** A code that nobody has seen before. */
export function randomCode(): CodeCharacters {
  let bits = BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`)
  let characters = ''
  for (let index = 0; index < LENGTH; index += 1) {
    characters = `${ALPHABET[Number(bits & 31n)]}${characters}`
    bits >>= 5n
  }
  return characters as CodeCharacters
}

/** As it is handed out: FB-XXXX-XXXX-XXXX-XXXX. */
export function printedCode(characters: CodeCharacters): string {
  const groups = characters.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) ?? []
  return [PREFIX, ...groups].join('-')
}

/**
 * The code that somebody means: in either case, with or without prefix, dashes and spaces, and with the letters that
 * look like digits. Null = not a code.
 */
export function readCode(input: string): CodeCharacters | null {
  if (input.length > INPUT_LENGTH_MAX) return null
  const compact = input.replace(/[\s\p{Dash_Punctuation}]/gu, '').toUpperCase()
  const hasPrefix = compact.length === LENGTH + PREFIX.length && compact.startsWith(PREFIX)
  const characters = (hasPrefix ? compact.slice(PREFIX.length) : compact).replaceAll('O', '0').replace(/[IL]/g, '1')
  if (characters.length !== LENGTH || [...characters].some((one) => !ALPHABET.includes(one))) return null
  return characters as CodeCharacters
}

/** What is kept of a code: its SHA-256. */
export function codeHash(characters: CodeCharacters): Buffer {
  return hash('sha256', characters, 'buffer')
}

export function codeHint(characters: CodeCharacters): string {
  return characters.slice(-HINT_LENGTH)
}

/** How a series writes its numbers, such as `FB-{yyyy}-{000001}`: text, the year, and a counter of at least so many digits. */
export interface NumberPattern {
  readonly text: string
  readonly hasYear: boolean
}

const TOKEN = /\{([^}]*)\}/g
const COUNTER = /^0*1$/
/** Documents carry it in fields that other programs limit; EN 16931 does not. */
const LENGTH_MAX = 40
const SAFE = /^[A-Za-z0-9 ./_{}-]+$/

export type ParsedPattern = { ok: true; pattern: NumberPattern } | { ok: false; expected: string }

/** Reads a pattern, or says what was expected of it. */
export function parsePattern(text: string, { yearly }: { yearly: boolean }): ParsedPattern {
  const tokens = [...text.matchAll(TOKEN)].map((match) => match[1] as string)
  const counters = tokens.filter((token) => COUNTER.test(token))
  const years = tokens.filter((token) => token === 'yyyy' || token === 'yy')
  const refuse = (expected: string): ParsedPattern => ({ ok: false, expected })
  if (!SAFE.test(text)) return refuse('letters, digits, spaces and . / _ - beside what stands in braces')
  if (text.replace(TOKEN, '').includes('{') || text.replace(TOKEN, '').includes('}')) return refuse('braces in pairs')
  if (counters.length !== 1) return refuse('exactly one counter, such as {000001}')
  if (counters.length + years.length !== tokens.length) return refuse('only {yyyy}, {yy} and a counter in braces')
  if (yearly && years.length === 0) return refuse('the year, {yyyy}, where numbers begin anew each year')
  if (text.length > LENGTH_MAX) return refuse(`at most ${LENGTH_MAX} characters`)
  return { ok: true, pattern: { text, hasYear: years.length > 0 } }
}

/** Writes a number. A counter that has outgrown its digits gets more of them. */
export function writeNumber(pattern: string, year: number, sequence: bigint): string {
  return pattern.replace(TOKEN, (_whole, token: string) => {
    if (token === 'yyyy') return String(year).padStart(4, '0')
    if (token === 'yy') return String(year % 100).padStart(2, '0')
    return sequence.toString().padStart(token.length, '0')
  })
}

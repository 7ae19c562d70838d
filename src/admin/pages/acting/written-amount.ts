/** An amount as it was typed, in integer units of its last digit; or why it is none, in words for who typed it. */
export type WrittenAmount =
  | { readonly ok: true; readonly units: bigint }
  | { readonly ok: false; readonly problem: string }

/** Longer than any amount that there is, with all its separators. */
const LENGTH_MAX = 40
const CURRENCY = /^([A-Z]{3})\s+|\s+([A-Z]{3})$/
/** A space, also one that does not break, and the apostrophe of Switzerland: they only ever part thousands. */
const PARTING = /[\s\u00a0\u202f'’]/
const GROUPED = /^\d{1,3}(?:[^\d]\d{3})+$/

/**
 * Reads an amount as people write it in most places: `1250`, `1,250.00`, `1.250,00`, `1 250,00`, `1’250.00`, with or without
 * the currency. What could mean two amounts, such as `1,250`, is refused rather than guessed.
 * @param digits how many digits there are after the point: 2 for minor units, 9 for nano
 * @param currency what it must be in, where it names one
 */
export function readWrittenAmount(text: string, digits: number, currency: string | null = null): WrittenAmount {
  const trimmed = text.trim()
  if (trimmed === '') return refused('Enter an amount.')
  if (trimmed.length > LENGTH_MAX) return refused('This is too long for an amount.')
  const match = CURRENCY.exec(trimmed)
  const named = match?.[1] ?? match?.[2] ?? null
  if (named !== null && currency !== null && named !== currency) {
    return refused(`This is in ${named}, but the amount has to be in ${currency}.`)
  }
  const bare = named === null ? trimmed : trimmed.replace(CURRENCY, '').trim()
  if (/^[-−+]/.test(bare)) return refused('Write the amount without a sign.')
  if (!/^[\d.,\s\u00a0\u202f'’]+$/.test(bare) || !/^\d/.test(bare) || !/\d$/.test(bare)) {
    return refused('Write the amount in digits, such as 1250.00.')
  }
  return split(bare, digits)
}

function split(text: string, digits: number): WrittenAmount {
  const marks = [...text].filter((character) => !/\d/.test(character)).map((mark) => (PARTING.test(mark) ? ' ' : mark))
  const kinds = [...new Set(marks)]
  const last = marks.at(-1)
  const isPoint = last !== undefined && last !== ' ' && marks.filter((mark) => mark === last).length === 1
  const at = isPoint ? Math.max(text.lastIndexOf('.'), text.lastIndexOf(',')) : text.length
  const [whole, fraction] = [text.slice(0, at), text.slice(at + 1)]
  const parting = kinds.filter((kind) => !(isPoint && kind === last))
  if (parting.length > 1 || (parting.length === 1 && !GROUPED.test(whole))) {
    return refused('The thousands are not parted as one writes them: write 1,250.00 or 1250.00.')
  }
  const plain = whole.replace(/\D/g, '')
  // One comma or point before three digits parts thousands for some and is the decimal point for others.
  if (parting.length === 0 && fraction.length === 3 && /^[1-9]\d{0,2}$/.test(plain)) {
    const small = `${plain}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`
    return refused(`${text} can mean ${plain}${fraction}.00 or ${small}: write which of them.`)
  }
  if (fraction.length > digits) return refused(`An amount has at most ${digits} digits after the point.`)
  return { ok: true, units: BigInt(plain + fraction.padEnd(digits, '0')) }
}

const refused = (problem: string): WrittenAmount => ({ ok: false, problem })

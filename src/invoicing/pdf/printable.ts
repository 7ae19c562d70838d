/** What a line of text may hold at most, in UTF-16 units: a description of a page and a half. */
const TEXT_MAX = 6_000
const THIN_SPACE = '\u2009'
/** In no font of ours, and so shown as whatever else cannot be. */
const REPLACEMENT = '\ufffd'

/**
 * One line of composed characters. Those that are invisible, control something or turn the direction of what follows are removed: a
 * name shows what it is made of. Fixed spaces stay: numbers are written with them.
 */
export function printable(text: string): string {
  return text
    .slice(0, TEXT_MAX)
    .toWellFormed()
    .replace(/\p{RGI_Emoji}/gv, REPLACEMENT)
    .normalize('NFC')
    .replace(/\u202f/g, THIN_SPACE)
    .replace(/(?![\u00a0\u2009\ufeff])[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
      VISIBLE_IF_UNKNOWN.test(character) ? REPLACEMENT : '',
    )
    .trim()
}

/** Unassigned or private: something was meant that cannot be shown, other than with the noncharacters. */
const VISIBLE_IF_UNKNOWN = /(?!\p{Noncharacter_Code_Point})[\p{Cn}\p{Co}]/u

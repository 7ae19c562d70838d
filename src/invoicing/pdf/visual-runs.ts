import bidiFactory from 'bidi-js'
import { type FontFace, faceOf, type HanStyle, type Weight } from './font-faces.ts'
import type { Direction } from './font-instance.ts'
import { openFont } from './open-font.ts'

/** What stands for a character that no font has, such as an emoji. */
const UNKNOWN = '?'

/** A stretch of text in one font and one direction, as it is spoken: the font sets it in its direction. */
export interface Run {
  readonly face: FontFace
  readonly text: string
  readonly direction: Direction
}

interface LevelRun {
  readonly face: FontFace
  readonly text: string
  /** Of the bidirectional algorithm: odd ones go to the left. */
  readonly level: number
}

// The package is CommonJS, which its types do not say.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)()
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}]/u
/** All of it is in Inter. */
const LATIN = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u00ff]*$/
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}]/u
const KOREAN = /\p{Script=Hangul}/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

export interface RunStyle {
  readonly weight: Weight
  /** How Chinese characters are drawn where the text itself does not tell. */
  readonly han: HanStyle
}

/** With a visible sign in place of each character that no font has. */
export function drawable(text: string, { weight, han }: RunStyle): string {
  if (LATIN.test(text)) return text
  const missing = (character: string) => faceOf(character.codePointAt(0) ?? 0, weight, hanOf(text, han)) === null
  const whole = (segment: string) => ([...segment].some(missing) ? UNKNOWN : segment)
  return [...graphemes.segment(text)].map(({ segment }) => whole(segment)).join('')
}

/** The runs of one line from left to right, by the Unicode bidirectional algorithm. All of its characters are drawable. */
export function visualRuns(line: string, style: RunStyle): Run[] {
  const levels = RIGHT_TO_LEFT.test(line) ? bidi.getEmbeddingLevels(line).levels : new Uint8Array(line.length)
  return reordered(runsAt(line, levels, style)).map(({ face, text, level }) =>
    level % 2 === 0 ? { face, text, direction: 'ltr' } : { face, text: mirrored(text), direction: 'rtl' },
  )
}

function runsAt(line: string, levels: Uint8Array, { weight, han }: RunStyle): LevelRun[] {
  const style = hanOf(line, han)
  const runs: { face: FontFace; text: string; level: number }[] = []
  let at = 0
  for (const character of line) {
    const codePoint = character.codePointAt(0) ?? 0
    const level = levels[at] ?? 0
    const last = runs.at(-1)
    at += character.length
    if (last?.level === level && staysWith(last.face, character)) {
      last.text += character
      continue
    }
    const face = faceOf(codePoint, weight, style)
    if (face === null) continue
    if (last?.level === level && last.face.path === face.path) last.text += character
    else runs.push({ face, text: character, level })
  }
  return runs
}

/** A space or a mark is of the font of what it follows, where that has it. */
function staysWith(face: FontFace, character: string): boolean {
  return /^[ \p{M}]$/u.test(character) && openFont(face.path).hasGlyphForCodePoint(character.codePointAt(0) ?? 0)
}

/** Rule L2: from the highest level down to the lowest odd one, each stretch at that level or above is reversed. */
function reordered(runs: readonly LevelRun[]): LevelRun[] {
  const order = [...runs]
  const highest = Math.max(0, ...order.map(({ level }) => level))
  for (let level = highest; level > 0; level -= 1) {
    for (let start = 0; start < order.length; start += 1) {
      if ((order[start]?.level ?? 0) < level) continue
      let end = start
      while ((order[end]?.level ?? 0) >= level) end += 1
      order.splice(start, end - start, ...order.slice(start, end).reverse())
      start = end
    }
  }
  return order
}

function mirrored(text: string): string {
  return [...text].map((character) => bidi.getMirroredCharacter(character) ?? character).join('')
}

function hanOf(text: string, otherwise: HanStyle): HanStyle {
  if (JAPANESE.test(text)) return 'jp'
  return KOREAN.test(text) ? 'kr' : otherwise
}

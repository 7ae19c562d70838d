import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Inter comes in one file per script; a text may need several. The first that has a character shows it. */
const SCRIPTS = ['latin', 'latin-ext', 'greek', 'greek-ext', 'cyrillic', 'cyrillic-ext', 'vietnamese'] as const
const WEIGHTS = { regular: 400, strong: 600 } as const
/** What stands for a character of a script that Inter does not have. */
const UNKNOWN = '?'
const ELLIPSIS = '…'
/** Longer texts are cut before they are measured: no line of a page holds as many characters. */
const LENGTH_MAX = 200
/** A few megabytes at most. */
const WIDTHS_KEPT_MAX = 20_000
const TABULAR: PDFKit.Mixins.TextOptions = { features: ['tnum'] }

export interface Cell {
  x: number
  y: number
  width: number
  size: number
  colour: string
  weight?: keyof typeof WEIGHTS
  align?: 'left' | 'right'
}

type Range = readonly [first: number, last: number]

const ranges = readRanges()

function readRanges(): readonly (readonly [script: string, ranges: readonly Range[]])[] {
  const path = fileURLToPath(import.meta.resolve('@fontsource/inter/unicode.json'))
  const byScript = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')))
  return SCRIPTS.map((script) => [script, (byScript[script] ?? '').split(',').filter(Boolean).map(rangeOf)])
}

/** As CSS writes it: `U+0131` or `U+0100-02BA`. */
function rangeOf(text: string): Range {
  const [first = '', last = first] = text.replace('U+', '').split('-')
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)]
}

function scriptOf(character: string): string | null {
  const code = character.codePointAt(0) ?? 0
  const known = ranges.find(([, spans]) => spans.some(([first, last]) => first <= code && code <= last))
  return known?.[0] ?? null
}

const fontName = (script: string, weight: string) => `inter-${script}-${weight}`

/** The text in stretches of one font each. */
function runsOf(text: string, weight: string): { font: string; text: string }[] {
  const runs: { font: string; text: string }[] = []
  for (const character of text) {
    const script = scriptOf(character)
    const font = fontName(script ?? 'latin', weight)
    const shown = script === null ? UNKNOWN : character
    const last = runs.at(-1)
    if (last?.font === font) last.text += shown
    else runs.push({ font, text: shown })
  }
  return runs
}

/** One line of composed characters, without those that are invisible or turn the direction of what follows. */
function printable(text: string): string {
  return text
    .slice(0, LENGTH_MAX)
    .normalize('NFC')
    .replace(/[\s\p{Zl}\p{Zp}]/gu, (space) => (space === '\u00a0' ? space : ' '))
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
}

/**
 * Writes single lines in Inter. A text that does not fit its cell is cut, with an ellipsis; what stands to the right is an
 * amount, or as good as one, and is made smaller instead. Digits are of one width, so that amounts stand below each other.
 */
export function createLineWriter(doc: PDFKit.PDFDocument): (text: string, cell: Cell) => void {
  for (const script of SCRIPTS) {
    for (const [weight, number] of Object.entries(WEIGHTS)) {
      const file = import.meta.resolve(`@fontsource/inter/files/inter-${script}-${number}-normal.woff`)
      // Registered only: a font that no text uses is neither read nor embedded.
      doc.registerFont(fontName(script, weight), fileURLToPath(file))
    }
  }
  const widths = new Map<string, number>()
  // Shaping is what a page costs, and on a statement most texts come again.
  const widthOfRun = ({ font, text }: { font: string; text: string }, size: number) => {
    const key = `${font} ${size} ${text}`
    const width = widths.get(key) ?? doc.font(font).fontSize(size).widthOfString(text, TABULAR)
    if (widths.size < WIDTHS_KEPT_MAX) widths.set(key, width)
    return width
  }
  const widthOf = (text: string, size: number, weight: string) =>
    runsOf(text, weight).reduce((width, run) => width + widthOfRun(run, size), 0)
  return (text, { x, y, width, size: asked, colour, weight = 'regular', align = 'left' }) => {
    let line = printable(text)
    const size = align === 'right' ? asked * Math.min(1, width / widthOf(line, asked, weight)) : asked
    if (align === 'left' && widthOf(line, size, weight) > width) {
      line = longestFitting([...line], (part) => widthOf(part + ELLIPSIS, size, weight) <= width).trimEnd() + ELLIPSIS
    }
    let at = align === 'right' ? x + width - widthOf(line, size, weight) : x
    for (const run of runsOf(line, weight)) {
      const advance = widthOfRun(run, size)
      doc
        .font(run.font)
        .fontSize(size)
        .fillColor(colour)
        .text(run.text, at, y, { ...TABULAR, lineBreak: false })
      at += advance
    }
  }
}

/** The longest beginning that fits, found by halving. */
function longestFitting(characters: readonly string[], fits: (text: string) => boolean): string {
  let lowest = 0
  let highest = characters.length - 1
  while (lowest < highest) {
    const middle = Math.ceil((lowest + highest) / 2)
    if (fits(characters.slice(0, middle).join(''))) lowest = middle
    else highest = middle - 1
  }
  return characters.slice(0, lowest).join('')
}

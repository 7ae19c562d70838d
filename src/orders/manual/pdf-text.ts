import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Inter comes in one file per script; a text may need several. The first that has a character shows it. */
const SCRIPTS = ['latin', 'latin-ext', 'greek', 'greek-ext', 'cyrillic', 'cyrillic-ext', 'vietnamese'] as const
/** What stands for a character of a script that Inter does not have. */
const UNKNOWN = '?'
const ELLIPSIS = '…'

export const WEIGHTS = { regular: 400, strong: 600 } as const
export type Weight = keyof typeof WEIGHTS

export interface TextStyle {
  size: number
  weight?: Weight
  colour?: string
  /** Digits of one width, so that amounts stand below each other. */
  tabular?: boolean
}

export interface TextBox extends TextStyle {
  x: number
  y: number
  width: number
  align?: 'left' | 'right'
  /** What does not fit in so many lines is cut, with an ellipsis. */
  linesMax?: number
}

/** Line height, as a multiple of the size. */
export const LEADING = 1.4

type Range = readonly [first: number, last: number]
interface Run {
  font: string
  text: string
}

const ranges = readRanges()

function readRanges(): Map<string, Range[]> {
  const path = fileURLToPath(import.meta.resolve('@fontsource/inter/unicode.json'))
  const byScript = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')))
  return new Map(SCRIPTS.map((script) => [script, (byScript[script] ?? '').split(',').filter(Boolean).map(rangeOf)]))
}

/** As CSS writes it: `U+0131` or `U+0100-02BA`. */
function rangeOf(text: string): Range {
  const [first = '', last = first] = text.replace('U+', '').split('-')
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)]
}

function scriptOf(character: string): string | null {
  const code = character.codePointAt(0) ?? 0
  return SCRIPTS.find((script) => ranges.get(script)?.some(([first, last]) => first <= code && code <= last)) ?? null
}

/** The text in stretches of one font each. */
function runsOf(text: string, weight: Weight): Run[] {
  const runs: Run[] = []
  for (const character of text) {
    const script = scriptOf(character)
    const font = fontName(script ?? 'latin', weight)
    const last = runs.at(-1)
    const shown = script === null ? UNKNOWN : character
    if (last?.font === font) last.text += shown
    else runs.push({ font, text: shown })
  }
  return runs
}

const fontName = (script: string, weight: Weight) => `inter-${script}-${weight}`

/** Sets text in Inter on the pages of a document, of any script that Inter has. */
export interface Typesetter {
  /** Returns where the text ends, below its last line. */
  write(text: string, box: TextBox): number
  /** How high it would be. */
  heightOf(text: string, box: Omit<TextBox, 'x' | 'y'>): number
}

export function createTypesetter(doc: PDFKit.PDFDocument): Typesetter {
  for (const script of SCRIPTS) {
    for (const [weight, number] of Object.entries(WEIGHTS)) {
      const file = import.meta.resolve(`@fontsource/inter/files/inter-${script}-${number}-normal.woff`)
      // Registered only: a font that no text uses is neither read nor embedded.
      doc.registerFont(fontName(script, weight as Weight), fileURLToPath(file))
    }
  }
  const options = ({ tabular = false }: TextStyle): PDFKit.Mixins.TextOptions => (tabular ? { features: ['tnum'] } : {})
  const widthOfRun = ({ font, text }: Run, style: TextStyle) =>
    doc.font(font).fontSize(style.size).widthOfString(text, options(style))
  const widthOf = (text: string, style: TextStyle) =>
    runsOf(text, style.weight ?? 'regular').reduce((width, run) => width + widthOfRun(run, style), 0)
  const brokenIn = (text: string, box: Omit<TextBox, 'x' | 'y'>) =>
    linesOf(text, box.linesMax ?? 1, (part) => widthOf(part, box) <= box.width)
  return {
    heightOf: (text, box) => brokenIn(text, box).length * box.size * LEADING,
    write(text, box) {
      const { x, width, size, weight = 'regular', colour = '#000000', align = 'left' } = box
      let { y } = box
      for (const line of brokenIn(text, box)) {
        let at = align === 'right' ? x + width - widthOf(line, box) : x
        for (const run of runsOf(line, weight)) {
          const advance = widthOfRun(run, box)
          doc.fillColor(colour).text(run.text, at, y, { ...options(box), lineBreak: false })
          at += advance
        }
        y += size * LEADING
      }
      return y
    },
  }
}

/** Broken between words, and within a word only where it is wider than a line. */
function linesOf(text: string, linesMax: number, fits: (text: string) => boolean): string[] {
  let rest = printable(text)
  const lines: string[] = []
  while (rest !== '' && lines.length < linesMax) {
    const line = firstLine(rest, fits)
    rest = rest.slice(line.length).trimStart()
    lines.push(line.trimEnd())
  }
  if (rest === '' || linesMax < 1) return lines
  let last = lines.pop() ?? ''
  while (last !== '' && !fits(last + ELLIPSIS)) last = [...last].slice(0, -1).join('')
  return [...lines, last + ELLIPSIS]
}

function firstLine(text: string, fits: (text: string) => boolean): string {
  let line = ''
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    if (!fits(line + word)) break
    line += word
  }
  if (line !== '') return line
  for (const character of text) {
    if (line !== '' && !fits(line + character)) break
    line += character
  }
  return line
}

/** One line of composed characters, without those that are invisible or turn the direction of what follows. */
function printable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\p{Zl}\p{Zp}]/gu, (space) => (space === '\u00a0' ? space : ' '))
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
}

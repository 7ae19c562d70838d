import { breakLines } from './break-lines.ts'
import { type HanStyle, INTER, type Weight } from './font-faces.ts'
import { createFontInstance, type FontInstance, type LayoutOptions } from './font-instance.ts'
import { printable } from './printable.ts'
import { drawable, type Run, type RunStyle, visualRuns } from './visual-runs.ts'

export interface TextStyle {
  readonly size: number
  readonly weight?: Weight
  readonly colour?: string
  /** Digits of one width, so that amounts stand below each other. */
  readonly tabular?: boolean
}

/** Lengths in points. */
export interface TextBox extends TextStyle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly align?: 'left' | 'right'
  /** What does not fit in so many lines is cut, with an ellipsis; one unless told. */
  readonly linesMax?: number
}

/** Line height, as a multiple of the size. */
export const LEADING = 1.4
/** From the top of a line to what its letters stand on, as a multiple of the size. The same for all fonts of a line. */
const BASELINE = 0.97

/** Sets text of any script for which there is a font. */
export interface Typesetter {
  /** Returns where the text ends, below its last line. */
  write(text: string, box: TextBox): number
  /** How high it would be. */
  heightOf(text: string, box: Omit<TextBox, 'x' | 'y'>): number
  /** How wide it would be on one line. */
  widthOf(text: string, style: TextStyle): number
  /** Broken into lines, for a caller that turns the page between them. */
  linesOf(text: string, box: Omit<TextBox, 'x' | 'y'>): string[]
}

/** `han`: how Chinese characters are drawn where the text itself does not tell. */
export function createTypesetter(doc: PDFKit.PDFDocument, han: HanStyle): Typesetter {
  const instances = new Map<string, FontInstance>()

  const instanceOf = ({ face }: Run): FontInstance => {
    const name = nameOf(face)
    const known = instances.get(name)
    if (known !== undefined) return known
    const instance = createFontInstance(face)
    // pdfkit takes a parsed font; its types know of files alone.
    doc.registerFont(name, instance as unknown as PDFKit.Mixins.PDFFontSource)
    instances.set(name, instance)
    return instance
  }
  const widthOfRun = (run: Run, style: TextStyle) => {
    const font = instanceOf(run)
    return (font.layout(run.text, layoutOf(style, run)).advanceWidth / font.unitsPerEm) * style.size
  }
  const runStyle = ({ weight = 'regular' }: TextStyle): RunStyle => ({ weight, han })
  const widthOf = (text: string, style: TextStyle) =>
    visualRuns(text, runStyle(style)).reduce((width, run) => width + widthOfRun(run, style), 0)
  const clean = (text: string, style: TextStyle) => drawable(printable(text), runStyle(style))
  const linesOf = (text: string, box: Omit<TextBox, 'x' | 'y'>) =>
    breakLines(clean(text, box), box.linesMax ?? 1, box.width, (part) => widthOf(part, box))
  return {
    linesOf,
    widthOf: (text, style) => widthOf(clean(text, style), style),
    heightOf: (text, box) => linesOf(text, box).length * box.size * LEADING,
    write(text, box) {
      const { x, width, size, colour = '#000000', align = 'left' } = box
      let { y } = box
      for (const line of linesOf(text, box)) {
        let at = align === 'right' ? x + width - widthOf(line, box) : x
        for (const run of visualRuns(line, runStyle(box))) {
          const advance = widthOfRun(run, box)
          doc.font(nameOf(run.face)).fontSize(size).fillColor(colour)
          doc.text(run.text, at, y + size * BASELINE, {
            // Handed on to `layout` of the font instance; its types know of a list only.
            features: layoutOf(box, run) as unknown as PDFKit.Mixins.OpenTypeFeatures[],
            lineBreak: false,
            baseline: 'alphabetic',
          })
          at += advance
        }
        y += size * LEADING
      }
      return y
    },
  }
}

const nameOf = ({ family, subset, weight }: Run['face']) => `${family}-${subset}-${weight}`

/** Inter's contextual forms make arrows of `->`: a document shows what was written. Scripts that are joined by such forms need them. */
function layoutOf({ tabular = false }: TextStyle, { face, direction }: Run): LayoutOptions {
  const features = { ...(face.family === INTER.name ? { calt: false } : {}), ...(tabular ? { tnum: true } : {}) }
  return { direction, features }
}

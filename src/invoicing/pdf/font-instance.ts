import type { FontFace } from './font-faces.ts'
import { openFont } from './open-font.ts'
import { OutlineSubset } from './outline-subset.ts'

/** A point of an outline, in font units. */
export interface OutlinePoint {
  x: number
  y: number
  onCurve: boolean
  endContour: boolean
  copy(): OutlinePoint
}

/** A glyph as WOFF2 holds it: points of its own, or other glyphs put together. */
export interface StoredGlyph {
  readonly numberOfContours: number
  readonly points?: readonly OutlinePoint[]
  readonly components?: readonly GlyphComponent[]
}

export interface GlyphComponent {
  readonly glyphID: number
  readonly dx: number
  readonly dy: number
  readonly scaleX: number
  readonly scaleY: number
  readonly scale01: number
  readonly scale10: number
}

export interface Glyph {
  readonly id: number
  readonly advanceWidth: number
}

export type Direction = 'ltr' | 'rtl'
/** OpenType features, switched on or off. */
export type LayoutFeatures = Readonly<Record<string, boolean>>
/** What is said of a run: pdfkit hands it on as it is. */
export interface LayoutOptions {
  readonly direction: Direction
  readonly features: LayoutFeatures
}

/** Glyphs from left to right, lengths in font units. */
export interface Layout {
  readonly glyphs: readonly Glyph[]
  readonly positions: readonly GlyphPosition[]
  readonly advanceWidth: number
}

interface GlyphPosition {
  readonly xAdvance: number
  readonly yAdvance: number
  readonly xOffset: number
  readonly yOffset: number
}

/** What is used of a font that fontkit has read. The members with an underscore are of version 2.0 and not promised by it. */
export interface ParsedFont {
  readonly postscriptName: string
  readonly unitsPerEm: number
  readonly ascent: number
  readonly descent: number
  readonly bbox: { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number }
  hasGlyphForCodePoint(codePoint: number): boolean
  getGlyph(id: number): Glyph
  layout(text: string, features: LayoutFeatures, script?: string, language?: string, direction?: Direction): Layout
  createSubset(): unknown
  readonly _glyphs: Record<number, Glyph>
  readonly _transformedGlyphs?: readonly StoredGlyph[]
  _transformGlyfTable(): void
  readonly _variationProcessor: { transformPoints(glyphId: number, points: OutlinePoint[]): void } | null
}

/** A font as one document uses it. Each text is laid out once, in the direction that is asked for. */
export interface FontInstance extends Omit<ParsedFont, 'layout'> {
  layout(text: string, options: LayoutOptions): Layout
}

/**
 * A font over the parsed file that all documents share. fontkit keeps for each glyph the characters that first asked for it, and writes
 * them into the PDF: kept apart by document, the same document gives the same bytes whatever came before.
 */
export function createFontInstance(face: FontFace): FontInstance {
  const font = openFont(face.path)
  const layouts = new Map<string, Layout>()
  const layout = (text: string, { direction, features }: LayoutOptions): Layout => {
    const key = `${direction} ${JSON.stringify(features)} ${text}`
    const known = layouts.get(key) ?? font.layout.call(instance, text, features, undefined, undefined, direction)
    layouts.set(key, known)
    return copyOf(known)
  }
  const own: PropertyDescriptorMap = {
    _glyphs: { value: {} },
    // pdfkit takes two fonts of one name for the same one.
    postscriptName: { value: `${face.family}-${face.subset}-${face.weight}` },
    layout: { value: layout },
  }
  if (face.isVariable) {
    own.variationCoords = { value: [face.weight] }
    own.createSubset = { value: () => new OutlineSubset(instance) }
  }
  const instance: FontInstance & ParsedFont = Object.create(font, own)
  return instance
}

/** pdfkit scales the positions that it is given in place. */
function copyOf({ glyphs, positions: originals }: Layout): Layout {
  const positions = originals.map((position) => ({ ...position }))
  return {
    glyphs,
    positions,
    get advanceWidth() {
      return positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0)
    },
  }
}

import type { GlyphComponent, OutlinePoint, ParsedFont } from './font-instance.ts'

/** TrueType adds four points to each glyph that carry its metrics; a variation has a shift for them, too. */
const PHANTOM_POINTS = 4
/** Deeper than any real font: ends a file that puts a glyph into itself. */
const DEPTH_MAX = 5

/** The points of a glyph at the weight of its font, in font units. fontkit leaves glyphs that it reads from WOFF2 at their default. */
export function outlineOf(font: ParsedFont, id: number, depth = 0): OutlinePoint[] {
  if (font._transformedGlyphs === undefined) font._transformGlyfTable()
  const glyph = font._transformedGlyphs?.[id]
  if (glyph === undefined || depth > DEPTH_MAX) return []
  if (glyph.components === undefined)
    return varied(
      font,
      id,
      (glyph.points ?? []).map((point) => point.copy()),
    )
  const { components } = glyph
  const shifts = varied(
    font,
    id,
    components.map(({ dx, dy }) => pointAt(dx, dy)),
  )
  return components.flatMap((component, index) => {
    const shift = shifts[index] ?? pointAt(0, 0)
    return outlineOf(font, component.glyphID, depth + 1).map((point) => placed(point, component, shift))
  })
}

function varied(font: ParsedFont, id: number, points: OutlinePoint[]): OutlinePoint[] {
  const all = [...points, ...Array.from({ length: PHANTOM_POINTS }, () => pointAt(0, 0))]
  font._variationProcessor?.transformPoints(id, all)
  return all.slice(0, points.length)
}

function placed(point: OutlinePoint, component: GlyphComponent, shift: OutlinePoint): OutlinePoint {
  const { scaleX, scaleY, scale01, scale10 } = component
  const { onCurve, endContour } = point
  const x = point.x * scaleX + point.y * scale01 + shift.x
  const y = point.y * scaleY + point.x * scale10 + shift.y
  return { ...pointAt(x, y), onCurve, endContour }
}

function pointAt(x: number, y: number): OutlinePoint {
  return { x, y, onCurve: true, endContour: true, copy: () => pointAt(x, y) }
}

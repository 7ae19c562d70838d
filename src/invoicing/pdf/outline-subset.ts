import type { OutlinePoint, ParsedFont } from './font-instance.ts'
import { outlineOf } from './glyph-outline.ts'

/** TrueType: a point on the curve; all others pull a quadratic curve. */
const ON_CURVE = 1
/** None: a document is not read at the sizes for which hints are made. */
const INSTRUCTIONS = 0
const TABLE_COUNT = 6
const TABLE_RECORD = 16
const MAGIC = 0x5f0f3cf5

/**
 * The glyphs that a document uses, written as a TrueType file from their outlines. fontkit 2 reads variable fonts in WOFF2 but cannot
 * write a subset of them; a PDF needs no more than these six tables (ISO 32000-1, 9.9).
 */
export class OutlineSubset {
  readonly #font: ParsedFont
  readonly #glyphs = [0]
  readonly #indexes = new Map([[0, 0]])

  constructor(font: ParsedFont) {
    this.#font = font
  }

  /** Its number in the subset, which stays as it is from then on. */
  includeGlyph(glyph: number | { readonly id: number }): number {
    const id = typeof glyph === 'number' ? glyph : glyph.id
    const known = this.#indexes.get(id)
    if (known !== undefined) return known
    const index = this.#glyphs.push(id) - 1
    this.#indexes.set(id, index)
    return index
  }

  encode(): Buffer {
    const outlines = this.#glyphs.map((id) => outlineOf(this.#font, id))
    const data = outlines.map(glyphData)
    let end = 0
    const offsets = [0, ...data.map(({ length }) => (end += length))]
    const metrics = outlines.flatMap((points, index) => [this.#advanceOf(index), leftOf(points)])
    return fontFile([
      ['glyf', Buffer.concat(data)],
      ['head', this.#head()],
      ['hhea', this.#horizontalHeader()],
      ['hmtx', inWords(metrics)],
      ['loca', inLongs(offsets)],
      ['maxp', this.#profile(outlines)],
    ])
  }

  #advanceOf(index: number): number {
    return Math.round(this.#font.getGlyph(this.#glyphs[index] ?? 0).advanceWidth)
  }

  #head(): Buffer {
    const { bbox, unitsPerEm } = this.#font
    const table = Buffer.alloc(54)
    table.writeUInt32BE(0x00010000, 0)
    table.writeUInt32BE(MAGIC, 12)
    table.writeUInt16BE(unitsPerEm, 18)
    const corners = [bbox.minX, bbox.minY, bbox.maxX, bbox.maxY]
    for (const [index, value] of corners.entries()) table.writeInt16BE(Math.round(value), 36 + 2 * index)
    table.writeUInt16BE(2, 48) // direction hint: both
    table.writeUInt16BE(1, 50) // `loca` in longs
    return table
  }

  #horizontalHeader(): Buffer {
    const { ascent, descent, unitsPerEm } = this.#font
    const table = Buffer.alloc(36)
    table.writeUInt32BE(0x00010000, 0)
    table.writeInt16BE(Math.round(ascent), 4)
    table.writeInt16BE(Math.round(descent), 6)
    table.writeUInt16BE(unitsPerEm, 10)
    table.writeInt16BE(1, 18) // an upright caret
    table.writeUInt16BE(this.#glyphs.length, 34)
    return table
  }

  #profile(outlines: readonly (readonly OutlinePoint[])[]): Buffer {
    const contours = outlines.map((points) => points.filter(({ endContour }) => endContour).length)
    const table = Buffer.alloc(32)
    table.writeUInt32BE(0x00010000, 0)
    table.writeUInt16BE(outlines.length, 4)
    table.writeUInt16BE(Math.max(...outlines.map(({ length }) => length)), 6)
    table.writeUInt16BE(Math.max(...contours), 8)
    table.writeUInt16BE(1, 14) // zones: no twilight zone, as nothing is hinted
    return table
  }
}

function leftOf(points: readonly OutlinePoint[]): number {
  return points.length === 0 ? 0 : Math.min(...points.map(({ x }) => Math.round(x)))
}

/** One entry of `glyf`, padded to four bytes; nothing for a blank. */
function glyphData(points: readonly OutlinePoint[]): Buffer {
  if (points.length === 0) return Buffer.alloc(0)
  const xs = points.map(({ x }) => Math.round(x))
  const ys = points.map(({ y }) => Math.round(y))
  const ends = points.flatMap(({ endContour }, index) => (endContour ? [index] : []))
  const bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
  const data = Buffer.concat([
    inWords([ends.length, ...bounds, ...ends, INSTRUCTIONS]),
    Buffer.from(points.map(({ onCurve }) => (onCurve ? ON_CURVE : 0))),
    inWords(xs.map((x, index) => x - (xs[index - 1] ?? 0))),
    inWords(ys.map((y, index) => y - (ys[index - 1] ?? 0))),
  ])
  return padded(data)
}

function fontFile(tables: readonly (readonly [tag: string, data: Buffer])[]): Buffer {
  const header = Buffer.alloc(12 + TABLE_COUNT * TABLE_RECORD)
  header.writeUInt32BE(0x00010000, 0)
  header.writeUInt16BE(TABLE_COUNT, 4)
  header.writeUInt16BE(64, 6) // 16 × the largest power of two in the count
  header.writeUInt16BE(2, 8) // its exponent
  header.writeUInt16BE(TABLE_COUNT * TABLE_RECORD - 64, 10)
  let offset = header.length
  for (const [index, [tag, data]] of tables.entries()) {
    const record = 12 + index * TABLE_RECORD
    header.write(tag, record, 'latin1')
    header.writeUInt32BE(checksumOf(padded(data)), record + 4)
    header.writeUInt32BE(offset, record + 8)
    header.writeUInt32BE(data.length, record + 12)
    offset += padded(data).length
  }
  return Buffer.concat([header, ...tables.map(([, data]) => padded(data))])
}

function checksumOf(data: Buffer): number {
  let sum = 0
  for (let at = 0; at < data.length; at += 4) sum = (sum + data.readUInt32BE(at)) >>> 0
  return sum
}

const padded = (data: Buffer) => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])

function inWords(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value & 0xffff, index * 2)
  return buffer
}

function inLongs(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4)
  return buffer
}

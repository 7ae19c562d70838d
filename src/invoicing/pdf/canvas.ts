import type { HanStyle } from './font-faces.ts'
import { openLogo } from './logo-image.ts'
import { createTypesetter, type Typesetter } from './typesetter.ts'

/** Lengths in points, from the left and the top of the page. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What a design draws on: A4 pages. It knows nothing of the file that they become. */
export interface Canvas {
  readonly type: Typesetter
  rule(line: { readonly x: number; readonly y: number; readonly width: number; readonly colour: string }): void
  panel(box: Box, colour: string): void
  /** In the upper left of the box, as large as it gets there. Returns its height; null where it is no picture that can be archived. */
  picture(image: Buffer, box: Box): number | null
  addPage(): void
  /** Draws on each page once more, when all are there. */
  eachPage(draw: (page: number, pages: number) => void): void
}

const RULE_WIDTH = 0.75
const PANEL_RADIUS = 6

export function createCanvas(doc: PDFKit.PDFDocument, han: HanStyle): Canvas {
  return {
    type: createTypesetter(doc, han),
    rule({ x, y, width, colour }) {
      doc
        .moveTo(x, y)
        .lineTo(x + width, y)
        .lineWidth(RULE_WIDTH)
        .strokeColor(colour)
        .stroke()
    },
    panel({ x, y, width, height }, colour) {
      doc.roundedRect(x, y, width, height, PANEL_RADIUS).fill(colour)
    },
    picture(image, { x, y, width, height }) {
      const size = openLogo(image)
      if (size === null) return null
      const scale = Math.min(width / size.width, height / size.height)
      doc.image(image, x, y, { width: size.width * scale, height: size.height * scale })
      return size.height * scale
    },
    addPage() {
      doc.addPage()
    },
    eachPage(draw) {
      const { start, count } = doc.bufferedPageRange()
      for (let page = 0; page < count; page += 1) {
        doc.switchToPage(start + page)
        draw(page + 1, count)
      }
    },
  }
}

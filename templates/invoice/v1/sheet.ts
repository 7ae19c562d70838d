import type { DocumentSnapshot } from '../../../src/invoicing/document-snapshot.ts'
import type { Canvas } from '../../../src/invoicing/pdf/canvas.ts'
import type { TextBox } from '../../../src/invoicing/pdf/typesetter.ts'
import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { createFormats, type Formats } from './formats.ts'
import { LABEL, LEFT, RULE, WIDTH } from './look.ts'
import { WORDS, type Words } from './words.ts'

/** Below the line that a further page begins with. */
const TOP_OF_FURTHER_PAGES = 68

/** Between a number and the column before it. */
const COLUMN_GAP = 5

/** A document being drawn: what it says, how, and where the next thing goes. */
export interface Sheet {
  readonly canvas: Canvas
  readonly snapshot: DocumentSnapshot
  readonly words: Words
  readonly formats: Formats
  /** From here on the page is the footer's. */
  readonly bottom: number
  /** Where the next thing goes. */
  y: number
}

export function createSheet(canvas: Canvas, snapshot: DocumentSnapshot, bottom: number): Sheet {
  const { language, currency } = snapshot
  return { canvas, snapshot, words: WORDS[language], formats: createFormats(language, currency), bottom, y: 0 }
}

/** Turns the page where `height` does not fit any more. */
export function needHeight(sheet: Sheet, height: number, onNewPage: () => void = () => {}): void {
  if (sheet.y + height <= sheet.bottom) return
  const { canvas, snapshot, words } = sheet
  canvas.addPage()
  canvas.type.write(`${words.title[snapshot.kind]} ${snapshot.number}`, { ...LABEL, x: LEFT, y: 40, width: WIDTH })
  sheet.y = TOP_OF_FURTHER_PAGES
  onNewPage()
}

/** Writes all of a text, over the end of the page where it must be. */
export function writeFlowing(sheet: Sheet, text: string, box: Omit<TextBox, 'y'>, onNewPage?: () => void): void {
  const { type } = sheet.canvas
  for (const line of type.linesOf(text, { ...box, linesMax: Number.POSITIVE_INFINITY })) {
    needHeight(sheet, box.size * LEADING, onNewPage)
    // It is broken already: nothing of it may be cut for a fraction of a point.
    sheet.y = type.write(line, { ...box, y: sheet.y, width: Number.POSITIVE_INFINITY })
  }
}

/** A number is never cut: where it is too wide for its column it is set smaller. */
export function writeNumber({ canvas: { type } }: Pick<Sheet, 'canvas'>, text: string, box: TextBox): void {
  const style = { ...box, tabular: true }
  const scale = Math.min(1, (box.width - COLUMN_GAP) / type.widthOf(text, style))
  // A little more room than it needs: its width is a sum of fractions.
  const x = box.x - 1
  type.write(text, { ...style, x, width: box.width + 1, size: box.size * scale, y: box.y + box.size * (1 - scale) })
}

export function ruleAt({ canvas }: Pick<Sheet, 'canvas'>, y: number, x = LEFT, width = WIDTH): void {
  canvas.rule({ x, y, width, colour: RULE })
}

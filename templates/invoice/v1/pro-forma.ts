import type { ProFormaCanvas, ProFormaDocument } from '../../../src/invoicing/pdf/render-pro-forma.ts'
import { LEADING, type TextBox } from '../../../src/invoicing/pdf/typesetter.ts'
import { drawFooters, footerTop } from './footer.ts'
import { BODY, GAP, INK, LABEL, LEFT, MUTED, RIGHT, SMALL, TOP, WIDTH } from './look.ts'
import { drawProFormaLines, drawProFormaTotals } from './pro-forma-amounts.ts'
import { drawProFormaParties } from './pro-forma-parties.ts'
import { drawProFormaPayment } from './pro-forma-payment.ts'
import { createProFormaSheet, heightOfDrawn, ownWords, type ProFormaSheet } from './pro-forma-sheet.ts'
import { ruleAt } from './sheet.ts'

const LOGO = { x: LEFT, y: TOP - 6, width: 190, height: 52 }
const TITLE = { x: RIGHT - 270, width: 270, align: 'right' } as const
const NOTE = { ...BODY, size: 9, x: LEFT, width: WIDTH }
/** Below the line that a second page begins with. */
const TOP_OF_SECOND_PAGE = 68
/** Of our own sentences and those of the law: far more than the longest has. */
const NOTE_LINES_MAX = 8

/**
 * A pro-forma in the look of the first design's documents. It is one page, whatever people and packages are called: the parties get the
 * room that all else leaves. Only notes that the law asks for may go over to a second one.
 */
export function drawProForma(canvas: ProFormaCanvas, proForma: ProFormaDocument): void {
  const sheet = createProFormaSheet(canvas, proForma, footerTop(canvas, proForma) - GAP / 2)
  drawHead(sheet)
  drawProFormaParties(sheet, sheet.bottom - heightOfDrawn(sheet, drawBelowParties))
  drawBelowParties(sheet)
  drawFooters(canvas, proForma)
}

export function proFormaTitle(proForma: ProFormaDocument): string {
  return `${ownWords(proForma).title} ${proForma.printedReference}`
}

function drawBelowParties(sheet: ProFormaSheet): void {
  drawProFormaLines(sheet)
  drawProFormaTotals(sheet)
  drawProFormaPayment(sheet)
  drawNotes(sheet)
}

/** Logo or name, what it is and what it is not. */
function drawHead(sheet: ProFormaSheet): void {
  const { canvas, proForma, own } = sheet
  const { type } = canvas
  const height = proForma.logo === null ? null : canvas.picture(proForma.logo, LOGO)
  const name = { x: LEFT, y: TOP + 4, width: 200, size: 13, weight: 'strong', colour: INK, linesMax: 2 } as const
  const left = height === null ? type.write(proForma.seller.legalName, name) : LOGO.y + height
  const title = { ...TITLE, y: TOP, size: 22, weight: 'strong', colour: INK } as const
  const right = type.write(own.notAnInvoice, { ...TITLE, y: type.write(own.title, title), size: 10, colour: MUTED })
  sheet.y = Math.max(left, right) + 14
  ruleAt(sheet, sheet.y)
  sheet.y += GAP - 2
}

/** Why no tax is charged, and what a pro-forma is. */
function drawNotes(sheet: ProFormaSheet): void {
  const { proForma, own, words } = sheet
  const texts = [...new Set([proForma.tax?.exemptionReason ?? '', ...(proForma.tax?.notes ?? [])])].filter(Boolean)
  // A note that another begins with is said already.
  const said = texts.filter((text) => !texts.some((other) => other !== text && other.startsWith(text)))
  if (said.length > 0) writeNote(sheet, words.notes, { ...LABEL, x: LEFT, width: WIDTH }, 3 + NOTE.size * LEADING)
  for (const text of said) writeNote(sheet, text, NOTE)
  if (said.length > 0) sheet.y += 4
  if (proForma.ofVouchers) {
    writeNote(sheet, own.vouchers, NOTE)
    sheet.y += 4
  }
  const whatFollows = proForma.ofVouchers ? own.whatFollowsForVouchers : own.whatFollows
  const statement = proForma.status === 'open' ? `${own.statement} ${whatFollows}` : own.statement
  writeNote(sheet, statement, { ...SMALL, x: LEFT, width: WIDTH })
}

/** Turns the page where the note does not fit any more, or `more` after it. */
function writeNote(sheet: ProFormaSheet, text: string, box: Omit<TextBox, 'y'>, more = 0): void {
  const { type } = sheet.canvas
  const note = { ...box, linesMax: NOTE_LINES_MAX }
  if (sheet.y + type.heightOf(text, note) + more > sheet.bottom) {
    sheet.canvas.addPage()
    type.write(proFormaTitle(sheet.proForma), { ...LABEL, x: LEFT, y: 40, width: WIDTH })
    sheet.y = TOP_OF_SECOND_PAGE
  }
  sheet.y = type.write(text, { ...note, y: sheet.y }) + 2
}

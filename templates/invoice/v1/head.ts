import { GAP, INK, LEFT, MUTED, PAID, RIGHT, TOP } from './look.ts'
import { ruleAt, type Sheet } from './sheet.ts'

const LOGO = { x: LEFT, y: TOP - 6, width: 190, height: 52 }
const TITLE = { x: RIGHT - 270, width: 270, align: 'right' } as const

/** Logo or name, what it is and its number; and that it is paid, where it is. */
export function drawHead(sheet: Sheet, logo: Buffer | null): void {
  const { canvas, snapshot, words, formats } = sheet
  const { type } = canvas
  const height = logo === null ? null : canvas.picture(logo, LOGO)
  const name = { x: LEFT, y: TOP + 4, width: 200, size: 13, weight: 'strong', colour: INK, linesMax: 3 } as const
  const left = height === null ? type.write(snapshot.seller.legalName, name) : LOGO.y + height
  const title = { ...TITLE, y: TOP, size: 22, weight: 'strong', colour: INK } as const
  let right = type.write(words.title[snapshot.kind], title)
  right = type.write(snapshot.number, { ...TITLE, y: right, size: 10, colour: MUTED, linesMax: 2 })
  if (isPaid(sheet)) {
    const text = `${words.paid[snapshot.kind]} · ${formats.day(snapshot.payment.paidOn ?? '')}`
    right = type.write(text, { ...TITLE, y: right + 2, size: 9, weight: 'strong', colour: PAID })
  }
  sheet.y = Math.max(left, right) + 14
  ruleAt(sheet, sheet.y)
  sheet.y += GAP - 2
}

/** The document is its own receipt. */
function isPaid({ snapshot: { dueMinor, prepaidMinor, payment } }: Sheet): boolean {
  return dueMinor === 0n && prepaidMinor > 0n && payment.paidOn !== null
}

import { LEADING } from '../../../src/invoicing/pdf/typesetter.ts'
import { BODY, LABEL, LEFT, WIDTH } from './look.ts'
import { needHeight, type Sheet, writeFlowing } from './sheet.ts'

const TEXT = { ...BODY, size: 9, x: LEFT, width: WIDTH }

/** Why no tax is charged, and what else has to be said. */
export function drawNotes(sheet: Sheet): void {
  const { snapshot, words, canvas } = sheet
  const reasons = snapshot.taxes.flatMap(({ exemptionReason }) => exemptionReason ?? [])
  const texts = [...new Set([...reasons, ...snapshot.notes])]
  // A note that another begins with is said already.
  const said = texts.filter((text) => !texts.some((other) => other !== text && other.startsWith(text)))
  if (said.length === 0) return
  needHeight(sheet, LABEL.size * LEADING + 3 + TEXT.size * LEADING)
  sheet.y = canvas.type.write(words.notes, { ...LABEL, x: LEFT, y: sheet.y, width: WIDTH }) + 3
  for (const text of said) {
    writeFlowing(sheet, text, TEXT)
    sheet.y += 2
  }
}

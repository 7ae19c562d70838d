import { setImmediate } from 'node:timers/promises'
import PDFDocument from 'pdfkit'
import { formatMoney } from '../money/format-money.ts'
import type { Nano } from '../money/nano.ts'
import { ExportError } from './export-error.ts'
import type { Statement, StatementGroup, StatementLine } from './statement.ts'
import { type Cell, createLineWriter } from './statement-text.ts'

// Points on an A4 page of 595 × 842.
const LEFT = 56
const WIDTH = 483
const TOP = 56
const RIGHT_COLUMN = 330
const COLUMN_WIDTH = 209
const BOTTOM = 770
const FOOTER_Y = 790
const ROW = 15
const LINE = 13

const INK = '#14181f'
const MUTED = '#5b6472'
const RULE = '#d5dae2'

const DATE = { x: LEFT, width: 54 }
const WHAT = { x: LEFT + 56, width: 166 }
const REFERENCE = { x: LEFT + 226, width: 76 }
const AMOUNT = { x: LEFT + 306, width: 84, align: 'right' } as const
const BALANCE = { x: LEFT + 394, width: 89, align: 'right' } as const

/** Some fifty pages, and seconds of work: more is what the CSV is for. */
const PDF_LINES_MAX = 2_000

const GROUP_NAMES: Readonly<Record<StatementGroup, string>> = {
  purchases: 'Purchases',
  'top-ups': 'Automatic top-ups',
  'bonus and grants': 'Bonus and promotional credits',
  refunds: 'Refunds',
  disputes: 'Disputes',
  adjustments: 'Adjustments',
  expiry: 'Expired credit',
  extensions: 'Extensions',
  usage: 'Usage',
}

/** Who a statement is from, and for. */
export interface StatementParty {
  readonly name: string
  readonly addressLines: readonly string[]
  readonly taxId: string | null
  readonly email: string | null
}

/** More lines of an address are cut: the table has to begin on the first page. */
const PARTY_LINES_MAX = 9

interface Sheet {
  readonly doc: PDFKit.PDFDocument
  readonly statement: Statement
  /** Where the next row begins. */
  y: number
  write(text: string, cell: Omit<Cell, 'y' | 'size' | 'colour'> & Partial<Cell>): void
}

/**
 * The statement as a PDF of A4 pages, amounts exact. The same statement, seller and buyer give the same bytes.
 * @throws ExportError `too_many_lines`
 */
export async function renderStatementPdf(
  statement: Statement,
  seller: StatementParty,
  buyer: StatementParty,
): Promise<Buffer> {
  if (statement.lines.length > PDF_LINES_MAX) {
    throw new ExportError('too_many_lines', `A PDF has at most ${PDF_LINES_MAX} movements; the CSV has them all.`)
  }
  const doc = new PDFDocument({
    ...{ size: 'A4', margin: 0, font: '', lang: 'en', displayTitle: true, pdfVersion: '1.7', bufferPages: true },
    // Nothing of a customer: it would stand there unescaped. The date makes the file's id, too.
    info: { Title: 'Statement', CreationDate: new Date(statement.to) },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const finished = new Promise((resolve, reject) => doc.once('end', resolve).once('error', reject))
  const writeLine = createLineWriter(doc)
  const sheet: Sheet = {
    ...{ doc, statement, y: TOP },
    write: (text, cell) => writeLine(text, { y: sheet.y, size: 8, colour: INK, ...cell }),
  }
  drawHead(sheet, seller)
  drawParties(sheet, seller, buyer)
  drawSummary(sheet)
  await drawLines(sheet)
  drawFooters(sheet, seller)
  doc.end()
  await finished
  return Buffer.concat(chunks)
}

function drawHead(sheet: Sheet, seller: StatementParty): void {
  const right = { x: RIGHT_COLUMN, width: COLUMN_WIDTH, align: 'right' } as const
  sheet.write(seller.name, { x: LEFT, width: 260, y: TOP + 4, size: 13, weight: 'strong' })
  sheet.write('Statement', { ...right, size: 22, weight: 'strong' })
  sheet.y = TOP + 46
  rule(sheet)
  sheet.y += 18
}

function drawParties(sheet: Sheet, seller: StatementParty, buyer: StatementParty): void {
  const { statement } = sheet
  const top = sheet.y
  const drawParty = (title: string, x: number, { name, addressLines, taxId, email }: StatementParty): number => {
    const cell = { x, width: 126 }
    sheet.write(title, { ...cell, y: top, colour: MUTED })
    sheet.write(name, { ...cell, y: top + LINE + 2, size: 9.5, weight: 'strong' })
    const lines = [...addressLines, taxId === null ? null : `Tax ID ${taxId}`, email].filter((line) => line !== null)
    lines.slice(0, PARTY_LINES_MAX).forEach((line, index) => {
      sheet.write(line, { ...cell, y: top + 2 + (index + 2) * LINE, size: 9.5 })
    })
    return top + 2 + (Math.min(lines.length, PARTY_LINES_MAX) + 2) * LINE
  }
  const details = [
    ['From', writtenDay(statement, statement.from)],
    ['Up to and with', writtenDay(statement, statement.to - 1)],
    ['Time zone', statement.timeZone],
    ['Currency', statement.currency],
  ]
  sheet.write('Details', { x: RIGHT_COLUMN, width: COLUMN_WIDTH, y: top, colour: MUTED })
  details.forEach(([label = '', value = ''], index) => {
    const y = top + 2 + (index + 1) * LINE
    sheet.write(label, { x: RIGHT_COLUMN, width: 80, y, size: 9.5, colour: MUTED })
    sheet.write(value, { x: RIGHT_COLUMN + 80, width: COLUMN_WIDTH - 80, y, size: 9.5, align: 'right' })
  })
  sheet.y = Math.max(drawParty('From', LEFT, seller), drawParty('For', LEFT + 138, buyer), top + 5 * LINE) + 18
}

function drawSummary(sheet: Sheet): void {
  const { openingNano, closingNano, totals } = sheet.statement
  const row = (label: string, nano: Nano, weight: 'regular' | 'strong') => {
    sheet.write(label, { x: LEFT, width: 300, size: 9.5, weight, colour: weight === 'strong' ? INK : MUTED })
    sheet.write(money(sheet, nano), { x: LEFT + 300, width: WIDTH - 300, size: 9.5, weight, align: 'right' })
    sheet.y += ROW
  }
  row('Opening balance', openingNano, 'strong')
  for (const { group, amountNano } of totals) row(GROUP_NAMES[group], amountNano, 'regular')
  rule(sheet)
  sheet.y += 5
  row('Closing balance', closingNano, 'strong')
  sheet.y += 16
}

async function drawLines(sheet: Sheet): Promise<void> {
  const { openingNano, closingNano, lines, from, to } = sheet.statement
  drawColumns(sheet)
  drawBalance(sheet, from, 'Opening balance', openingNano)
  for (const line of lines) {
    // A page takes its time; nobody else waits for the whole document.
    if (makeRoom(sheet)) await setImmediate()
    drawLine(sheet, line)
  }
  makeRoom(sheet)
  rule(sheet)
  sheet.y += 4
  drawBalance(sheet, to - 1, 'Closing balance', closingNano)
}

function drawLine(sheet: Sheet, line: StatementLine): void {
  const { at, type, description, documentNumber, orderReference, amountNano, balanceAfterNano } = line
  sheet.write(writtenDay(sheet.statement, at), DATE)
  sheet.write(description === '' ? type : `${type}: ${description}`, WHAT)
  sheet.write(documentNumber ?? orderReference ?? '', { ...REFERENCE, colour: MUTED })
  sheet.write(money(sheet, amountNano), AMOUNT)
  sheet.write(money(sheet, balanceAfterNano), BALANCE)
  sheet.y += ROW
}

function drawBalance(sheet: Sheet, at: number, label: string, nano: Nano): void {
  sheet.write(writtenDay(sheet.statement, at), DATE)
  sheet.write(label, { ...WHAT, weight: 'strong' })
  sheet.write(money(sheet, nano), { ...BALANCE, weight: 'strong' })
  sheet.y += ROW
}

function drawColumns(sheet: Sheet): void {
  const head = { colour: MUTED }
  sheet.write('Date', { ...DATE, ...head })
  sheet.write('Movement', { ...WHAT, ...head })
  sheet.write('Invoice or order', { ...REFERENCE, ...head })
  sheet.write('Amount', { ...AMOUNT, ...head })
  sheet.write('Balance', { ...BALANCE, ...head })
  sheet.y += ROW
  rule(sheet)
  sheet.y += 5
}

/** A new page where the next row would not fit, with the columns' names again. */
function makeRoom(sheet: Sheet): boolean {
  if (sheet.y + ROW + 5 <= BOTTOM) return false
  sheet.doc.addPage()
  sheet.y = TOP
  drawColumns(sheet)
  return true
}

/** Last, for only then the number of pages is known. */
function drawFooters(sheet: Sheet, seller: StatementParty): void {
  const { start, count } = sheet.doc.bufferedPageRange()
  const imprint = [seller.name, ...seller.addressLines, seller.taxId, seller.email].filter(Boolean).join(' · ')
  for (let page = 0; page < count; page += 1) {
    sheet.doc.switchToPage(start + page)
    sheet.y = FOOTER_Y - 8
    rule(sheet)
    sheet.y = FOOTER_Y
    sheet.write(imprint, { x: LEFT, width: 380, size: 8, colour: MUTED })
    sheet.write(`Page ${page + 1} of ${count}`, { x: LEFT + 383, width: 100, size: 8, colour: MUTED, align: 'right' })
  }
}

const money = ({ statement }: Sheet, nano: Nano) => formatMoney(nano, statement.currency, 'exact')

function writtenDay({ timeZone }: Statement, at: number): string {
  const written = new Intl.DateTimeFormat('en-GB', { timeZone, day: '2-digit', month: 'short', year: 'numeric' })
  return written.format(at)
}

function rule({ doc, y }: Sheet): void {
  doc
    .moveTo(LEFT, y)
    .lineTo(LEFT + WIDTH, y)
    .lineWidth(0.75)
    .strokeColor(RULE)
    .stroke()
}

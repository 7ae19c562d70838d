import PDFDocument from 'pdfkit'
import QRCode from 'qrcode'
import { inMoney } from './manual-order.ts'
import { createTypesetter, LEADING, type Typesetter } from './pdf-text.ts'
import type { Party, ProForma } from './pro-forma.ts'

// Points on an A4 page of 595 × 842.
const LEFT = 56
const WIDTH = 483
const RIGHT_COLUMN = 330
const COLUMN_WIDTH = 209
const LABEL_WIDTH = 88
const FOOTER_Y = 762
const PADDING = 18
const ROW_GAP = 3.7
const QR_SIZE = 120
/** EPC069-12: level M. */
const QR_ERROR_CORRECTION = 'M'
/** ISO 18004: the light margin that a reader needs. */
const QUIET_MODULES = 4

const INK = '#14181f'
const MUTED = '#5b6472'
const RULE = '#d5dae2'
const PANEL = '#f3f5f8'

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' })
const writtenDay = (day: string) => DAY.format(new Date(day))

interface Page {
  doc: PDFKit.PDFDocument
  type: Typesetter
  proForma: ProForma
}

/** The pro-forma as a PDF of one A4 page. The same pro-forma gives the same bytes. */
export async function renderProForma(proForma: ProForma): Promise<Buffer> {
  const doc = new PDFDocument({
    ...{ size: 'A4', margin: 0, font: '', lang: 'en', displayTitle: true, pdfVersion: '1.7' },
    // Nothing of a customer: it would stand there unescaped. The date makes the file's id, too.
    info: { Title: `Pro-forma ${proForma.reference}`, CreationDate: new Date(proForma.createdAt) },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const finished = new Promise((resolve, reject) => doc.once('end', resolve).once('error', reject))
  const page: Page = { doc, type: createTypesetter(doc), proForma }
  const belowHead = drawHead(page)
  const belowParties = drawParties(page, belowHead)
  const belowLines = drawLines(page, belowParties)
  if (proForma.openMinor > 0n) drawPayment(page, belowLines)
  else drawNothingToPay(page, belowLines)
  drawFooter(page)
  doc.end()
  await finished
  return Buffer.concat(chunks)
}

function drawHead({ doc, type, proForma: { seller } }: Page): number {
  const y = 56
  const name = type.write(seller.name, {
    x: LEFT,
    y: y + 4,
    width: 260,
    size: 13,
    weight: 'strong',
    colour: INK,
    linesMax: 2,
  })
  const right = { x: RIGHT_COLUMN, width: COLUMN_WIDTH, align: 'right' } as const
  const title = type.write('Pro-forma', { ...right, y, size: 22, weight: 'strong', colour: INK })
  const below = Math.max(name, type.write('Not an invoice', { ...right, y: title, size: 10, colour: MUTED })) + 14
  rule(doc, below)
  return below + 20
}

function drawParties({ type, proForma }: Page, y: number): number {
  const { buyer, orderNumber, issuedOn, dueOn, printedReference } = proForma
  const from = drawParty(type, 'From', proForma.seller, { x: LEFT, y, width: 126 })
  const to = drawParty(type, 'To', buyer, { x: LEFT + 138, y, width: 126 })
  let at = type.write('Details', { x: RIGHT_COLUMN, y, width: COLUMN_WIDTH, size: 8.5, colour: MUTED }) + 3
  const details = [
    ['Order', orderNumber.toString()],
    ['Date', writtenDay(issuedOn)],
    ...(dueOn === null ? [] : [['Pay by', writtenDay(dueOn)]]),
    ['Reference', printedReference],
  ]
  for (const [label = '', value = ''] of details) {
    type.write(label, { x: RIGHT_COLUMN, y: at, width: 64, size: 9.5, colour: MUTED })
    at = type.write(value, {
      x: RIGHT_COLUMN + 64,
      y: at,
      width: COLUMN_WIDTH - 64,
      size: 9.5,
      colour: INK,
      align: 'right',
    })
  }
  return Math.max(from, to, at) + 26
}

/** Ends after so many lines, whatever a profile holds: the payment panel has to fit below. */
const PARTY_LINES_MAX = 11

function drawParty(
  type: Typesetter,
  title: string,
  party: Party,
  box: { x: number; y: number; width: number },
): number {
  const { name, addressLines, taxId, email } = party
  const style = { ...box, size: 9.5, colour: INK }
  const top = type.write(title, { ...style, size: 8.5, colour: MUTED }) + 3
  let y = type.write(name, { ...style, y: top, weight: 'strong', linesMax: 3 })
  const lines = [...addressLines, taxId === null ? null : `Tax ID ${taxId}`, email]
  const bottom = top + PARTY_LINES_MAX * style.size * LEADING
  for (const line of lines) {
    const linesMax = Math.min(2, Math.round((bottom - y) / (style.size * LEADING)))
    if (line !== null) y = type.write(line, { ...style, y, linesMax })
  }
  return y
}

function drawLines({ doc, type, proForma }: Page, top: number): number {
  const amountBox = { x: LEFT + WIDTH - 150, width: 150, align: 'right', tabular: true } as const
  const money = (minor: bigint) => inMoney(minor, proForma.currency)
  const head = { size: 8.5, colour: MUTED }
  type.write('Amount', { ...amountBox, y: top, ...head })
  let y = type.write('Description', { x: LEFT, y: top, width: 300, ...head }) + 4
  rule(doc, y)
  y += 9
  for (const { description, netMinor } of proForma.lines) {
    type.write(money(netMinor), { ...amountBox, y, size: 10, colour: INK })
    y = type.write(description, { x: LEFT, y, width: 310, size: 10, colour: INK, linesMax: 2 }) + 4
  }
  rule(doc, y + 3)
  y += 12
  const { netMinor, taxMinor, totalMinor, receivedMinor, openMinor } = proForma
  const sums: [string, bigint, 'regular' | 'strong'][] = [
    ['Net', netMinor, 'regular'],
    ['Tax', taxMinor, 'regular'],
    ['Total', totalMinor, 'strong'],
  ]
  if (receivedMinor > 0n) sums.push(['Received', receivedMinor, 'regular'])
  if (receivedMinor > 0n && openMinor > 0n) sums.push(['Still to pay', openMinor, 'strong'])
  for (const [label, minor, weight] of sums) {
    type.write(label, { x: RIGHT_COLUMN, y, width: 90, size: 10, weight, colour: weight === 'strong' ? INK : MUTED })
    y = type.write(money(minor), { ...amountBox, y, size: 10, weight, colour: INK }) + 3
  }
  return y + 22
}

function drawPayment({ doc, type, proForma }: Page, top: number): void {
  const { bankDetails, openMinor, currency, dueOn, printedReference, epcPayload } = proForma
  const x = LEFT + PADDING
  const large = epcPayload === null
  const width = large ? WIDTH - 2 * PADDING : WIDTH - 3 * PADDING - QR_SIZE
  const rows = [...bankDetails, { label: 'Amount', value: inMoney(openMinor, currency) }]
  const box = { width: width - LABEL_WIDTH, size: 9.5, colour: INK, linesMax: 2 }
  const rowsHeight = rows.reduce((sum, { value }) => sum + type.heightOf(value, box) + ROW_GAP, 0)
  const height = 2 * PADDING + Math.max(41 + rowsHeight + (large ? 28 : 18), large ? 0 : QR_SIZE + 17)
  doc.roundedRect(LEFT, top, WIDTH, height, 6).fill(PANEL)
  let y =
    type.write('Pay by bank transfer', { x, y: top + PADDING, width, size: 12, weight: 'strong', colour: INK }) + 2
  const ask =
    dueOn === null
      ? 'Name the reference exactly as it is shown.'
      : `By ${writtenDay(dueOn)}, with exactly this reference.`
  y = type.write(ask, { x, y, width, size: 9, colour: MUTED }) + 9
  for (const { label, value } of rows) {
    type.write(label, { x, y: y + 0.5, width: LABEL_WIDTH, size: 9, colour: MUTED })
    y = type.write(value, { ...box, x: x + LABEL_WIDTH, y }) + ROW_GAP
  }
  type.write('Reference', { x, y: y + (large ? 8 : 3), width: LABEL_WIDTH, size: 9, colour: MUTED })
  const value = { x: x + LABEL_WIDTH, y, width: width - LABEL_WIDTH, weight: 'strong', colour: INK } as const
  type.write(printedReference, { ...value, size: large ? 20 : 13 })
  if (epcPayload !== null) drawCode({ doc, type, proForma }, epcPayload, top + PADDING)
}

/** Drawn module by module: sharp in any size, and the same bytes each time. */
function drawCode({ doc, type }: Page, payload: string, y: number): void {
  const x = LEFT + WIDTH - PADDING - QR_SIZE
  const { modules } = QRCode.create(payload, { errorCorrectionLevel: QR_ERROR_CORRECTION })
  const side = QR_SIZE / (modules.size + 2 * QUIET_MODULES)
  doc.rect(x, y, QR_SIZE, QR_SIZE).fill('#ffffff')
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (!modules.get(row, column)) continue
      doc.rect(x + (column + QUIET_MODULES) * side, y + (row + QUIET_MODULES) * side, side, side)
    }
  }
  doc.fill('#000000')
  const below = y + QR_SIZE + 6
  type.write('Scan with a European banking app', {
    x: x - 22,
    y: below,
    width: QR_SIZE + 22,
    size: 8,
    colour: MUTED,
    align: 'right',
  })
}

function drawNothingToPay({ doc, type, proForma }: Page, top: number): void {
  const text = {
    canceled: 'This order was canceled. Please do not pay it.',
    paid: 'This order is paid. Nothing is left to transfer.',
    open: 'The total has arrived and is being checked. Nothing is left to transfer.',
  }[proForma.status]
  doc.roundedRect(LEFT, top, WIDTH, 2 * PADDING + 16, 6).fill(PANEL)
  type.write(text, {
    x: LEFT + PADDING,
    y: top + PADDING,
    width: WIDTH - 2 * PADDING,
    size: 11,
    weight: 'strong',
    colour: INK,
  })
}

function drawFooter({ doc, type, proForma: { seller } }: Page): void {
  rule(doc, FOOTER_Y)
  const box = { x: LEFT, width: WIDTH, size: 8, colour: MUTED }
  const what = 'This pro-forma is a request for payment. It is not an invoice and gives no right to deduct input tax.'
  const then = 'Credits are added once the transfer has arrived and was checked.'
  const below = type.write(`${what} ${then}`, { ...box, y: FOOTER_Y + 10, linesMax: 2 })
  const imprint = [seller.name, ...seller.addressLines, seller.taxId, seller.email].filter(Boolean).join(' · ')
  type.write(imprint, { ...box, y: below + 2, linesMax: 2 })
}

function rule(doc: PDFKit.PDFDocument, y: number): void {
  doc
    .moveTo(LEFT, y)
    .lineTo(LEFT + WIDTH, y)
    .lineWidth(0.75)
    .strokeColor(RULE)
    .stroke()
}

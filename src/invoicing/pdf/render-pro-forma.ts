import QRCode from 'qrcode'
import { drawProForma, proFormaTitle } from '../../../templates/invoice/v1/pro-forma.ts'
import type { BuyerParty, DocumentLanguage, SellerParty } from '../document-snapshot.ts'
import type { SaleTax } from '../tax-of-sale.ts'
import { archiveDocument } from './archive-document.ts'
import { type Box, type Canvas, createCanvas } from './canvas.ts'
import type { HanStyle } from './font-faces.ts'

/** Credits that are asked for, or given on top. Amounts in minor units. */
export interface ProFormaLine {
  readonly kind: 'CREDITS' | 'BONUS'
  /** How many credits. */
  readonly creditMinor: bigint
  /** Under which name they are sold; null = by the amount. */
  readonly packageName: string | null
  readonly netMinor: bigint
}

/** What a pro-forma says: a request for payment, or the receipt of one; no tax document. Amounts in minor units, days as YYYY-MM-DD. */
export interface ProFormaDocument {
  readonly language: DocumentLanguage
  readonly orderNumber: bigint
  /** `open`: awaits a transfer, even a late one; `paid` and `canceled`: nothing is to be paid any more. */
  readonly status: 'open' | 'paid' | 'canceled'
  /** Milliseconds since the epoch: the only time in the file. */
  readonly createdAt: number
  readonly issuedOn: string
  readonly dueOn: string | null
  readonly seller: SellerParty
  /** Where the transfer goes; null = nothing is to be transferred. */
  readonly bank: SellerParty['bank']
  /** A PNG or JPEG; the seller's name stands in its place where there is none or it cannot be archived. */
  readonly logo: Buffer | null
  readonly buyer: BuyerParty
  readonly currency: string
  readonly lines: readonly ProFormaLine[]
  /** How it is taxed; null = only the amount of the tax is known. */
  readonly tax: Pick<SaleTax, 'category' | 'rateBps' | 'exemptionReason' | 'notes'> | null
  /** The credits are vouchers, whose total contains a tax that falls due as they are used; left out = they are not. */
  readonly ofVouchers?: boolean
  /** It is no request, but says that the order was paid; left out = it is a request. */
  readonly receipt?: { readonly paidOn: string; readonly means: 'CARD' | 'TRANSFER'; readonly refundedMinor: bigint }
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly receivedMinor: bigint
  /** What is still to be transferred. */
  readonly openMinor: bigint
  /** In groups of four. */
  readonly printedReference: string
  /** For a QR code; null = it has none. */
  readonly epcPayload: string | null
}

/** A canvas that also draws codes to scan. */
export interface ProFormaCanvas extends Canvas {
  /** A QR code that fills the box, which is square, with its light margin. */
  code(text: string, box: Box): void
}

/** EPC069-12: level M. */
const ERROR_CORRECTION = 'M'
/** ISO 18004: the light margin that a reader needs. */
const QUIET_MODULES = 4

/** The pro-forma as PDF/A-3b, with no e-invoice inside, as it is no invoice. The same pro-forma gives the same bytes. */
export async function renderProFormaDocument(proForma: ProFormaDocument): Promise<Buffer> {
  return archiveDocument({
    title: proFormaTitle(proForma),
    language: proForma.language,
    date: new Date(proForma.createdAt),
    xml: null,
    draw: (doc) => {
      const canvas = createCanvas(doc, hanStyleOf(proForma))
      drawProForma({ ...canvas, code: (text, box) => drawCode(doc, text, box) }, proForma)
    },
  })
}

/** Drawn as shapes, each stretch of dark modules as one: sharp in any size, and the same bytes each time. */
function drawCode(doc: PDFKit.PDFDocument, text: string, { x, y, width, height }: Box): void {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: ERROR_CORRECTION })
  const side = width / (modules.size + 2 * QUIET_MODULES)
  doc.rect(x, y, width, height).fill('#ffffff')
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      const first = column
      while (column < modules.size && modules.get(row, column)) column += 1
      if (column === first) continue
      const left = x + (first + QUIET_MODULES) * side
      doc.rect(left, y + (row + QUIET_MODULES) * side, (column - first) * side, side)
    }
  }
  doc.fill('#000000')
}

const HAN_STYLES: Readonly<Record<string, HanStyle>> = { JP: 'jp', KR: 'kr' }

/** As on the invoice that follows: the buyer reads it, or else the seller's country decides. */
function hanStyleOf({ buyer, seller }: ProFormaDocument): HanStyle {
  const [buyerCountry, sellerCountry] = [buyer.address.country ?? '', seller.address.country ?? '']
  const isBuyersOwn = ['CN', 'TW', 'HK', 'MO'].includes(buyerCountry)
  return isBuyersOwn ? 'sc' : (HAN_STYLES[buyerCountry] ?? HAN_STYLES[sellerCountry] ?? 'sc')
}

import * as v1 from '../../../templates/invoice/v1/design.ts'
import type { DocumentSnapshot } from '../document-snapshot.ts'
import { archiveDocument } from './archive-document.ts'
import { type Canvas, createCanvas } from './canvas.ts'
import { DocumentRenderError } from './document-render-error.ts'
import type { HanStyle } from './font-faces.ts'

export interface RenderableDocument {
  readonly snapshot: DocumentSnapshot
  /** The same document as EN 16931 CII, embedded as it is. */
  readonly xml: string
  /** A PNG or JPEG; the seller's name stands in its place where there is none or it cannot be archived. */
  readonly logo: Buffer | null
}

interface Design {
  drawDocument(canvas: Canvas, snapshot: DocumentSnapshot, logo: Buffer | null): void
  titleOf(snapshot: DocumentSnapshot): string
}

/** Every design that a document was ever issued with. */
const DESIGNS: Readonly<Record<number, Design>> = { 1: v1 }

/**
 * The document as PDF/A-3b with its XML inside (Factur-X, ZUGFeRD). Drawn from the snapshot alone: the same on any day, byte for byte. An
 * invoice that is paid says so and is its own receipt.
 * @throws DocumentRenderError `design_unknown`, `date_not_valid`
 */
export async function renderDocument({ snapshot, xml, logo }: RenderableDocument): Promise<Buffer> {
  const design = DESIGNS[snapshot.templateVersion]
  if (design === undefined)
    throw new DocumentRenderError('design_unknown', `There is no design ${snapshot.templateVersion}.`)
  return archiveDocument({
    title: design.titleOf(snapshot),
    language: snapshot.language,
    date: midnightOf(snapshot.issueDate),
    xml,
    draw: (doc) => design.drawDocument(createCanvas(doc, hanStyleOf(snapshot)), snapshot, logo),
  })
}

function midnightOf(day: string): Date {
  const date = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(date.getTime())) throw new DocumentRenderError('date_not_valid', `${day} is no day.`)
  return date
}

const HAN_STYLES: Readonly<Record<string, HanStyle>> = { JP: 'jp', KR: 'kr', CN: 'sc', TW: 'sc', HK: 'sc', MO: 'sc' }

/** The buyer reads it; a buyer elsewhere is shown the characters of the seller's country. */
function hanStyleOf({ buyer, seller }: DocumentSnapshot): HanStyle {
  return HAN_STYLES[buyer.address.country ?? ''] ?? HAN_STYLES[seller.address.country ?? ''] ?? 'sc'
}

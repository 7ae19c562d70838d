import { FACTUR_X_METADATA, XML_FILE_NAME } from './factur-x.ts'
import { StableDocument } from './stable-document.ts'

export interface ArchiveDocument {
  /** Stands in the file's properties. */
  readonly title: string
  /** BCP 47. */
  readonly language: string
  /** The only date in the file. */
  readonly date: Date
  /** The e-invoice inside (Factur-X); null = the pages are all there is. */
  readonly xml: string | null
  readonly draw: (doc: PDFKit.PDFDocument) => void
}

/** A PDF/A-3b file, with the XML inside where there is one. The same document gives the same bytes: its date and id come from what is given alone. */
export async function archiveDocument({ title, language, date, xml, draw }: ArchiveDocument): Promise<Buffer> {
  const doc = new StableDocument({
    ...{ size: 'A4', margin: 0, font: '', lang: language, displayTitle: true, bufferPages: true },
    ...{ pdfVersion: '1.7', subset: 'PDF/A-3b' },
    info: { Title: withoutMarkup(title), Creator: 'Farebox', Producer: 'Farebox', CreationDate: date },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const finished = new Promise((resolve, reject) => doc.once('end', resolve).once('error', reject))
  if (xml !== null) embedInvoice(doc, xml, date)
  draw(doc)
  doc.end()
  await finished
  return Buffer.concat(chunks)
}

function embedInvoice(doc: PDFKit.PDFDocument, xml: string, date: Date): void {
  // pdfkit's types do not know the relationship yet.
  const file = { name: XML_FILE_NAME, type: 'text/xml', relationship: 'Alternative', description: 'Factur-X invoice' }
  doc.file(Buffer.from(xml, 'utf8'), {
    ...file,
    creationDate: date,
    modifiedDate: date,
  } as PDFKit.Mixins.PDFAttachmentOptions)
  doc.appendXML(FACTUR_X_METADATA)
}

/** pdfkit writes it into the XML of the metadata as it is. */
const withoutMarkup = (text: string) => text.replace(/[<>&"'\p{C}]/gu, ' ')

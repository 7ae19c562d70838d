import { inflateSync } from 'node:zlib'
import { zlibSync } from 'fflate'
import PDFDocument from 'pdfkit'

/** Of the packed size, what a picture may come to: more than any logo that is let in. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

/** What is used of pdfkit's objects; their types say nothing of it. */
interface Reference {
  readonly data: { readonly Filter?: string }
  compress: boolean
  buffer: Uint8Array[]
  finalize(): void
}

/**
 * pdfkit packs its streams with the zlib of the runtime, whose bytes differ from version to version and from processor to processor. Here
 * they are packed by one library with a fixed version, so that a document is the same on every machine and after every update.
 */
export class StableDocument extends PDFDocument {
  override ref(data: object): PDFKit.PDFKitReference {
    const made = super.ref(data)
    const reference = made as unknown as Reference
    const finalize = reference.finalize
    reference.finalize = () => {
      if (reference.buffer.length > 0) packStably(reference)
      finalize.call(reference)
    }
    return made
  }
}

function packStably(reference: Reference): void {
  const whole = Buffer.concat(reference.buffer)
  if (reference.compress) reference.buffer = [zlibSync(whole)]
  // Pixels of a picture, which pdfkit has packed already.
  else if (reference.data.Filter === 'FlateDecode') {
    reference.buffer = [zlibSync(inflateSync(whole, { maxOutputLength: UNPACKED_BYTES_MAX }))]
  }
  reference.compress = false
}

import { renderProFormaDocument } from '../../invoicing/pdf/render-pro-forma.ts'
import type { ProForma } from './pro-forma.ts'

/** The pro-forma as PDF/A-3b, in the design and the language of the invoice that follows it. The same pro-forma gives the same bytes. */
export function renderProForma(proForma: ProForma): Promise<Buffer> {
  return renderProFormaDocument(proForma)
}

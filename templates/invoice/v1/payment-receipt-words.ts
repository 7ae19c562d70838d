import type { DocumentLanguage } from '../../../src/invoicing/document-snapshot.ts'
import type { ProFormaWords } from './pro-forma-words.ts'

/** Where the receipt of a payment says other than the request for it. */
export const RECEIPT_WORDS: Readonly<
  Record<DocumentLanguage, Pick<ProFormaWords, 'title' | 'notAnInvoice' | 'statement'>>
> = {
  en: {
    title: 'Payment receipt',
    notAnInvoice: 'Not an invoice',
    statement: 'This receipt confirms a payment. It is not an invoice and gives no right to deduct input tax.',
  },
  de: {
    title: 'Zahlungsbeleg',
    notAnInvoice: 'Keine Rechnung',
    statement:
      'Dieser Beleg bestätigt eine Zahlung. Er ist keine Rechnung im umsatzsteuerlichen Sinn und berechtigt nicht zum Vorsteuerabzug.',
  },
  fr: {
    title: 'Reçu de paiement',
    notAnInvoice: 'Ne constitue pas une facture',
    statement:
      'Ce reçu confirme un paiement. Il ne constitue pas une facture et n’ouvre pas droit à la déduction de la TVA.',
  },
  es: {
    title: 'Recibo de pago',
    notAnInvoice: 'No es una factura',
    statement: 'Este recibo confirma un pago. No es una factura y no da derecho a deducir el IVA soportado.',
  },
}

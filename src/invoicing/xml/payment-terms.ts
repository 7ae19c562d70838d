import type { DocumentLanguage } from '../document-snapshot.ts'

const PAYABLE: Record<DocumentLanguage, string> = {
  en: 'Payable on receipt, quoting {reference}.',
  de: 'Zahlbar sofort nach Erhalt unter Angabe von {reference}.',
  fr: 'Payable à réception, en indiquant la référence {reference}.',
  es: 'Pagadero a la recepción, indicando la referencia {reference}.',
}

const TO_BE_REFUNDED: Record<DocumentLanguage, string> = {
  en: 'The amount will be refunded.',
  de: 'Der Betrag wird erstattet.',
  fr: 'Le montant sera remboursé.',
  es: 'El importe será reembolsado.',
}

/** How an invoice that is not paid is to be paid (BT-20). An amount due needs this or a due date (BR-CO-25). */
export function paymentTerms(language: DocumentLanguage, reference: string): string {
  // A function, since a replacement text would give `$&` in a reference a meaning.
  return PAYABLE[language].replace('{reference}', () => reference)
}

/** What becomes of the amount of a credit note that was not paid back yet. */
export function refundTerms(language: DocumentLanguage): string {
  return TO_BE_REFUNDED[language]
}

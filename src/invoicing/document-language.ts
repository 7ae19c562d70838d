import type { DocumentLanguage } from './document-snapshot.ts'

/** Countries whose customers are written to in another language than English. */
const LANGUAGES: Readonly<Record<string, DocumentLanguage>> = {
  ...Object.fromEntries(['DE', 'AT', 'LI'].map((country) => [country, 'de'] as const)),
  ...Object.fromEntries(['FR', 'MC', 'LU'].map((country) => [country, 'fr'] as const)),
  ...Object.fromEntries(
    [
      'ES',
      'AR',
      'BO',
      'CL',
      'CO',
      'CR',
      'CU',
      'DO',
      'EC',
      'GT',
      'HN',
      'MX',
      'NI',
      'PA',
      'PE',
      'PY',
      'SV',
      'UY',
      'VE',
    ].map((country) => [country, 'es'] as const),
  ),
}

/** What a document is written in for a buyer of this country. */
export function languageOf(country: string | null): DocumentLanguage {
  return (country !== null && LANGUAGES[country]) || 'en'
}

/** The few words of a line that stand in the snapshot itself. */
export interface LineWords {
  credits: string
  bonus(amount: string): string
  refund(invoiceNumber: string): string
}

export const LINE_WORDS: Readonly<Record<DocumentLanguage, LineWords>> = {
  en: {
    credits: 'Prepaid credits for AI gateway usage',
    bonus: (amount) => `with ${amount} of bonus credits`,
    refund: (number) => `Refund of unspent credits, invoice ${number}`,
  },
  de: {
    credits: 'Prepaid-Guthaben für die Nutzung des KI-Gateways',
    bonus: (amount) => `mit ${amount} Bonusguthaben`,
    refund: (number) => `Erstattung von nicht verbrauchtem Guthaben, Rechnung ${number}`,
  },
  fr: {
    credits: 'Crédits prépayés pour l’utilisation de la passerelle IA',
    bonus: (amount) => `avec ${amount} de crédits bonus`,
    refund: (number) => `Remboursement de crédits non utilisés, facture ${number}`,
  },
  es: {
    credits: 'Créditos prepagados para el uso de la pasarela de IA',
    bonus: (amount) => `con ${amount} de créditos de bonificación`,
    refund: (number) => `Reembolso de créditos no utilizados, factura ${number}`,
  },
}

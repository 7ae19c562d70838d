import type { DocumentLanguage } from '../document-snapshot.ts'

/** What the invoice of a month of use says in its snapshot. */
export interface UsageWords {
  /** Of the line. */
  name(month: string, requests: string | null): string
  request: string
  requests: string
  /** How it was paid, and why that payment bore no tax. */
  paidWithVouchers: string
  /** Of BCP 47, for months and numbers. */
  locale: string
}

const nameOf = (what: string) => (month: string, requests: string | null) =>
  requests === null ? `${what} ${month}` : `${what} ${month} (${requests})`

export const USAGE_WORDS: Readonly<Record<DocumentLanguage, UsageWords>> = {
  en: {
    ...{ name: nameOf('AI gateway usage'), request: 'request', requests: 'requests', locale: 'en-GB' },
    paidWithVouchers: 'Paid with prepaid credits: multi-purpose vouchers, whose sale was not taxed.',
  },
  de: {
    ...{ name: nameOf('Nutzung des KI-Gateways'), request: 'Anfrage', requests: 'Anfragen', locale: 'de' },
    paidWithVouchers: 'Bezahlt mit Prepaid-Guthaben: Mehrzweck-Gutscheine, deren Verkauf nicht besteuert wurde.',
  },
  fr: {
    ...{ name: nameOf('Utilisation de la passerelle IA'), request: 'requête', requests: 'requêtes', locale: 'fr' },
    paidWithVouchers: 'Payé avec des crédits prépayés : bons à usages multiples, dont la vente n’a pas été taxée.',
  },
  es: {
    ...{ name: nameOf('Uso de la pasarela de IA'), request: 'solicitud', requests: 'solicitudes', locale: 'es' },
    paidWithVouchers: 'Pagado con créditos prepagados: bonos polivalentes, cuya venta no fue gravada.',
  },
}

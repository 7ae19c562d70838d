import type { DocumentKind, DocumentLanguage, TaxCategory } from '../../../src/invoicing/document-snapshot.ts'

export interface Words {
  readonly title: Record<DocumentKind, string>
  readonly from: string
  readonly to: string
  readonly details: string
  readonly number: string
  readonly issueDate: string
  readonly taxPointDate: string
  readonly corrects: string
  /** Beside the day of what is corrected. */
  readonly ofDay: string
  readonly yourReference: string
  readonly paymentReference: string
  readonly vatId: string
  readonly taxNumber: string
  readonly otherTaxId: string
  readonly registrationNumber: string
  readonly description: string
  readonly quantity: string
  readonly unitPrice: string
  readonly rate: string
  readonly taxRate: string
  readonly amount: string
  readonly net: string
  readonly tax: string
  readonly total: string
  /** The tax in another currency, and the rate: `1 USD = 0.92310 EUR (ECB, 2026-11-20)`. */
  readonly nationalTax: (currency: string, amount: string, rate: string) => string
  readonly period: string
  /** What was paid before, and what is left: back to the buyer on a credit note. */
  readonly paid: Record<DocumentKind, string>
  readonly due: Record<DocumentKind, string>
  readonly paidBy: Record<DocumentKind, Record<'CARD' | 'TRANSFER' | 'NONE', string>>
  readonly paidWithCredits: string
  readonly nothingDue: string
  readonly payByTransfer: string
  readonly payHint: string
  readonly holder: string
  readonly bank: string
  readonly notes: string
  readonly page: string
  readonly of: string
  readonly category: Record<Exclude<TaxCategory, 'S' | 'Z'>, string>
  /** UN/ECE Recommendation 20; a piece needs no word. */
  readonly units: Record<string, string>
}

const en: Words = {
  title: { INVOICE: 'Invoice', CREDIT_NOTE: 'Credit note' },
  from: 'From',
  to: 'To',
  details: 'Details',
  number: 'Number',
  issueDate: 'Date',
  taxPointDate: 'Tax point',
  corrects: 'Corrects',
  ofDay: 'dated',
  yourReference: 'Your reference',
  paymentReference: 'Payment ref.',
  vatId: 'VAT ID',
  taxNumber: 'Tax number',
  otherTaxId: 'Tax ID',
  registrationNumber: 'Register no.',
  description: 'Description',
  quantity: 'Quantity',
  unitPrice: 'Unit price',
  rate: 'VAT',
  taxRate: 'VAT rate',
  amount: 'Amount',
  net: 'Net',
  tax: 'VAT',
  total: 'Total',
  nationalTax: (currency, amount, rate) => `VAT total in ${currency}: ${amount} at ${rate}`,
  period: 'Period',
  paid: { INVOICE: 'Paid', CREDIT_NOTE: 'Refunded' },
  due: { INVOICE: 'Amount due', CREDIT_NOTE: 'Still to refund' },
  paidBy: {
    INVOICE: { CARD: 'Paid by card on', TRANSFER: 'Paid by bank transfer on', NONE: 'Paid on' },
    CREDIT_NOTE: { CARD: 'Refunded to the card on', TRANSFER: 'Refunded by bank transfer on', NONE: 'Refunded on' },
  },
  paidWithCredits: 'Paid with prepaid credits.',
  nothingDue: 'Nothing is left to pay.',
  payByTransfer: 'Pay by bank transfer',
  payHint: 'Please name the reference exactly as it is shown.',
  holder: 'Account holder',
  bank: 'Bank',
  notes: 'Notes',
  page: 'Page',
  of: 'of',
  category: { AE: 'Reverse charge', O: 'Not subject to VAT', G: 'Export', E: 'Exempt' },
  units: { HUR: 'h', DAY: 'days', MON: 'months', ANN: 'years' },
}

const de: Words = {
  title: { INVOICE: 'Rechnung', CREDIT_NOTE: 'Rechnungskorrektur' },
  from: 'Von',
  to: 'An',
  details: 'Angaben',
  number: 'Nummer',
  issueDate: 'Datum',
  taxPointDate: 'Leistung/Zahlung',
  corrects: 'Korrigiert',
  ofDay: 'vom',
  yourReference: 'Ihre Referenz',
  paymentReference: 'Zahlungsref.',
  vatId: 'USt-IdNr.',
  taxNumber: 'Steuernummer',
  otherTaxId: 'Steuer-ID',
  registrationNumber: 'Register-Nr.',
  description: 'Beschreibung',
  quantity: 'Menge',
  unitPrice: 'Einzelpreis',
  rate: 'USt.',
  taxRate: 'Steuersatz',
  amount: 'Betrag',
  net: 'Netto',
  tax: 'USt.',
  total: 'Gesamtbetrag',
  nationalTax: (currency, amount, rate) => `USt. gesamt in ${currency}: ${amount} zum Kurs ${rate}`,
  period: 'Zeitraum',
  paid: { INVOICE: 'Bezahlt', CREDIT_NOTE: 'Erstattet' },
  due: { INVOICE: 'Zu zahlen', CREDIT_NOTE: 'Noch zu erstatten' },
  paidBy: {
    INVOICE: { CARD: 'Mit Karte bezahlt am', TRANSFER: 'Per Überweisung bezahlt am', NONE: 'Bezahlt am' },
    CREDIT_NOTE: {
      CARD: 'Auf die Karte erstattet am',
      TRANSFER: 'Per Überweisung erstattet am',
      NONE: 'Erstattet am',
    },
  },
  paidWithCredits: 'Mit Prepaid-Guthaben bezahlt.',
  nothingDue: 'Es ist nichts mehr zu zahlen.',
  payByTransfer: 'Zahlung per Überweisung',
  payHint: 'Bitte geben Sie die Referenz genau so an, wie sie hier steht.',
  holder: 'Kontoinhaber',
  bank: 'Bank',
  notes: 'Hinweise',
  page: 'Seite',
  of: 'von',
  category: { AE: 'Reverse Charge', O: 'Nicht steuerbar', G: 'Ausfuhr', E: 'Steuerfrei' },
  units: { HUR: 'Std.', DAY: 'Tage', MON: 'Monate', ANN: 'Jahre' },
}

const fr: Words = {
  title: { INVOICE: 'Facture', CREDIT_NOTE: 'Avoir' },
  from: 'De',
  to: 'À',
  details: 'Détails',
  number: 'Numéro',
  issueDate: 'Date',
  taxPointDate: 'Exigibilité',
  corrects: 'Rectifie',
  ofDay: 'du',
  yourReference: 'Votre référence',
  paymentReference: 'Réf. de paiement',
  vatId: 'N° TVA',
  taxNumber: 'N° fiscal',
  otherTaxId: 'Identifiant fiscal',
  registrationNumber: 'N° de registre',
  description: 'Désignation',
  quantity: 'Quantité',
  unitPrice: 'Prix unitaire',
  rate: 'TVA',
  taxRate: 'Taux de TVA',
  amount: 'Montant',
  net: 'Total HT',
  tax: 'TVA',
  total: 'Total TTC',
  nationalTax: (currency, amount, rate) => `TVA totale en ${currency} : ${amount} au taux ${rate}`,
  period: 'Période',
  paid: { INVOICE: 'Payé', CREDIT_NOTE: 'Remboursé' },
  due: { INVOICE: 'Reste à payer', CREDIT_NOTE: 'Reste à rembourser' },
  paidBy: {
    INVOICE: { CARD: 'Payé par carte le', TRANSFER: 'Payé par virement le', NONE: 'Payé le' },
    CREDIT_NOTE: {
      CARD: 'Remboursé sur la carte le',
      TRANSFER: 'Remboursé par virement le',
      NONE: 'Remboursé le',
    },
  },
  paidWithCredits: 'Payé avec des crédits prépayés.',
  nothingDue: 'Il ne reste rien à payer.',
  payByTransfer: 'Paiement par virement',
  payHint: 'Merci d’indiquer la référence exactement comme ci-dessous.',
  holder: 'Titulaire',
  bank: 'Banque',
  notes: 'Mentions',
  page: 'Page',
  of: 'sur',
  category: { AE: 'Autoliquidation', O: 'Hors champ', G: 'Exportation', E: 'Exonéré' },
  units: { HUR: 'h', DAY: 'jours', MON: 'mois', ANN: 'ans' },
}

const es: Words = {
  title: { INVOICE: 'Factura', CREDIT_NOTE: 'Factura rectificativa' },
  from: 'De',
  to: 'Para',
  details: 'Detalles',
  number: 'Número',
  issueDate: 'Fecha',
  taxPointDate: 'Fecha de operación',
  corrects: 'Rectifica',
  ofDay: 'del',
  yourReference: 'Su referencia',
  paymentReference: 'Ref. de pago',
  vatId: 'NIF-IVA',
  taxNumber: 'N.º fiscal',
  otherTaxId: 'Id. fiscal',
  registrationNumber: 'N.º de registro',
  description: 'Descripción',
  quantity: 'Cantidad',
  unitPrice: 'Precio unitario',
  rate: 'IVA',
  taxRate: 'Tipo de IVA',
  amount: 'Importe',
  net: 'Base imponible',
  tax: 'IVA',
  total: 'Total',
  nationalTax: (currency, amount, rate) => `IVA total en ${currency}: ${amount} al cambio ${rate}`,
  period: 'Período',
  paid: { INVOICE: 'Pagado', CREDIT_NOTE: 'Reembolsado' },
  due: { INVOICE: 'Pendiente de pago', CREDIT_NOTE: 'Pendiente de reembolso' },
  paidBy: {
    INVOICE: { CARD: 'Pagado con tarjeta el', TRANSFER: 'Pagado por transferencia el', NONE: 'Pagado el' },
    CREDIT_NOTE: {
      CARD: 'Reembolsado en la tarjeta el',
      TRANSFER: 'Reembolsado por transferencia el',
      NONE: 'Reembolsado el',
    },
  },
  paidWithCredits: 'Pagado con créditos prepagados.',
  nothingDue: 'No queda nada por pagar.',
  payByTransfer: 'Pago por transferencia',
  payHint: 'Indique la referencia exactamente como aparece aquí.',
  holder: 'Titular',
  bank: 'Banco',
  notes: 'Notas',
  page: 'Página',
  of: 'de',
  category: { AE: 'Inversión del sujeto pasivo', O: 'No sujeto', G: 'Exportación', E: 'Exento' },
  units: { HUR: 'h', DAY: 'días', MON: 'meses', ANN: 'años' },
}

export const WORDS: Record<DocumentLanguage, Words> = { en, de, fr, es }

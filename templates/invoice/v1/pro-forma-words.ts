import type { DocumentLanguage } from '../../../src/invoicing/document-snapshot.ts'

/** What a pro-forma says beyond the words of an invoice. Amounts and days come in as they are written. */
export interface ProFormaWords {
  readonly title: string
  /** Below the title: nobody may book it as an invoice. */
  readonly notAnInvoice: string
  readonly order: string
  readonly payBy: string
  readonly reference: string
  readonly credits: (amount: string) => string
  readonly bonus: (amount: string) => string
  readonly received: string
  readonly stillToPay: string
  readonly payUntil: (day: string) => string
  readonly scan: string
  readonly nothingToPay: Record<'open' | 'paid' | 'canceled', string>
  /** What it is not, so that nobody deducts tax by it. */
  readonly statement: string
  /** What happens next, as long as a transfer is awaited. */
  readonly whatFollows: string
  /** The same, where credits are vouchers. */
  readonly whatFollowsForVouchers: string
  /** Why no tax is shown for vouchers. */
  readonly vouchers: string
}

const en: ProFormaWords = {
  title: 'Pro-forma invoice',
  notAnInvoice: 'Not a tax invoice',
  order: 'Order',
  payBy: 'Pay by',
  reference: 'Reference',
  credits: (amount) => `Prepaid credits, ${amount}`,
  bonus: (amount) => `Bonus credits, ${amount}`,
  received: 'Received',
  stillToPay: 'Still to pay',
  payUntil: (day) => `By ${day}, with exactly this reference.`,
  scan: 'Scan with a European banking app',
  nothingToPay: {
    open: 'The total has arrived and is being checked. Nothing is left to transfer.',
    paid: 'This order is paid. Nothing is left to transfer.',
    canceled: 'This order was canceled. Please do not pay it.',
  },
  statement:
    'This pro-forma invoice is a request for payment. It is not a tax invoice and gives no right to deduct input tax.',
  whatFollows: 'Credits are added once the transfer has arrived and was checked; the invoice follows then.',
  whatFollowsForVouchers: 'Credits are added once the transfer has arrived and was checked.',
  vouchers:
    'The credits are multi-purpose vouchers: VAT is contained in the total and invoiced monthly as credits are used.',
}

const de: ProFormaWords = {
  title: 'Proforma-Rechnung',
  notAnInvoice: 'Keine Rechnung im umsatzsteuerlichen Sinn',
  order: 'Bestellung',
  payBy: 'Zahlbar bis',
  reference: 'Referenz',
  credits: (amount) => `Prepaid-Guthaben, ${amount}`,
  bonus: (amount) => `Bonusguthaben, ${amount}`,
  received: 'Eingegangen',
  stillToPay: 'Noch zu zahlen',
  payUntil: (day) => `Bis zum ${day}, mit genau dieser Referenz.`,
  scan: 'Mit der Banking-App scannen',
  nothingToPay: {
    open: 'Der Gesamtbetrag ist eingegangen und wird geprüft. Es ist nichts mehr zu überweisen.',
    paid: 'Diese Bestellung ist bezahlt. Es ist nichts mehr zu überweisen.',
    canceled: 'Diese Bestellung wurde storniert. Bitte überweisen Sie nichts.',
  },
  statement:
    'Diese Proforma-Rechnung ist eine Zahlungsaufforderung. Sie ist keine Rechnung im umsatzsteuerlichen Sinn und berechtigt nicht zum Vorsteuerabzug.',
  whatFollows:
    'Das Guthaben wird gutgeschrieben, sobald die Überweisung eingegangen und geprüft ist; dann folgt die Rechnung.',
  whatFollowsForVouchers: 'Das Guthaben wird gutgeschrieben, sobald die Überweisung eingegangen und geprüft ist.',
  vouchers:
    'Das Guthaben besteht aus Mehrzweck-Gutscheinen: Die Umsatzsteuer ist im Gesamtbetrag enthalten und wird monatlich nach Verbrauch in Rechnung gestellt.',
}

const fr: ProFormaWords = {
  title: 'Facture pro forma',
  notAnInvoice: 'Ne constitue pas une facture fiscale',
  order: 'Commande',
  payBy: 'Échéance',
  reference: 'Référence',
  credits: (amount) => `Crédits prépayés, ${amount}`,
  bonus: (amount) => `Crédits bonus, ${amount}`,
  received: 'Reçu',
  stillToPay: 'Reste à payer',
  payUntil: (day) => `Au plus tard le ${day}, avec cette référence exacte.`,
  scan: 'À scanner avec votre application bancaire',
  nothingToPay: {
    open: 'Le montant total est arrivé et est en cours de vérification. Il ne reste rien à virer.',
    paid: 'Cette commande est payée. Il ne reste rien à virer.',
    canceled: 'Cette commande a été annulée. Merci de ne pas la payer.',
  },
  statement:
    'Cette facture pro forma est une demande de paiement. Elle ne constitue pas une facture fiscale et n’ouvre pas droit à la déduction de la TVA.',
  whatFollows: 'Les crédits sont ajoutés une fois le virement arrivé et vérifié ; la facture suit alors.',
  whatFollowsForVouchers: 'Les crédits sont ajoutés une fois le virement arrivé et vérifié.',
  vouchers:
    'Les crédits sont des bons à usages multiples : la TVA est comprise dans le total et facturée chaque mois selon l’utilisation.',
}

const es: ProFormaWords = {
  title: 'Factura proforma',
  notAnInvoice: 'Sin validez como factura fiscal',
  order: 'Pedido',
  payBy: 'Vencimiento',
  reference: 'Referencia',
  credits: (amount) => `Créditos prepagados, ${amount}`,
  bonus: (amount) => `Créditos de bonificación, ${amount}`,
  received: 'Recibido',
  stillToPay: 'Pendiente de pago',
  payUntil: (day) => `Hasta el ${day}, con esta referencia exacta.`,
  scan: 'Escanear con su aplicación bancaria',
  nothingToPay: {
    open: 'El importe total ha llegado y se está comprobando. No queda nada por transferir.',
    paid: 'Este pedido está pagado. No queda nada por transferir.',
    canceled: 'Este pedido se ha cancelado. Por favor, no lo pague.',
  },
  statement:
    'Esta factura proforma es una solicitud de pago. No es una factura fiscal y no da derecho a deducir el IVA soportado.',
  whatFollows:
    'Los créditos se añaden cuando la transferencia ha llegado y se ha comprobado; entonces se emite la factura.',
  whatFollowsForVouchers: 'Los créditos se añaden cuando la transferencia ha llegado y se ha comprobado.',
  vouchers: 'Los créditos son bonos polivalentes: el IVA está incluido en el total y se factura cada mes según el uso.',
}

export const PRO_FORMA_WORDS: Record<DocumentLanguage, ProFormaWords> = { en, de, fr, es }

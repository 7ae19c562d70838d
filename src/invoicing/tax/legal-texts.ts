import type { DocumentLanguage } from '../document-snapshot.ts'

export type LegalText = Readonly<Record<DocumentLanguage, string>>

/**
 * Why no tax is charged. "Reverse charge" and its counterparts are the words that article 226(11a) of Directive
 * 2006/112/EC demands, in the wording of each language's version.
 */
export const EXEMPTION_TEXTS = {
  reverseCharge: {
    en: 'Reverse charge: the customer is liable for VAT (articles 44 and 196 of Directive 2006/112/EC).',
    de: 'Steuerschuldnerschaft des Leistungsempfängers (Artikel 44 und 196 der Richtlinie 2006/112/EG).',
    fr: 'Autoliquidation : la TVA est due par le preneur (articles 44 et 196 de la directive 2006/112/CE).',
    es: 'Inversión del sujeto pasivo (artículos 44 y 196 de la Directiva 2006/112/CE).',
  },
  outsideEuBusiness: {
    en: 'Not subject to VAT: supplied to a business outside the EU (article 44 of Directive 2006/112/EC).',
    de: 'Nicht steuerbar: Leistung an ein Unternehmen außerhalb der EU (Artikel 44 der Richtlinie 2006/112/EG).',
    fr: "Non soumis à la TVA : prestation à une entreprise hors de l'UE (article 44 de la directive 2006/112/CE).",
    es: 'No sujeto al IVA: prestación a una empresa fuera de la UE (artículo 44 de la Directiva 2006/112/CE).',
  },
  outsideEuConsumer: {
    en: 'Not subject to VAT: supplied electronically to a customer outside the EU (articles 58 and 59 of Directive 2006/112/EC).',
    de: 'Nicht steuerbar: elektronische Leistung an einen Empfänger außerhalb der EU (Artikel 58 und 59 der Richtlinie 2006/112/EG).',
    fr: "Non soumis à la TVA : service électronique fourni à un client hors de l'UE (articles 58 et 59 de la directive 2006/112/CE).",
    es: 'No sujeto al IVA: servicio electrónico prestado a un cliente fuera de la UE (artículos 58 y 59 de la Directiva 2006/112/CE).',
  },
  outsideUk: {
    en: 'Outside the scope of UK VAT: supplied where the customer belongs (VATA 1994, section 7A and schedule 4A).',
    de: 'Nicht der britischen Mehrwertsteuer unterworfen: Leistungsort beim Empfänger (VATA 1994, section 7A, schedule 4A).',
    fr: 'Hors du champ de la TVA britannique : lieu de prestation chez le client (VATA 1994, section 7A, schedule 4A).',
    es: 'Fuera del ámbito del IVA británico: prestado donde está el cliente (VATA 1994, section 7A, schedule 4A).',
  },
  outsideSwitzerland: {
    en: 'Not subject to Swiss VAT: supplied where the customer is (article 8(1) of the Swiss VAT Act).',
    de: 'Nicht der Schweizer Mehrwertsteuer unterliegend: Ort der Leistung beim Empfänger (Art. 8 Abs. 1 MWSTG).',
    fr: 'Non soumis à la TVA suisse : lieu de la prestation chez le destinataire (art. 8, al. 1, LTVA).',
    es: 'No sujeto al IVA suizo: prestado donde está el destinatario (artículo 8.1 de la Ley suiza del IVA).',
  },
  outsideNorway: {
    en: 'Exempt from Norwegian VAT: services for use outside Norway (merverdiavgiftsloven § 6-22).',
    de: 'Von der norwegischen Mehrwertsteuer befreit: Leistung zur Nutzung außerhalb Norwegens (merverdiavgiftsloven § 6-22).',
    fr: 'Exonéré de la TVA norvégienne : services utilisés hors de Norvège (merverdiavgiftsloven § 6-22).',
    es: 'Exento del IVA noruego: servicios para su uso fuera de Noruega (merverdiavgiftsloven § 6-22).',
  },
  outsideSellersCountry: {
    en: "Not subject to tax in the seller's country: supplied where the customer is.",
    de: 'Im Land des Verkäufers nicht steuerbar: Ort der Leistung beim Empfänger.',
    fr: 'Non soumis à la taxe dans le pays du vendeur : lieu de la prestation chez le client.',
    es: 'No sujeto a impuestos en el país del vendedor: prestado donde está el cliente.',
  },
  reverseChargeFromOutside: {
    en: 'Reverse charge: supplied from outside the EU, the customer is liable for VAT (article 196 of Directive 2006/112/EC).',
    de: 'Steuerschuldnerschaft des Leistungsempfängers: Leistung von außerhalb der EU (Artikel 196 der Richtlinie 2006/112/EG).',
    fr: "Autoliquidation : prestation depuis un pays hors de l'UE, TVA due par le preneur (article 196 de la directive 2006/112/CE).",
    es: 'Inversión del sujeto pasivo: prestación desde fuera de la UE (artículo 196 de la Directiva 2006/112/CE).',
  },
  sellerNotRegistered: {
    en: 'No tax is charged: the seller is not registered for it.',
    de: 'Es wird keine Steuer berechnet: Der Verkäufer ist dafür nicht registriert.',
    fr: "Aucune taxe n'est facturée : le vendeur n'y est pas assujetti.",
    es: 'No se cobra ningún impuesto: el vendedor no está registrado a tal efecto.',
  },
  noUsSalesTax: {
    en: 'No US sales tax is charged.',
    de: 'Es wird keine US-Umsatzsteuer (sales tax) berechnet.',
    fr: "Aucune taxe de vente américaine (sales tax) n'est facturée.",
    es: 'No se cobra impuesto sobre las ventas de EE. UU. (sales tax).',
  },
} as const satisfies Record<string, LegalText>
export type ExemptionText = keyof typeof EXEMPTION_TEXTS

/** A sentence about a VAT id that was given and could not be used, so that the customer knows why tax is charged. */
export const UNUSED_VAT_ID_TEXTS = {
  malformed: {
    en: (vatId: string) => `The VAT ID ${vatId} is not valid, so this purchase is taxed as one by a consumer.`,
    de: (vatId: string) =>
      `Die USt-IdNr. ${vatId} ist nicht gültig; der Kauf wird daher wie der eines Verbrauchers besteuert.`,
    fr: (vatId: string) =>
      `Le numéro de TVA ${vatId} n'est pas valide ; l'achat est donc taxé comme celui d'un consommateur.`,
    es: (vatId: string) => `El NIF-IVA ${vatId} no es válido, por lo que la compra tributa como la de un consumidor.`,
  },
  notRegistered: {
    en: (vatId: string) =>
      `The VAT ID ${vatId} was not confirmed by the register (VIES), so this purchase is taxed as one by a consumer.`,
    de: (vatId: string) =>
      `Die USt-IdNr. ${vatId} wurde vom Register (VIES) nicht bestätigt; der Kauf wird daher wie der eines Verbrauchers besteuert.`,
    fr: (vatId: string) =>
      `Le numéro de TVA ${vatId} n'a pas été confirmé par le registre (VIES) ; l'achat est donc taxé comme celui d'un consommateur.`,
    es: (vatId: string) =>
      `El NIF-IVA ${vatId} no fue confirmado por el registro (VIES), por lo que la compra tributa como la de un consumidor.`,
  },
} as const satisfies Record<string, Record<DocumentLanguage, (vatId: string) => string>>

/** For a business abroad: what is not charged here may be due there. */
export const CUSTOMER_ACCOUNTS_TEXT: LegalText = {
  en: "Where tax is due in the customer's country, the customer accounts for it.",
  de: 'Soweit im Land des Empfängers Steuer anfällt, schuldet sie der Empfänger.',
  fr: 'Si une taxe est due dans le pays du client, elle est acquittée par le client.',
  es: 'Si se debe algún impuesto en el país del cliente, lo liquida el cliente.',
}

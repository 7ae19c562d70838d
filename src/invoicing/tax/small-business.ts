import type { DocumentLanguage } from '../document-snapshot.ts'

/** Where a country's scheme for small enterprises stands, and the words that its law prescribes in its own language. */
interface SmallBusinessLaw {
  readonly law: string
  readonly prescribed?: { readonly language: DocumentLanguage; readonly text: string }
  /** Of the code list VATEX; there is none for the whole EU. */
  readonly code?: string
}

const LAWS: Readonly<Record<string, SmallBusinessLaw>> = {
  AT: {
    law: '§ 6 Abs. 1 Z 27 UStG 1994',
    prescribed: {
      language: 'de',
      text: 'Umsatzsteuerfrei aufgrund der Kleinunternehmerregelung (§ 6 Abs. 1 Z 27 UStG 1994).',
    },
  },
  BE: {
    law: 'article 56bis du Code de la TVA',
    prescribed: {
      language: 'fr',
      text: 'Régime particulier de franchise des petites entreprises, TVA non applicable.',
    },
  },
  CH: { law: 'Art. 10 Abs. 2 lit. a MWSTG' },
  // Since 2025 an exemption, before that a tax that was not collected; UStDV § 34a wants the exemption named.
  DE: {
    law: '§ 19 UStG',
    prescribed: { language: 'de', text: 'Keine Umsatzsteuer: Steuerbefreiung für Kleinunternehmer gemäß § 19 UStG.' },
  },
  FR: {
    law: 'article 293 B du CGI',
    prescribed: { language: 'fr', text: 'TVA non applicable, art. 293 B du CGI' },
    code: 'VATEX-FR-FRANCHISE',
  },
  GB: { law: 'VATA 1994, schedule 1' },
  IE: { law: 'section 6 of the VAT Consolidation Act 2010' },
  IT: { law: 'art. 1, commi 54-89, L. 190/2014' },
  LU: {
    law: 'article 57 de la loi TVA',
    prescribed: {
      language: 'fr',
      text: 'TVA non applicable, article 57 de la loi TVA (franchise des petites entreprises).',
    },
  },
  NL: { law: 'artikel 25 Wet OB 1968' },
  NO: { law: 'merverdiavgiftsloven § 2-1' },
  PL: { law: 'art. 113 ustawy o VAT' },
  PT: { law: 'artigo 53.º do CIVA' },
}

/** Why a small enterprise of an area charges no tax: code of the list VATEX where there is one, and the sentence. */
export function smallBusinessReason(area: string, language: DocumentLanguage): { code: string | null; text: string } {
  const known = LAWS[area]
  const code = known?.code ?? null
  if (known?.prescribed?.language === language) return { code, text: known.prescribed.text }
  const law = known?.law ?? EU_LAW[language]
  return { code, text: SENTENCES[language](law) }
}

const EU_LAW: Readonly<Record<DocumentLanguage, string>> = {
  en: 'article 284 of Directive 2006/112/EC',
  de: 'Artikel 284 der Richtlinie 2006/112/EG',
  fr: 'article 284 de la directive 2006/112/CE',
  es: 'artículo 284 de la Directiva 2006/112/CE',
}

const SENTENCES: Readonly<Record<DocumentLanguage, (law: string) => string>> = {
  en: (law) => `No VAT is charged: exemption for small enterprises (${law}).`,
  de: (law) => `Keine Umsatzsteuer: Steuerbefreiung für Kleinunternehmer (${law}).`,
  fr: (law) => `TVA non applicable : franchise des petites entreprises (${law}).`,
  es: (law) => `No se aplica IVA: franquicia de las pequeñas empresas (${law}).`,
}

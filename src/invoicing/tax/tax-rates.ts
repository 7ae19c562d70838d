import type { TaxRateRow } from './tax-rate-table.ts'

/**
 * Standard rates since at least 2015-01-01, in basis points. `from` is the day a rate came into force, which may be long
 * before; a territory's row ends where its next begins, so that there is neither a gap nor an overlap.
 *
 * Compared with the European Commission's "VAT rates applied in the Member States of the European Union" (its
 * chronological annex for what came before 2021) and its database "Taxes in Europe" for what came after.
 */
const RATES: readonly (readonly [territory: string, from: string, rateBps: number, source: string])[] = [
  ['AT', '1984-01-01', 2000, 'UStG 1994 § 10 Abs. 1'],
  ['BE', '1996-01-01', 2100, 'Royal Decree No 20 of 20 July 1970, article 1'],
  ['BG', '1999-01-01', 2000, 'ZDDS article 66'],
  ['CY', '2014-01-13', 1900, 'Law 95(I)/2000 as amended by Law 168(I)/2012'],
  ['CZ', '2013-01-01', 2100, 'Act 235/2004 § 47 as amended by Act 500/2012'],
  ['DE', '2007-01-01', 1900, 'UStG § 12 Abs. 1, Haushaltsbegleitgesetz 2006'],
  ['DE', '2020-07-01', 1600, 'UStG § 28 Abs. 1, Zweites Corona-Steuerhilfegesetz'],
  ['DE', '2021-01-01', 1900, 'UStG § 12 Abs. 1, end of § 28 Abs. 1'],
  ['DK', '1992-01-01', 2500, 'Momsloven § 33'],
  ['EE', '2009-07-01', 2000, 'KMS § 15'],
  ['EE', '2024-01-01', 2200, 'KMS § 15, RT I, 01.07.2023, 2'],
  ['EE', '2025-07-01', 2400, 'KMS § 15 as amended for 2025-07-01'],
  ['ES', '2012-09-01', 2100, 'Ley 37/1992 article 90, Real Decreto-ley 20/2012'],
  ['FI', '2013-01-01', 2400, 'Arvonlisäverolaki § 84, 785/2012'],
  ['FI', '2024-09-01', 2550, 'Arvonlisäverolaki § 84 as amended for 2024-09-01'],
  ['FR', '2014-01-01', 2000, 'CGI article 278'],
  ['GR', '2010-07-01', 2300, 'Law 3845/2010'],
  ['GR', '2016-06-01', 2400, 'Law 4389/2016'],
  ['HR', '2012-03-01', 2500, 'Zakon o PDV, NN 22/12'],
  ['HU', '2012-01-01', 2700, 'Act CXXVII of 2007 § 82'],
  ['IE', '2012-01-01', 2300, 'VAT Consolidation Act 2010 s. 46, Finance Act 2012'],
  ['IE', '2020-09-01', 2100, 'Financial Provisions (Covid-19) (No. 2) Act 2020'],
  ['IE', '2021-03-01', 2300, 'VAT Consolidation Act 2010 s. 46, end of the reduction'],
  ['IT', '2013-10-01', 2200, 'DPR 633/1972 article 16, DL 98/2011'],
  ['LT', '2009-09-01', 2100, 'PVM įstatymas article 19'],
  ['LU', '2015-01-01', 1700, 'Law of 12 February 1979 article 39, law of 19 December 2014'],
  ['LU', '2023-01-01', 1600, 'Law of 26 October 2022'],
  ['LU', '2024-01-01', 1700, 'Law of 12 February 1979 article 39, end of the reduction'],
  ['LV', '2012-07-01', 2100, 'PVN likums article 41'],
  ['MT', '2004-01-01', 1800, 'VAT Act, cap. 406, article 19'],
  ['NL', '2012-10-01', 2100, 'Wet OB 1968 article 9'],
  ['PL', '2011-01-01', 2300, 'Ustawa o VAT article 146a, now 146ef'],
  ['PT', '2011-01-01', 2300, 'CIVA article 18(1)(c)'],
  ['RO', '2010-07-01', 2400, 'OUG 58/2010'],
  ['RO', '2016-01-01', 2000, 'Codul fiscal (Law 227/2015) article 291'],
  ['RO', '2017-01-01', 1900, 'Codul fiscal (Law 227/2015) article 291'],
  ['RO', '2025-08-01', 2100, 'Law 141/2025'],
  ['SE', '1990-07-01', 2500, 'Mervärdesskattelag (2023:200) chapter 9 § 2'],
  ['SI', '2013-07-01', 2200, 'ZDDV-1 article 41'],
  ['SK', '2011-01-01', 2000, 'Act 222/2004 § 27, § 85j'],
  ['SK', '2025-01-01', 2300, 'Act 222/2004 § 27 as amended by Act 278/2024'],

  // Parts of a member state with a standard rate of their own.
  ['PT-20', '2014-01-01', 1800, 'CIVA article 18(3)(a): Azores'],
  ['PT-20', '2021-07-01', 1600, 'Decreto Legislativo Regional 15-A/2021/A: Azores'],
  ['PT-30', '2012-04-01', 2200, 'CIVA article 18(3)(b), Lei 14-A/2012: Madeira'],
  // Outside the EU's VAT territory, but taxed by France itself. In force on the first day of this table.
  ['GP', '2015-01-01', 850, 'CGI article 296: Guadeloupe'],
  ['MQ', '2015-01-01', 850, 'CGI article 296: Martinique'],
  ['RE', '2015-01-01', 850, 'CGI article 296: Réunion'],

  ['GB', '2011-01-04', 2000, 'VATA 1994 s. 2(1)'],
  ['CH', '2011-01-01', 800, 'MWSTG article 25, with the supplement for invalidity insurance'],
  ['CH', '2018-01-01', 770, 'MWSTG article 25, end of the supplement'],
  ['CH', '2024-01-01', 810, 'MWSTG article 25, reform AHV 21'],
  ['NO', '2005-01-01', 2500, 'Stortingets vedtak om merverdiavgift § 2'],
]

export const SHIPPED_TAX_RATES: readonly TaxRateRow[] = RATES.map(([territory, from, rateBps, source]) => ({
  territory,
  from,
  rateBps,
  source,
}))

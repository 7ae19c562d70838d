const CODES =
  'AD AE AL AM AR AT AU AZ BA BD BE BG BH BO BR CA CH CL CN CO CR CY CZ DE DK DO EC EE EG ES FI FR GB GE GH GR GT HK HR HU ' +
  'ID IE IL IN IS IT JO JP KE KR KW KZ LB LI LK LT LU LV MA MC MD ME MK MT MX MY NG NL NO NZ OM PA PE PH PK PL PT PY QA RO ' +
  'RS SA SE SG SI SK SM TH TN TR TW UA US UY UZ VN XK ZA'

const names = new Intl.DisplayNames('en', { type: 'region' })

/** Codes and English names of the countries on the hosted page, by name. */
export const COUNTRIES: ReadonlyMap<string, string> = new Map(
  CODES.split(' ')
    .map((code) => [code, names.of(code) ?? code] as const)
    .sort(([, left], [, right]) => left.localeCompare(right, 'en')),
)

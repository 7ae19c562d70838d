import { amountText } from '../amount-text.js'

/** The kinds of a price, in the order of columns. */
export const KINDS = [
  ['input', 'Input'],
  ['output', 'Output'],
  ['cacheRead', 'Cache read'],
  ['cacheWrite5m', 'Cache write, 5 min'],
  ['cacheWrite1h', 'Cache write, 1 h'],
  ['perRequest', 'Per request'],
]
export const KIND_WORDS = Object.fromEntries(KINDS)

/** A rate per million tokens without its currency, which the caption says. */
export const rateText = (nano) =>
  nano === null || nano === undefined
    ? '–'
    : amountText(String(nano), { kind: 'nano', digits: 'request', currency: '' }).trim()

export const figureOf = (price, kind, tier = 0) => price.tiers[tier]?.figures.find((figure) => figure.kind === kind)

/** What a row warns of: word and tone, the worst first. */
export function warningsOf(row) {
  return [
    row.missing
      ? { word: 'No price', tone: 'failed', why: `A request for it is refused: there is no ${row.missing}.` }
      : null,
    row.isNegative ? { word: 'Sold at a loss', tone: 'failed', why: 'Some kind costs more than it brings.' } : null,
    row.underFloor && !row.isNegative
      ? { word: 'Under the floor', tone: 'action', why: 'The price without fees is under the margin floor.' }
      : null,
    row.isSkipped
      ? { word: 'Left out', tone: 'waiting', why: 'The router leaves the route out, as it would lose money.' }
      : null,
  ].filter(Boolean)
}

/** What a refusal says to a person. */
export function refusalText({ reason, message, problems, eventsMax, currencies }) {
  if (problems?.length) return problems.map((each) => `${each.field}: ${each.message}`).join('; ')
  const texts = {
    same: 'This price says so already: nothing would change.',
    not_found: 'There is no such price for you to change.',
    changed_meanwhile:
      'Somebody else has changed this price since. The preview shows it as it is now: look again, then save.',
    idempotency_conflict: 'This form was sent before with other figures. Open it again.',
    too_many_events: `More than ${eventsMax} requests would be priced. Choose fewer days.`,
    too_many_customers: 'There are too many customers for one simulation. Choose fewer days.',
    several_currencies: `The requests are in several currencies (${currencies?.join(', ')}), which are not added up.`,
  }
  return texts[reason] ?? message ?? 'Something failed here. Try again in a moment.'
}

const PERCENT = { MARKUP_ON_COST: 'markup on cost', DISCOUNT_OFF_LIST: 'discount off list' }

/** The terms of a rule as people say them: "MARKUP_ON_COST 500 bps" is "markup on cost 5 %". */
export function plainTerms(text) {
  return text
    .replace(
      /(MARKUP_ON_COST|DISCOUNT_OFF_LIST) (-?\d+) bps/g,
      (_all, kind, bps) => `${PERCENT[kind]} ${Number(bps) / 100} %`,
    )
    .replace(/ADDITION_PER_MILLION/g, 'addition per million')
    .replace(/ABSOLUTE/g, 'fixed price')
}

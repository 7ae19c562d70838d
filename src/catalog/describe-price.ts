import { formatDecimalNano } from '../money/nano.ts'
import { RATE_BUCKETS, type RateCard, rateTierFor } from '../pricing/rate-card.ts'
import type { PriceRuleTerms } from './catalog-file.ts'

/** "input 0.15, output 0.6": the figures that differ from input's, tier by tier. */
export function describeCard(card: RateCard): string {
  const tiers = card.tiers.map(({ aboveInputTokens, rates }) => {
    const buckets = RATE_BUCKETS.filter((bucket) => isShown(bucket) || rates[bucket] !== rates.input)
    const figures = buckets.map((bucket) => `${bucket} ${formatDecimalNano(rates[bucket])}`).join(', ')
    return aboveInputTokens === 0 ? figures : `above ${aboveInputTokens}: ${figures}`
  })
  const perRequest = card.perRequestNano === 0n ? [] : [`perRequest ${formatDecimalNano(card.perRequestNano)}`]
  return [...tiers, ...perRequest].join('; ')
}

const isShown = (bucket: string) => bucket === 'input' || bucket === 'output'

/** "input 0.15 -> 0.14, above 200000 output 15 -> 18": what a customer of both cards would notice. */
export function describeCardChange(before: RateCard, after: RateCard): string {
  const thresholds = [...before.tiers, ...after.tiers].map((tier) => tier.aboveInputTokens)
  const changes = [...new Set(thresholds)]
    .sort((a, b) => a - b)
    .flatMap((threshold) => {
      // One token above a threshold is the first that its tier prices.
      const from = rateTierFor(before, threshold + 1).rates
      const to = rateTierFor(after, threshold + 1).rates
      const prefix = threshold === 0 ? '' : `above ${threshold} `
      return RATE_BUCKETS.filter((bucket) => from[bucket] !== to[bucket]).map(
        (bucket) => `${prefix}${bucket} ${formatDecimalNano(from[bucket])} -> ${formatDecimalNano(to[bucket])}`,
      )
    })
  if (before.perRequestNano !== after.perRequestNano) {
    const [from, to] = [before.perRequestNano, after.perRequestNano].map(formatDecimalNano)
    changes.push(`perRequest ${from} -> ${to}`)
  }
  return changes.length === 0 ? 'the tiers, at the same rates' : changes.join(', ')
}

/** "MARKUP_ON_COST 500 bps", with "below cost allowed" where it is. */
export function describeTerms(terms: PriceRuleTerms, allowNegativeMargin: boolean): string {
  return `${terms.kind} ${figureOf(terms)}${allowNegativeMargin ? ', negative margin allowed' : ''}`
}

function figureOf(terms: PriceRuleTerms): string {
  switch (terms.kind) {
    case 'MARKUP_ON_COST':
      return `${terms.markupBps} bps`
    case 'ADDITION_PER_MILLION':
      return formatDecimalNano(terms.additionNano)
    case 'DISCOUNT_OFF_LIST':
      return `${terms.discountBps} bps`
    case 'ABSOLUTE':
      return `(${describeCard(terms.rateCard)})`
  }
}

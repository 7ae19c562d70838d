import { rateCardFromJson, rateCardToJson } from '../pricing/rate-card.ts'
import type { FilePriceRule } from './catalog-file.ts'
import { type PriceRuleFigures, type PriceRuleRow, termsOfRow } from './catalog-rows.ts'
import { describeTerms } from './describe-price.ts'

/** The terms of a rule as its columns hold them. */
export function figuresOf({
  terms,
  allowNegativeMargin,
}: Pick<FilePriceRule, 'terms' | 'allowNegativeMargin'>): PriceRuleFigures {
  return {
    kind: terms.kind,
    markup_bps: terms.kind === 'MARKUP_ON_COST' ? terms.markupBps : null,
    addition_nano: terms.kind === 'ADDITION_PER_MILLION' ? terms.additionNano.toString() : null,
    discount_bps: terms.kind === 'DISCOUNT_OFF_LIST' ? terms.discountBps : null,
    rates: terms.kind === 'ABSOLUTE' ? rateCardToJson(terms.rateCard) : null,
    allow_negative_margin: allowNegativeMargin,
  }
}

/** Whether a stored rule says what the figures say. */
export function isSameFigures(row: PriceRuleRow, figures: PriceRuleFigures): boolean {
  return (
    describeTerms(termsOfRow(row), row.allow_negative_margin) ===
      describeTerms(termsOfRow(figures), figures.allow_negative_margin) &&
    // The description leaves out what equals the input's rate; the card itself does not.
    (row.kind !== 'ABSOLUTE' || JSON.stringify(canonical(row.rates)) === JSON.stringify(figures.rates))
  )
}

const canonical = (rates: unknown) => rateCardToJson(rateCardFromJson(rates))

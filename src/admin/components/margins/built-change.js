export const NO_CARD = {
  ...{ input: '', output: '', cacheRead: '', cacheWrite5m: '', cacheWrite1h: '', perRequest: '', tiers: [] },
}

/** What each kind of rule is called; a reseller's cost is its wholesale price. */
export const TERMS = (side) => [
  ['MARKUP_ON_COST', side === 'RESELLER' ? 'Markup on wholesale' : 'Markup on cost'],
  ['ADDITION_PER_MILLION', 'Addition per million tokens'],
  ['DISCOUNT_OFF_LIST', 'Discount off list price'],
  ['ABSOLUTE', 'Fixed price'],
]

/** What a form begins with: the prices in force. */
export function firstForm({ current, row }, side, asked) {
  const { cost, list, rule } = current
  const terms = rule?.terms ?? { kind: 'MARKUP_ON_COST', markup: '' }
  return {
    kind: 'PRICE_RULE',
    cost: cost ?? NO_CARD,
    list: list ?? NO_CARD,
    source: '',
    effectiveFrom: '',
    scope: scopesOf(row, side, asked)[0].value,
    terms: { markup: '', addition: '', discount: '', rates: NO_CARD, ...terms },
    allowNegativeMargin: rule?.allowNegativeMargin ?? false,
  }
}

/** Whom a rule may be for, the most specific first: the reseller that prices are shown for is the operator's customer. */
export function scopesOf({ modelId, model, providerId, provider }, side, asked) {
  const accountId = asked.account ?? (side === 'OPERATOR' ? asked.seller : undefined)
  const scope = (label, ids) => ({ label, ids, value: JSON.stringify(ids) })
  const forModel = accountId
    ? [scope(`${model} for this account`, { accountId, modelId }), scope('All models for this account', { accountId })]
    : asked.plan
      ? [
          scope(`${model} on this plan`, { planId: asked.plan, modelId }),
          scope('All models on this plan', { planId: asked.plan }),
        ]
      : []
  return [
    ...forModel,
    scope(`${model} for everybody`, { modelId }),
    ...(side === 'OPERATOR' ? [scope(`All models of ${provider}`, { providerId })] : []),
    scope('Everything', {}),
  ]
}

/** The change that a form describes, as the server reads it; figures stay as they were typed. */
export function builtChange(form, { row, current }) {
  const { kind, source } = form
  const dated = form.effectiveFrom === '' ? {} : { effectiveFrom: `${form.effectiveFrom}:00Z` }
  if (kind === 'COST_PROFILE') {
    const { providerId, upstreamModel } = row
    return { kind, providerId, upstreamModel, rates: cardOf(form.cost), source, ...dated }
  }
  if (kind === 'LIST_PRICE') return { kind, modelId: row.modelId, rates: cardOf(form.list), source, ...dated }
  if (kind === 'RETIRE_RULE') return { kind, ruleId: current.rule.id }
  const { allowNegativeMargin, terms } = form
  return { kind, scope: JSON.parse(form.scope), terms: termsOf(terms), allowNegativeMargin, ...dated }
}

function termsOf({ kind, markup, addition, discount, rates }) {
  if (kind === 'MARKUP_ON_COST') return { kind, markup: withSign(markup) }
  if (kind === 'ADDITION_PER_MILLION') return { kind, addition }
  if (kind === 'DISCOUNT_OFF_LIST') return { kind, discount: withSign(discount) }
  return { kind, rates: cardOf(rates) }
}

/** The field stands beside its sign, so that a bare number means percent. */
export const withSign = (text) => (/^\s*[-+]?[\d.,]+\s*$/.test(text) ? `${text.trim()} %` : text)

const cardOf = ({ tiers, ...rates }) => ({ ...rates, tiers: tiers.map((tier) => ({ ...tier })) })

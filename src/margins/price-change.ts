import { z } from 'zod'
import type { PriceRuleTerms } from '../catalog/catalog-file.ts'
import { instant } from '../catalog/catalog-file-leaves.ts'
import { toRateCard } from '../catalog/catalog-file-schema.ts'
import { BPS_PER_WHOLE, MARKUP_BPS_MAX, type PriceRuleScope, scopePrecedence } from '../pricing/price-rule.ts'
import { RATE_TIERS_MAX, type RateCard } from '../pricing/rate-card.ts'
import type { Invalid } from './margin-deps.ts'
import { readAmount, readPercent, readTokens, type Written } from './written-figures.ts'

/** A change that somebody proposes: figures as people write them, ids of what it is about. */
export type PriceChange = z.input<typeof priceChangeSchema>

/** The change with its figures read. Without a date it is in force from the moment it is saved. */
export type ReadPriceChange =
  | {
      kind: 'COST_PROFILE'
      providerId: string
      upstreamModel: string
      card: RateCard
      effectiveFrom: Date | undefined
      source: string | undefined
    }
  | {
      kind: 'LIST_PRICE'
      modelId: string
      card: RateCard
      effectiveFrom: Date | undefined
      source: string | undefined
    }
  | {
      kind: 'PRICE_RULE'
      /** Whose rule: a reseller's; null = the operator's; undefined = of whoever asks. */
      sellerId: string | null | undefined
      scope: PriceRuleScope
      terms: PriceRuleTerms
      allowNegativeMargin: boolean
      effectiveFrom: Date | undefined
    }
  | { kind: 'RETIRE_RULE'; ruleId: string }

function written<T>(read: (text: string) => Written<T>, expectedText: string) {
  return z.string({ error: expectedText }).transform((text, context): T => {
    const result = read(text)
    if (result.ok) return result.value
    context.issues.push({ code: 'custom', input: text, message: result.expected })
    return z.NEVER
  })
}

/** A form sends its empty fields as well. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    schema.optional(),
  ) as unknown as z.ZodOptional<Schema>
}

const amount = written(readAmount, 'expected an amount such as "0.15"')
const percent = written(readPercent, 'expected a percentage such as "12.5 %"')
const tokens = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  written(readTokens, 'expected a whole number of tokens'),
) as unknown as z.ZodType<number, number | string>
const id = z.uuid({ error: 'expected an id' }).toLowerCase()
const text = z.string().regex(/^[^\p{C}]{1,200}$/u, { error: 'expected a text of at most 200 characters' })
const effectiveFrom = optional(instant)

const rates = {
  input: amount,
  output: amount,
  /** What a cache costs unless it is said: as much as input. */
  cacheRead: optional(amount),
  cacheWrite5m: optional(amount),
  cacheWrite1h: optional(amount),
}

const card = z.strictObject({
  ...rates,
  perRequest: optional(amount),
  tiers: z
    .array(z.strictObject({ aboveInputTokens: tokens, ...rates }))
    .max(RATE_TIERS_MAX - 1, { error: `expected fewer than ${RATE_TIERS_MAX} tiers` })
    .refine((all) => all.every((tier, at) => at === 0 || tier.aboveInputTokens > all[at - 1]!.aboveInputTokens), {
      error: 'expected tiers whose aboveInputTokens rise from one to the next',
    })
    .optional(),
})

const terms = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('MARKUP_ON_COST'), markup: percent }),
    z.strictObject({ kind: z.literal('ADDITION_PER_MILLION'), addition: amount }),
    z.strictObject({ kind: z.literal('DISCOUNT_OFF_LIST'), discount: percent }),
    z.strictObject({ kind: z.literal('ABSOLUTE'), rates: card }),
  ],
  { error: 'expected MARKUP_ON_COST, ADDITION_PER_MILLION, DISCOUNT_OFF_LIST or ABSOLUTE' },
)

const scope = z
  .strictObject({ accountId: optional(id), planId: optional(id), modelId: optional(id), providerId: optional(id) })
  .transform(
    (ids) => Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined)) as PriceRuleScope,
  )
  .refine(hasPlaceInOrder, {
    error: 'expected account and model, account, plan and model, plan, model, provider, or nothing for everything',
  })

const priceRule = z
  .strictObject({
    kind: z.literal('PRICE_RULE'),
    sellerId: id.nullable().optional(),
    scope,
    terms,
    allowNegativeMargin: z.boolean().default(false),
    effectiveFrom,
  })
  .superRefine(checkShares)

export const priceChangeSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('COST_PROFILE'),
      providerId: id,
      upstreamModel: text,
      rates: card,
      effectiveFrom,
      source: optional(text),
    }),
    z.strictObject({
      kind: z.literal('LIST_PRICE'),
      modelId: id,
      rates: card,
      effectiveFrom,
      source: optional(text),
    }),
    priceRule,
    z.strictObject({ kind: z.literal('RETIRE_RULE'), ruleId: id }),
  ],
  { error: 'expected COST_PROFILE, LIST_PRICE, PRICE_RULE or RETIRE_RULE' },
)

/** Reads what a person wrote. All that is wrong with it is told at once, each with the field's path. */
export function readPriceChange(input: unknown): { ok: true; change: ReadPriceChange } | Invalid {
  const read = priceChangeSchema.safeParse(input)
  if (read.success) return { ok: true, change: toChange(read.data) }
  const problems = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
  return { ok: false, reason: 'invalid', problems }
}

function toChange(read: z.output<typeof priceChangeSchema>): ReadPriceChange {
  switch (read.kind) {
    case 'COST_PROFILE':
    case 'LIST_PRICE': {
      const { rates: writtenRates, ...rest } = read
      return { ...rest, card: toRateCard(writtenRates), effectiveFrom: rest.effectiveFrom, source: rest.source }
    }
    case 'PRICE_RULE':
      return {
        kind: read.kind,
        sellerId: read.sellerId,
        scope: read.scope,
        terms: toTerms(read.terms),
        allowNegativeMargin: read.allowNegativeMargin,
        effectiveFrom: read.effectiveFrom,
      }
    case 'RETIRE_RULE':
      return read
  }
}

function toTerms(read: z.output<typeof terms>): PriceRuleTerms {
  switch (read.kind) {
    case 'MARKUP_ON_COST':
      return { kind: read.kind, markupBps: read.markup }
    case 'ADDITION_PER_MILLION':
      return { kind: read.kind, additionNano: read.addition }
    case 'DISCOUNT_OFF_LIST':
      return { kind: read.kind, discountBps: read.discount }
    case 'ABSOLUTE':
      return { kind: read.kind, rateCard: toRateCard(read.rates) }
  }
}

function hasPlaceInOrder(ids: PriceRuleScope): boolean {
  try {
    scopePrecedence(ids)
    return true
  } catch {
    return false
  }
}

/** Selling under cost is a negative markup, and must be meant. */
function checkShares(
  rule: { terms: z.output<typeof terms>; allowNegativeMargin: boolean },
  context: z.RefinementCtx,
): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: ['terms', field], message })
  if (rule.terms.kind === 'DISCOUNT_OFF_LIST' && (rule.terms.discount < 0 || rule.terms.discount > BPS_PER_WHOLE)) {
    refuse('discount', 'expected a discount from 0 % to 100 %')
  }
  if (rule.terms.kind !== 'MARKUP_ON_COST') return
  const { markup } = rule.terms
  if (markup > MARKUP_BPS_MAX) refuse('markup', 'expected a markup of at most 10,000 %')
  if (markup < -BPS_PER_WHOLE) refuse('markup', 'expected a markup of at least -100 %, which is free')
  else if (markup < 0 && !rule.allowNegativeMargin) {
    refuse('markup', 'expected a markup of 0 % or more, or one under cost with allowNegativeMargin')
  }
}

import { z } from 'zod'
import { MARKUP_BPS_MAX } from '../pricing/price-rule.ts'
import { RATE_TIERS_MAX, type RateCard, type TokenRates } from '../pricing/rate-card.ts'
import {
  amountPerRequest,
  apiKey,
  baseUrl,
  describe,
  environmentName,
  flag,
  freeText,
  instant,
  modelName,
  oneOf,
  outputTokenCount,
  ratePerMillion,
  slug,
  tokenCount,
  tokenCountOrNull,
  tokenThreshold,
  wholeNumber,
} from './catalog-file-leaves.ts'
import { didYouMean } from './closest-name.ts'

/** A map with these keys and no other. Its message for unknown keys has one line a key, in the order of `issue.keys`. */
function map<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known)).join('\n')
        : `expected a map with ${known.join(', ')}, found ${describe(issue.input)}`,
  })
}

function unknownKey(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known)
  return `unknown key${hint === '' ? `; expected one of ${known.join(', ')}` : hint}`
}

function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: (issue) => `expected a list, found ${describe(issue.input)}` })
}

const rates = {
  input: ratePerMillion,
  output: ratePerMillion,
  cacheRead: ratePerMillion.optional(),
  cacheWrite5m: ratePerMillion.optional(),
  cacheWrite1h: ratePerMillion.optional(),
}

const tier = map({ aboveInputTokens: tokenThreshold, ...rates })

const card = {
  ...rates,
  perRequest: amountPerRequest.optional(),
  tiers: list(tier)
    .refine(
      (tiers) =>
        tiers.every((each, index) => index === 0 || each.aboveInputTokens > tiers[index - 1]!.aboveInputTokens),
      {
        error: 'expected tiers whose aboveInputTokens rise from one to the next',
      },
    )
    .refine((tiers) => tiers.length < RATE_TIERS_MAX, { error: `expected fewer than ${RATE_TIERS_MAX} tiers` })
    .optional(),
}

const datedCard = map({ ...card, effectiveFrom: instant.optional() })
const absoluteCard = map(card)

export const providerSchema = map({
  slug,
  name: freeText.optional(),
  protocol: oneOf(['openai', 'anthropic', 'gemini']),
  baseUrl,
  apiKey: apiKey.optional(),
  apiKeyEnv: environmentName.optional(),
  outputCapParameter: oneOf(['max_tokens', 'max_completion_tokens']).optional(),
})

export const modelSchema = map({
  name: modelName,
  aliases: list(modelName).optional(),
  contextWindow: tokenCount,
  maxOutputTokens: outputTokenCount,
  maxImageTokens: tokenCountOrNull.optional(),
  listPrice: datedCard.optional(),
})

export const routeSchema = map({
  model: modelName,
  provider: slug,
  upstreamModel: freeText,
  priority: wholeNumber('a whole number', 0).optional(),
  weight: wholeNumber('a whole number', 1, 1_000_000).optional(),
  state: oneOf(['ACTIVE', 'DISABLED']).optional(),
  allowNegativeMargin: flag.optional(),
  cost: datedCard.optional(),
})

export const priceRuleSchema = map({
  kind: oneOf(['MARKUP_ON_COST', 'ADDITION_PER_MILLION', 'DISCOUNT_OFF_LIST', 'ABSOLUTE']),
  markupBps: wholeNumber('a whole number of basis points', -10_000, MARKUP_BPS_MAX).optional(),
  addition: ratePerMillion.optional(),
  discountBps: wholeNumber('a whole number of basis points', 0, 10_000).optional(),
  price: absoluteCard.optional(),
  seller: slug.optional(),
  account: slug.optional(),
  plan: slug.optional(),
  model: modelName.optional(),
  provider: slug.optional(),
  effectiveFrom: instant.optional(),
  allowNegativeMargin: flag.optional(),
})

export const catalogFileSchema = map({
  providers: list(providerSchema).default([]),
  models: list(modelSchema).default([]),
  routes: list(routeSchema).default([]),
  priceRules: list(priceRuleSchema).default([]),
})

type WrittenRates = Omit<z.infer<typeof tier>, 'aboveInputTokens'>

/** What a cache costs unless the file says so: as much as input, never nothing. */
function toRates({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: WrittenRates): TokenRates {
  return {
    input,
    cacheRead: cacheRead ?? input,
    cacheWrite5m: cacheWrite5m ?? input,
    cacheWrite1h: cacheWrite1h ?? input,
    output,
  }
}

export function toRateCard(written: z.infer<typeof absoluteCard>): RateCard {
  const above = (written.tiers ?? []).map((each) => ({
    aboveInputTokens: each.aboveInputTokens,
    rates: toRates(each),
  }))
  return {
    tiers: [{ aboveInputTokens: 0, rates: toRates(written) }, ...above],
    perRequestNano: written.perRequest ?? 0n,
  }
}

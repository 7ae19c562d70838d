import { z } from 'zod'
import { givenName } from './access-write.ts'
import { normalIpRange } from './ip-range.ts'
import { budgetLimits } from './spend-budgets.ts'

/** What an access key can be for. */
export const KEY_SCOPES = ['inference', 'balance', 'purchase', 'billing'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

const MODELS_MAX = 200
const MODEL_LENGTH_MAX = 200
const IPS_MAX = 100
const IP_LENGTH_MAX = 60
/** Beyond what any model writes. */
export const OUTPUT_TOKENS_MAX = 10_000_000

const SCOPE_EXPECTED = `expected ${KEY_SCOPES.join(', ')}`
const IP_EXPECTED = 'expected an IP address or a CIDR block, such as 192.0.2.0/24'

const unique = <Item>(items: Item[]) => [...new Set(items)]

export const outputTokensCap = z
  .int({ error: 'expected a whole number of tokens' })
  .min(1, { error: 'expected at least 1' })
  .max(OUTPUT_TOKENS_MAX, { error: `expected at most ${OUTPUT_TOKENS_MAX}` })

/** The settings of an access key that its owners choose. */
export const keyFields = {
  name: givenName,
  scopes: z
    .array(z.enum(KEY_SCOPES, { error: SCOPE_EXPECTED }), { error: 'expected a list of scopes' })
    .min(1, { error: 'expected at least one scope' })
    .max(KEY_SCOPES.length, { error: 'expected each scope once' })
    .transform(unique),
  allowedModels: z
    .array(z.string({ error: 'expected the name of a model' }).min(1).max(MODEL_LENGTH_MAX), {
      error: 'expected a list of models',
    })
    .max(MODELS_MAX, { error: `expected at most ${MODELS_MAX}` })
    .transform(unique),
  allowedIps: z
    .array(
      z
        .string({ error: IP_EXPECTED })
        .max(IP_LENGTH_MAX, { error: IP_EXPECTED })
        .transform((text, context) => {
          const range = normalIpRange(text)
          if (range !== null) return range
          context.addIssue({ code: 'custom', message: IP_EXPECTED })
          return z.NEVER
        }),
      { error: 'expected a list of addresses' },
    )
    .max(IPS_MAX, { error: `expected at most ${IPS_MAX}` })
    .transform(unique),
  maxOutputTokens: outputTokensCap.nullable(),
}

/** Milliseconds since the epoch; null = never. */
export const expiresAtField = z.int({ error: 'expected a time' }).nullable()
export const disabledField = z.boolean({ error: 'expected true or false' })
export const budgetsField = budgetLimits

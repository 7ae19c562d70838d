import { z } from 'zod'
import { keyNotFound } from '../../accounts/keys/access-error.ts'
import { readKey } from '../../accounts/keys/access-key.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { formatDecimalNano } from '../../money/nano.ts'
import { accountSpendSummary, type SpendPeriod } from '../../reports/usage/account-spend-summary.ts'
import { accountUsage, type UsageGroup } from '../../reports/usage/account-usage.ts'
import { idParams, isoTime } from '../fields.ts'
import { answer, type Operation, operation } from '../operation.ts'
import { figuresOf, rangeOf, summaryReply, usageAsShown, usageQuery, usageReply } from './shown-usage.ts'
import { usageFilterFields, usageFiltersOf } from './usage-filters.ts'

const TAG = 'Usage'
const access = { scopes: ['usage:read'], accessKey: null } as const
const KEY_GROUPS = ['date', 'provider', 'model'] as const satisfies readonly UsageGroup[]

/** What an account used and spent, by what it likes to be told apart. */
export function usageOperations({ pool, clock }: Pick<Gateway, 'pool' | 'clock'>): Operation[] {
  const deps = { pool, clock }
  return [
    operation({
      ...{ id: 'getUsage', method: 'get', path: '/v1/usage', tag: TAG },
      summary: 'Usage and spend',
      description: 'Exact to the last unit at the moment of reading; hours and days are of UTC.',
      access,
      query: z.strictObject({ ...usageQuery, ...usageFilterFields }),
      reply: usageReply,
      replies: [{ status: 200, description: 'Totals, groups, and a series for a chart.' }],
      errors: ['account_not_found'],
      example: { query: { groupBy: 'model' } },
      handle: async ({ caller: { accountId }, query }) => {
        const range = rangeOf(query, clock.now())
        const { groupBy, metric } = query
        const filters = usageFiltersOf(query)
        return answer(usageAsShown(await accountUsage(deps, { accountId, ...range, groupBy, metric, filters }), range))
      },
    }),
    operation({
      ...{ id: 'getUsageSummary', method: 'get', path: '/v1/usage/summary', tag: TAG },
      summary: 'Balance, spend, and how long it lasts',
      access,
      reply: summaryReply,
      replies: [{ status: 200, description: 'Today, seven and thirty days, each beside the time before.' }],
      errors: ['account_not_found'],
      handle: async ({ caller: { accountId } }) => {
        const summary = await accountSpendSummary(deps, { accountId })
        const { balanceNano, heldNano, availableNano, dailySpendNano, daysLeft, nextExpiry } = summary
        return answer({
          ...{ at: isoTime(summary.at), currency: summary.currency, balance: formatDecimalNano(balanceNano) },
          ...{ held: formatDecimalNano(heldNano), available: formatDecimalNano(availableNano) },
          ...{ today: shown(summary.today), week: shown(summary.week), month: shown(summary.month) },
          dailySpend: formatDecimalNano(dailySpendNano),
          daysLeft: daysLeft === null ? null : Number(daysLeft),
          nextExpiry: nextExpiry && {
            at: isoTime(nextExpiry.at),
            amount: formatDecimalNano(nextExpiry.amountNano),
          },
        })
      },
    }),
    operation({
      ...{ id: 'getKeyUsage', method: 'get', path: '/v1/keys/{id}/usage', tag: TAG },
      summary: 'Usage of one access key',
      access: { scopes: ['usage:read'], accessKey: null },
      params: idParams,
      missing: keyNotFound,
      query: z.strictObject({
        ...usageQuery,
        groupBy: z
          .enum(KEY_GROUPS, { error: `expected ${KEY_GROUPS.join(', ')}` })
          .default('date')
          .describe('What the groups are.'),
      }),
      reply: usageReply,
      replies: [{ status: 200, description: 'Totals, groups, and a series for a chart.' }],
      errors: ['key_not_found', 'account_not_found'],
      handle: async ({ caller: { accountId }, params, query }) => {
        const { id: accessKeyId } = await readKey(pool, clock, accountId, params.id)
        const range = rangeOf(query, clock.now())
        const { groupBy, metric } = query
        const usage = await accountUsage(deps, { accountId, ...range, groupBy, metric, filters: { accessKeyId } })
        return answer(usageAsShown(usage, range))
      },
    }),
  ]
}

function shown({ from, to, figures, before }: SpendPeriod) {
  return {
    ...{ from: isoTime(from), to: isoTime(to), figures: figuresOf(figures) },
    before: { from: isoTime(before.from), to: isoTime(before.to), figures: figuresOf(before.figures) },
  }
}

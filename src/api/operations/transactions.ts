import { z } from 'zod'
import type { Gateway } from '../../gateway/gateway.ts'
import { ENTRY_KINDS } from '../../ledger/entry.ts'
import { formatDecimalNano } from '../../money/nano.ts'
import { accountTransactions, type Transaction } from '../../reports/usage/account-transactions.ts'
import { count, currency, decimal, instant, isoOrNull, isoTime, pageLimit, pageOf, time, uuid } from '../fields.ts'
import { answer, type Operation, operation } from '../operation.ts'

const PAGE = 50
const PAGE_MAX = 100
const KINDS_LENGTH_MAX = 300

const KINDS_EXPECTED = `expected one or more of ${ENTRY_KINDS.join(', ')}, with commas between them`
const kinds = z
  .string({ error: KINDS_EXPECTED })
  .max(KINDS_LENGTH_MAX, { error: KINDS_EXPECTED })
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(ENTRY_KINDS, { error: KINDS_EXPECTED })))

const CURSOR_EXPECTED = 'expected the nextCursor of the page before'
const cursor = z
  .string({ error: CURSOR_EXPECTED })
  .regex(/^[1-9]\d{0,17}$/, { error: CURSOR_EXPECTED })
  .transform((text) => BigInt(text))

const transaction = z
  .object({
    id: z.string().describe('The number of its last entry in the ledger of the account.'),
    at: time,
    kind: z.enum(ENTRY_KINDS),
    type: z.string(),
    description: z.string(),
    amount: decimal,
    balanceAfter: decimal,
    currency,
    requests: count.nullable().describe('How many requests a line of usage is; null for all else.'),
    generationId: uuid.nullable(),
    order: z.object({ id: uuid, reference: z.string() }).nullable(),
    document: z.object({ id: uuid, number: z.string() }).nullable().describe('The invoice or credit note.'),
    lot: z
      .object({ id: uuid, granted: decimal, remaining: decimal, expiresAt: time.nullable() })
      .nullable()
      .describe('The credits that it granted, let expire or extended, as they stand now.'),
  })
  .meta({ id: 'Transaction' })

/** What moved the balance. */
export function transactionsOperations({ pool }: Pick<Gateway, 'pool'>): Operation[] {
  return [
    operation({
      ...{ id: 'listTransactions', method: 'get', path: '/v1/transactions', tag: 'Credits' },
      summary: 'What moved the balance',
      description: 'Purchases, usage, refunds, adjustments, expiry: every entry of the ledger, which is append-only.',
      access: { scopes: ['credits:read', 'billing:read'], accessKey: null },
      query: z.strictObject({
        kind: kinds.optional().describe('Only these kinds, with commas between them.'),
        usage: z
          .enum(['daily', 'each', 'none'], { error: 'expected daily, each or none' })
          .default('daily')
          .describe('Usage by the day, each request, or none of it.'),
        from: instant.optional(),
        to: instant.optional().describe('The first instant that is not in it.'),
        limit: pageLimit(PAGE_MAX, PAGE),
        cursor: cursor.optional(),
      }),
      reply: pageOf(transaction).meta({ id: 'TransactionPage' }),
      replies: [{ status: 200, description: 'The latest first.' }],
      example: { query: { kind: 'PURCHASE,AUTO_TOP_UP' } },
      handle: async ({ caller: { accountId }, query: { kind, usage, from, to, limit, cursor: before = null } }) => {
        const { transactions, next } = await accountTransactions(
          { pool },
          {
            ...{ accountId, usage, limit, cursor: before, kinds: kind ?? [] },
            ...(from !== undefined && { from }),
            ...(to !== undefined && { to }),
          },
        )
        return answer({ data: transactions.map(shown), nextCursor: next === null ? null : String(next) })
      },
    }),
  ]
}

function shown({ lot, ...of }: Transaction) {
  const { kind, type, description, currency, generationId, order, document } = of
  return {
    ...{ id: String(of.lastSeq), at: isoTime(of.at), kind, type, description, currency, generationId, order, document },
    ...{ amount: formatDecimalNano(of.amountNano), balanceAfter: formatDecimalNano(of.balanceAfterNano) },
    requests: of.requests === null ? null : Number(of.requests),
    lot: lot && {
      ...{ id: lot.id, expiresAt: isoOrNull(lot.expiresAt) },
      ...{ granted: formatDecimalNano(lot.grantedNano), remaining: formatDecimalNano(lot.remainingNano) },
    },
  }
}

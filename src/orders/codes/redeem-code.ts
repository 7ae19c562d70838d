import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../../db/transaction.ts'
import { bookWithin } from '../../ledger/book-within.ts'
import type { Clock } from '../../lib/clock.ts'
import { OrderError } from '../order-error.ts'
import { codeHash, readCode } from './code-text.ts'

const DAY_MS = 86_400_000

/** What a code became. The same for whoever redeemed it, however often they ask. */
export interface RedeemedCode {
  readonly codeId: string
  readonly amountNano: bigint
  readonly currency: string
  /** In milliseconds since the epoch. */
  readonly redeemedAt: number
  /** When its credits expire, as of the day they were granted. */
  readonly creditsExpireAt: number
}

export interface Redemption {
  accountId: string
  /** As it was typed. */
  code: string
  /** The person or access key that redeems it. */
  actorId: string | null
}

interface CodeRow {
  id: string
  hint: string
  currency: string
  amount_nano: string
  credit_days: number
  expires_at: Date | null
  disabled_at: Date | null
  redeemed_by_account_id: string | null
  redeemed_at: Date | null
  wallet_currency: string
}

/** The lock makes all who redeem one code take turns; each sees what the one before has made of it. */
const LOCK_CODE = `
  SELECT code.id, code.hint, code.currency, code.amount_nano, code.credit_days, code.expires_at, code.disabled_at,
         code.redeemed_by_account_id, code.redeemed_at, wallet.currency AS wallet_currency
  FROM redemption_code code JOIN wallet ON wallet.account_id = $2
  WHERE code.code_hash = $1 FOR UPDATE OF code`

const MARK_REDEEMED = 'UPDATE redemption_code SET redeemed_by_account_id = $2, redeemed_at = $3 WHERE id = $1'

/**
 * Grants a code's credits to the account, once: as promotional credits that last from now. The account that redeemed it
 * before gets the same answer and nothing more.
 * @throws OrderError `code_not_redeemable`, the same whether it is unknown, used, expired, disabled or of another
 * currency: whoever tries codes learns nothing from it.
 */
export async function redeemCode(
  { pool, clock }: { pool: Pool; clock: Clock },
  { accountId, code, actorId }: Redemption,
): Promise<RedeemedCode> {
  const characters = readCode(code)
  if (characters === null) throw notRedeemable()
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<CodeRow>(LOCK_CODE, [codeHash(characters), accountId])
    const [row] = rows
    if (!row) throw notRedeemable()
    if (row.redeemed_by_account_id === accountId && row.redeemed_at) return answerOf(row, row.redeemed_at.getTime())
    const redeemedAt = clock.now()
    if (!isRedeemable(row, redeemedAt)) throw notRedeemable()
    await client.query(MARK_REDEEMED, [row.id, accountId, new Date(redeemedAt)])
    const redeemed = answerOf(row, redeemedAt)
    await grant(client, clock, redeemed, { accountId, actorId, hint: row.hint })
    return redeemed
  })
}

function isRedeemable(row: CodeRow, now: number): boolean {
  if (row.redeemed_at !== null || row.disabled_at !== null || row.currency !== row.wallet_currency) return false
  return row.expires_at === null || row.expires_at.getTime() > now
}

function answerOf(row: CodeRow, redeemedAt: number): RedeemedCode {
  const amountNano = BigInt(row.amount_nano)
  const creditsExpireAt = redeemedAt + row.credit_days * DAY_MS
  return { codeId: row.id, amountNano, currency: row.currency, redeemedAt, creditsExpireAt }
}

async function grant(
  client: ClientBase,
  clock: Clock,
  { codeId, amountNano, creditsExpireAt }: RedeemedCode,
  { accountId, actorId, hint }: { accountId: string; actorId: string | null; hint: string },
): Promise<void> {
  const cause = { kind: 'GRANT', sourceId: codeId, actorId, reason: `Redemption code ending in ${hint}` } as const
  const [granted] = await bookWithin(client, clock, [
    { kind: 'credit', request: { accountId, amountNano, promotional: true, expiresAt: creditsExpireAt, ...cause } },
  ])
  if (granted?.outcome !== 'booked') throw new Error(`code ${codeId} is not redeemed, but its credits are booked`)
}

function notRedeemable(): OrderError {
  return new OrderError('code_not_redeemable', 'This code cannot be redeemed.', { field: 'code' })
}

import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { queueMailToAccount } from '../mail/queue-mail.ts'
import { formatMoney } from '../money/format-money.ts'
import { formatDecimalNano } from '../money/nano.ts'
import { recordEvent } from './record-event.ts'

/** A run ends, whatever happens; the next one takes the rest. */
const ACCOUNTS_PER_RUN_MAX = 500
/** Where the portal sells more. */
const CREDITS_PATH = '/credits'

/** Below and not told, or told and not below any more. */
const CROSSED = `setting.low_balance_nano IS NOT NULL
  AND (wallet.balance_nano < setting.low_balance_nano) = (setting.low_balance_told_at IS NULL)`

interface Crossing {
  low_balance_nano: string
  balance_nano: string
  currency: string
  crossings: number
  is_told: boolean
}

/**
 * Tells each account once when its balance falls below its threshold, by mail and webhook, and arms it again when the
 * balance is back: apart from the requests that spend it, which wait for none of this. Safe to run anywhere, any time.
 *
 * ```
 * armed ──balance < threshold: told──▶ told
 *   ▲                                    │
 *   └──balance ≥ threshold, or another───┘
 *      threshold
 * ```
 *
 * @returns the ids of webhook deliveries that were written
 */
export async function tellLowBalances({ pool, clock }: { pool: Pool; clock: Clock }): Promise<string[]> {
  const { rows } = await pool.query<{ account_id: string }>(
    `SELECT setting.account_id FROM notification_setting setting JOIN wallet USING (account_id)
     WHERE ${CROSSED} ORDER BY setting.account_id LIMIT $1`,
    [ACCOUNTS_PER_RUN_MAX],
  )
  const written: string[] = []
  for (const { account_id: accountId } of rows) {
    written.push(...(await inTransaction(pool, (client) => turn(client, clock, accountId))))
  }
  return written
}

/** One account's next state, with what tells of it. Another run that has it in hand has told it then. */
async function turn(client: ClientBase, clock: Clock, accountId: string): Promise<string[]> {
  await client.query('SELECT FROM notification_setting WHERE account_id = $1 FOR UPDATE', [accountId])
  const { rows } = await client.query<Crossing>(
    `SELECT setting.low_balance_nano, wallet.balance_nano, wallet.currency, setting.low_balance_crossings + 1 AS crossings,
            setting.low_balance_told_at IS NOT NULL AS is_told
     FROM notification_setting setting JOIN wallet USING (account_id) WHERE setting.account_id = $1 AND ${CROSSED}`,
    [accountId],
  )
  const [crossing] = rows
  if (!crossing) return []
  const now = clock.now()
  if (crossing.is_told) {
    await client.query('UPDATE notification_setting SET low_balance_told_at = NULL WHERE account_id = $1', [accountId])
    return []
  }
  await client.query(
    `UPDATE notification_setting SET low_balance_told_at = $2, low_balance_crossings = $3 WHERE account_id = $1`,
    [accountId, new Date(now), crossing.crossings],
  )
  const { currency, crossings } = crossing
  const [balanceNano, thresholdNano] = [BigInt(crossing.balance_nano), BigInt(crossing.low_balance_nano)]
  const mail = {
    balance: formatMoney(balanceNano, currency, 'balance'),
    threshold: formatMoney(thresholdNano, currency, 'exact'),
    path: CREDITS_PATH,
  }
  await queueMailToAccount(client, clock, accountId, 'low-balance', mail, `low-balance:${accountId}:${crossings}`)
  const data = { balance: formatDecimalNano(balanceNano), threshold: formatDecimalNano(thresholdNano), currency }
  const source = `crossing ${crossings}`
  return recordEvent(client, clock, { accountId, type: 'credits.low_balance', source, data, occurredAt: now })
}

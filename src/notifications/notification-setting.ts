import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../lib/clock.ts'
import { NANO_PER_UNIT, type Nano } from '../money/nano.ts'
import { NotificationError } from './notification-error.ts'

/** A billion units: beyond it every balance is low. */
const THRESHOLD_MAX_NANO = 1_000_000_000n * NANO_PER_UNIT

const setting = z.strictObject({
  accountId: z.uuid(),
  /** The balance under which it is told; null = never. */
  lowBalanceNano: z
    .bigint()
    .positive({ error: 'Enter an amount above zero.' })
    .max(THRESHOLD_MAX_NANO, { error: 'Enter at most a billion.' })
    .nullable(),
  expiryMails: z.boolean(),
  topUpMails: z.boolean(),
  /** Who changes it. */
  userId: z.uuid().nullable(),
})

/** What an account wants to be told of. */
export interface NotificationSetting {
  readonly lowBalanceNano: Nano | null
  /** Since when it knows that its balance is low, in milliseconds since the epoch; null = it is not, as far as was told. */
  readonly lowBalanceToldAt: number | null
  readonly expiryMails: boolean
  readonly topUpMails: boolean
}

const NEVER_SET: NotificationSetting = {
  lowBalanceNano: null,
  lowBalanceToldAt: null,
  expiryMails: true,
  topUpMails: true,
}

interface Row {
  low_balance_nano: string | null
  low_balance_told_at: Date | null
  expiry_mails: boolean
  top_up_mails: boolean
}

export async function readNotificationSetting(
  client: ClientBase | Pool,
  accountId: string,
): Promise<NotificationSetting> {
  const { rows } = await client.query<Row>(
    `SELECT low_balance_nano, low_balance_told_at, expiry_mails, top_up_mails FROM notification_setting WHERE account_id = $1`,
    [accountId],
  )
  const [row] = rows
  if (!row) return NEVER_SET
  return {
    lowBalanceNano: row.low_balance_nano === null ? null : BigInt(row.low_balance_nano),
    lowBalanceToldAt: row.low_balance_told_at?.getTime() ?? null,
    expiryMails: row.expiry_mails,
    topUpMails: row.top_up_mails,
  }
}

/**
 * Sets what an account wants to be told of. Another threshold is armed anew: where the balance is below it, that is told.
 * @throws NotificationError `invalid_request`
 */
export async function setNotificationSetting(
  { pool, clock }: { pool: Pool; clock: Clock },
  input: z.input<typeof setting>,
): Promise<void> {
  const read = setting.safeParse(input)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new NotificationError('invalid_request', issue?.message ?? 'Not as expected.', String(issue?.path[0] ?? ''))
  }
  const { accountId, lowBalanceNano, expiryMails, topUpMails, userId } = read.data
  await pool.query(
    `INSERT INTO notification_setting AS was (account_id, low_balance_nano, expiry_mails, top_up_mails, updated_by_id, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (account_id) DO UPDATE SET low_balance_nano = excluded.low_balance_nano,
       expiry_mails = excluded.expiry_mails, top_up_mails = excluded.top_up_mails, updated_by_id = excluded.updated_by_id,
       updated_at = excluded.updated_at, low_balance_told_at =
         CASE WHEN excluded.low_balance_nano IS NOT DISTINCT FROM was.low_balance_nano THEN was.low_balance_told_at END`,
    [accountId, lowBalanceNano, expiryMails, topUpMails, userId, new Date(clock.now())],
  )
}

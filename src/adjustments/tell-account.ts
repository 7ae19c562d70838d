import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { queueMailToAccount } from '../mail/queue-mail.ts'
import { formatMoney } from '../money/format-money.ts'
import type { Adjustment, AdjustmentKind } from './adjustment.ts'

/** Where the portal shows the lots. */
const CREDITS_PATH = '/'

const CHANGE: Readonly<Record<AdjustmentKind, (amount: string) => string>> = {
  CREDIT: (amount) => `${amount} was added to your credits`,
  DEBIT: (amount) => `${amount} was taken from your credits`,
  EXTENSION: () => 'Some of your credits last longer',
}

/** Tells the account's people what was booked by hand, and why. */
export async function tellAccount(
  client: ClientBase,
  clock: Clock,
  { id, accountId, kind, amountNano, currency, expiresAt, reason }: Adjustment,
  balanceNano: bigint,
): Promise<void> {
  const data = {
    change: CHANGE[kind](formatMoney(amountNano, currency, 'exact')),
    expiresAt: kind === 'DEBIT' || expiresAt === null ? null : new Date(expiresAt).toISOString(),
    balance: formatMoney(balanceNano, currency, 'balance'),
    reason,
    path: CREDITS_PATH,
  }
  await queueMailToAccount(client, clock, accountId, 'credits-adjusted', data, `credits-adjusted:${id}`)
}

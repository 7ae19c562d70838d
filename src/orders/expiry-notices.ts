import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { queueMailToAccount } from '../mail/queue-mail.ts'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'

/** How many days before its expiry a lot is announced, the nearest first. */
const NOTICE_DAYS = [1, 7, 30] as const
type NoticeDays = (typeof NOTICE_DAYS)[number]

const DAY_MS = 86_400_000
/** Handled in one transaction, whose locks keep out other runs and nothing else. */
const ACCOUNTS_PER_BATCH_MAX = 500
/** A run ends, whatever happens; the next one takes the rest. */
const BATCHES_PER_RUN_MAX = 1_000
/** Where the portal shows the lots and sells more. */
const CREDITS_PATH = '/credits'

/** What can be spent of a lot, in nano. */
const FREE_NANO = 'lot.remaining_nano - lot.held_nano - lot.frozen_nano'
/** Hours, for a day of an interval is as long as the session's time zone says. */
const DAY = `interval '24 hours'`

interface ExpiringLot {
  id: string
  account_id: string
  currency: string
  expires_at: Date
  free_nano: string
  /** Its notices: how many days before, and when each was written. */
  notice_days: NoticeDays[]
  notice_times: Date[]
}

/** What one mail tells: an account, a day of expiry (UTC), and the lots of which it was not told yet. */
interface Announcement {
  accountId: string
  currency: string
  kind: NoticeDays
  /** The first expiry of that day. */
  expiresAt: Date
  /** Of all lots that expire on that day. */
  freeNano: bigint
  untoldLotIds: [string, ...string[]]
}

/**
 * Announces credits that expire within 30, 7 or 1 days: one mail an account and day of expiry (UTC) to its OWNER and
 * BILLING members. Only the nearest due notice is sent; the farther ones are marked as passed. A lot with less than a
 * spendable cent is not announced, nor one already expired. Safe to run anywhere, any time, by anybody: accounts that
 * another run has in hand are left to it.
 *
 * @returns how many announcements were made, counted by account and day
 */
export async function queueExpiryNotices({ pool, clock }: { pool: Pool; clock: Clock }): Promise<number> {
  let announced = 0
  for (let batch = 0; batch < BATCHES_PER_RUN_MAX; batch += 1) {
    const result = await inTransaction(pool, (client) => announceBatch(client, clock))
    if (result.accounts === 0) break
    announced += result.announced
  }
  return announced
}

async function announceBatch(client: PoolClient, clock: Clock): Promise<{ accounts: number; announced: number }> {
  const now = clock.now()
  const accountIds = await lockAccountsToTell(client, now)
  const announcements = announcementsOf(await expiringLots(client, now, accountIds), now)
  for (const announcement of announcements) await announce(client, clock, announcement)
  return { accounts: accountIds.length, announced: announcements.length }
}

/**
 * Accounts with a lot that has to be announced. They are locked rather than their lots, in the mode that foreign keys
 * pass through, so that no request waits for a notice.
 */
async function lockAccountsToTell(client: PoolClient, now: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM account WHERE id IN (
       SELECT lot.account_id FROM credit_lot lot CROSS JOIN LATERAL (
         SELECT min(days) AS days FROM unnest($2::int[]) days WHERE lot.expires_at <= $1::timestamptz + days * ${DAY}
       ) nearest
       WHERE lot.open AND lot.expires_at > $1 AND lot.expires_at <= $1::timestamptz + $3::int * ${DAY}
         AND ${FREE_NANO} >= $4 AND NOT EXISTS (
           SELECT FROM expiry_notice WHERE lot_id = lot.id AND days_before <= nearest.days
             AND expiry_notice.created_at > lot.expires_at - (nearest.days + 1) * ${DAY}
         )
     ) ORDER BY id LIMIT $5 FOR NO KEY UPDATE SKIP LOCKED`,
    [new Date(now), NOTICE_DAYS, Math.max(...NOTICE_DAYS), NANO_PER_CENT, ACCOUNTS_PER_BATCH_MAX],
  )
  return rows.map((row) => row.id)
}

/**
 * The expiring lots of locked accounts, told or not, by account and expiry: read after the locks were taken, so that
 * what another run has just told is seen, and a day farther than any notice, so that the last day is whole.
 */
async function expiringLots(client: PoolClient, now: number, accountIds: string[]): Promise<ExpiringLot[]> {
  const { rows } = await client.query<ExpiringLot>(
    `SELECT lot.id, lot.account_id, wallet.currency, lot.expires_at, ${FREE_NANO} AS free_nano,
            ARRAY (SELECT days_before FROM expiry_notice WHERE lot_id = lot.id ORDER BY days_before) AS notice_days,
            ARRAY (SELECT created_at FROM expiry_notice WHERE lot_id = lot.id ORDER BY days_before) AS notice_times
     FROM credit_lot lot JOIN wallet ON wallet.account_id = lot.account_id
     WHERE lot.open AND lot.account_id = ANY ($2::uuid[]) AND ${FREE_NANO} >= $4
       AND lot.expires_at > $1 AND lot.expires_at <= $1::timestamptz + $3::int * ${DAY}
     ORDER BY lot.account_id, lot.expires_at, lot.id`,
    [new Date(now), accountIds, Math.max(...NOTICE_DAYS) + 1, NANO_PER_CENT],
  )
  return rows
}

/** Lots that expire on one day are announced together, when the first of them is due: at most a day early. */
function announcementsOf(lots: readonly ExpiringLot[], now: number): Announcement[] {
  const days = Map.groupBy(lots, (lot) => `${lot.account_id} ${dayOf(lot.expires_at)}`)
  return [...days.values()].flatMap((ofDay) => {
    const [first] = ofDay as [ExpiringLot, ...ExpiringLot[]]
    const kind = NOTICE_DAYS.find((days) => first.expires_at.getTime() <= now + days * DAY_MS)
    if (kind === undefined) return []
    const [untold, ...others] = ofDay.filter((lot) => !isTold(lot, kind)).map((lot) => lot.id)
    if (untold === undefined) return []
    const freeNano = ofDay.reduce((sum, lot) => sum + BigInt(lot.free_nano), 0n)
    const { account_id: accountId, currency, expires_at: expiresAt } = first
    return [{ accountId, currency, kind, expiresAt, freeNano, untoldLotIds: [untold, ...others] }]
  })
}

/**
 * Whether a notice of this kind, or a nearer one, stands for the lot's expiry as it is now. A notice of an expiry that
 * was put off since is older than any of this one can be: those are written in its days, or a day before with a lot
 * that expires earlier on the same day.
 */
function isTold(lot: ExpiringLot, kind: NoticeDays): boolean {
  const from = lot.expires_at.getTime() - (kind + 1) * DAY_MS
  return lot.notice_days.some((days, index) => days <= kind && (lot.notice_times[index]?.getTime() ?? 0) > from)
}

async function announce(client: PoolClient, clock: Clock, announcement: Announcement): Promise<void> {
  const { accountId, currency, kind, expiresAt, freeNano, untoldLotIds } = announcement
  const passed = NOTICE_DAYS.filter((days) => days >= kind)
  // A farther notice that was written in its time keeps that time.
  await client.query(
    `INSERT INTO expiry_notice (lot_id, days_before, created_at)
     SELECT lot_id, days, $3 FROM unnest($1::uuid[]) lot_id, unnest($2::int[]) days
     ON CONFLICT (lot_id, days_before) DO UPDATE SET created_at = excluded.created_at WHERE excluded.days_before = $4`,
    [untoldLotIds, passed, new Date(clock.now()), kind],
  )
  const data = {
    amount: formatMoney(freeNano, currency, 'balance'),
    expiresAt: expiresAt.toISOString(),
    days: Math.ceil((expiresAt.getTime() - clock.now()) / DAY_MS),
    path: CREDITS_PATH,
  }
  // Named by a lot, because credit of the same day that comes later is told in a mail of its own.
  const dedupeKey = `credits-expiring:${untoldLotIds[0]}:${dayOf(expiresAt)}:${kind}`
  await queueMailToAccount(client, clock, accountId, 'credits-expiring', data, dedupeKey)
}

/** The UTC day of an instant: 2027-03-14. */
function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10)
}

import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'

/** Whom documents are made out to. */
export interface BillingProfile {
  name: string
  email: string | null
  line1: string | null
  line2: string | null
  city: string | null
  region: string | null
  postalCode: string | null
  /** ISO 3166-1 alpha-2. */
  country: string | null
  /** As Stripe names it, such as `eu_vat`. */
  taxIdType: string | null
  taxIdValue: string | null
}

/** A profile as it was in force from a moment on, until the next version. */
export interface BillingProfileVersion extends BillingProfile {
  /** From 1, one after the other. */
  version: number
  /** Milliseconds since the epoch. */
  since: number
  source: BillingProfileSource
  /** The access key or user that changed it; null = the payment page. */
  actorId: string | null
}

export type BillingProfileSource = 'checkout' | 'portal' | 'back office'

export interface ChangedBy {
  source: BillingProfileSource
  actorId: string | null
}

const FIELDS: Readonly<Record<keyof BillingProfile, string>> = {
  name: 'name',
  email: 'email',
  line1: 'line1',
  line2: 'line2',
  city: 'city',
  region: 'region',
  postalCode: 'postal_code',
  country: 'country',
  taxIdType: 'tax_id_type',
  taxIdValue: 'tax_id_value',
}
const FIELD_NAMES = Object.keys(FIELDS) as (keyof BillingProfile)[]
const COLUMNS = FIELD_NAMES.map((field) => FIELDS[field])

const SELECTED = [
  ...FIELD_NAMES.map((field) => `${FIELDS[field]} AS "${field}"`),
  ...['version', 'source', 'actor_id AS "actorId"', 'created_at AS since'],
].join(', ')

type Row = Omit<BillingProfileVersion, 'since'> & { since: Date }

const versionOf = ({ since, ...row }: Row): BillingProfileVersion => ({ ...row, since: since.getTime() })

/** The profile in force; null = none was ever given. */
export async function readBillingProfile(
  client: ClientBase | Pool,
  accountId: string,
): Promise<BillingProfileVersion | null> {
  const { rows } = await client.query<Row>(
    `SELECT ${SELECTED} FROM billing_profile WHERE account_id = $1 ORDER BY version DESC LIMIT 1`,
    [accountId],
  )
  return rows[0] ? versionOf(rows[0]) : null
}

/** Versions of an account, latest first; `before` names the version after them, null = from the latest on. */
export async function listBillingProfiles(
  client: ClientBase | Pool,
  accountId: string,
  { limit, before }: { limit: number; before: number | null },
): Promise<BillingProfileVersion[]> {
  const { rows } = await client.query<Row>(
    `SELECT ${SELECTED} FROM billing_profile WHERE account_id = $1 AND ($2::int IS NULL OR version < $2)
     ORDER BY version DESC LIMIT $3`,
    [accountId, before, limit],
  )
  return rows.map(versionOf)
}

/**
 * Takes over what a payment page says of the buyer, in the caller's transaction. A profile that people have written, with
 * its country, stands: whoever holds the card is not whom the account's invoices are for.
 */
export async function learnBillingProfile(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  profile: BillingProfile,
): Promise<void> {
  await lockProfile(client, accountId)
  const current = await readBillingProfile(client, accountId)
  if (current && current.source !== 'checkout' && current.country !== null) return
  await writeIfChanged(client, clock, accountId, profile, { source: 'checkout', actorId: null }, current)
}

/**
 * Writes a new version in the caller's transaction, unless nothing differs from the one in force. The account's profile
 * stays locked until the commit.
 */
export async function recordBillingProfile(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  profile: BillingProfile,
  by: ChangedBy,
): Promise<void> {
  await lockProfile(client, accountId)
  await writeIfChanged(client, clock, accountId, profile, by, await readBillingProfile(client, accountId))
}

export type ProfileChange =
  | { ok: true; profile: BillingProfileVersion }
  /** Somebody else was faster; `version` is the one in force, 0 = none. */
  | { ok: false; reason: 'changed_meanwhile'; version: number }

/**
 * Changes the profile in a transaction of its own, provided that `isExpected` takes the version in force (0 = none). The
 * same content again makes no new version.
 */
export function changeBillingProfile(
  { pool, clock }: { pool: Pool; clock: Clock },
  accountId: string,
  profile: BillingProfile,
  by: ChangedBy,
  isExpected: (version: number) => boolean,
): Promise<ProfileChange> {
  return inTransaction(pool, async (client) => {
    await lockProfile(client, accountId)
    const current = await readBillingProfile(client, accountId)
    const version = current?.version ?? 0
    if (!isExpected(version)) return { ok: false, reason: 'changed_meanwhile', version }
    return { ok: true, profile: await writeIfChanged(client, clock, accountId, profile, by, current) }
  })
}

/** One writer of an account at a time, so that versions follow each other. */
async function lockProfile(client: ClientBase, accountId: string): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('billing_profile ' || $1, 0))`, [accountId])
}

async function writeIfChanged(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  profile: BillingProfile,
  { source, actorId }: ChangedBy,
  current: BillingProfileVersion | null,
): Promise<BillingProfileVersion> {
  if (current && FIELD_NAMES.every((field) => current[field] === profile[field])) return current
  const next = { ...profile, version: (current?.version ?? 0) + 1, since: clock.now(), source, actorId }
  await client.query(
    `INSERT INTO billing_profile (id, account_id, version, source, actor_id, created_at, ${COLUMNS.join(', ')})
     VALUES ($1, $2, $3, $4, $5, $6, ${COLUMNS.map((_, index) => `$${index + 7}`).join(', ')})`,
    [
      ...[uuidV7(clock), accountId, next.version, source, actorId, new Date(next.since)],
      ...FIELD_NAMES.map((field) => profile[field]),
    ],
  )
  return next
}

import type { ClientBase, Pool } from 'pg'
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

/** The profile in force; null = none was ever given. */
export async function readBillingProfile(
  client: ClientBase | Pool,
  accountId: string,
): Promise<(BillingProfile & { version: number }) | null> {
  const selected = FIELD_NAMES.map((field) => `${FIELDS[field]} AS "${field}"`)
  const { rows } = await client.query<BillingProfile & { version: number }>(
    `SELECT version, ${selected.join(', ')} FROM billing_profile WHERE account_id = $1 ORDER BY version DESC LIMIT 1`,
    [accountId],
  )
  return rows[0] ?? null
}

/** Writes a new version in the caller's transaction, unless nothing differs from the one in force. */
export async function recordBillingProfile(
  client: ClientBase,
  clock: Clock,
  accountId: string,
  profile: BillingProfile,
  { source, actorId }: { source: 'checkout' | 'portal' | 'back office'; actorId: string | null },
): Promise<void> {
  // One writer of an account at a time, so that versions follow each other.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('billing_profile ' || $1, 0))`, [accountId])
  const current = await readBillingProfile(client, accountId)
  if (current && FIELD_NAMES.every((field) => current[field] === profile[field])) return
  await client.query(
    `INSERT INTO billing_profile (id, account_id, version, source, actor_id, created_at, ${COLUMNS.join(', ')})
     VALUES ($1, $2, $3, $4, $5, $6, ${COLUMNS.map((_, index) => `$${index + 7}`).join(', ')})`,
    [
      ...[uuidV7(clock), accountId, (current?.version ?? 0) + 1, source, actorId, new Date(clock.now())],
      ...FIELD_NAMES.map((field) => profile[field]),
    ],
  )
}

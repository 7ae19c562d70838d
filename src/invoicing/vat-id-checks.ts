import type { ClientBase, Pool } from 'pg'
import type { BillingProfile } from '../accounts/billing-profile.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { checkTaxId } from './tax/tax-id.ts'
import type { VatIdCheck } from './tax/vat-id-checker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long an answer of the register counts: a business may be struck off any day, and a quarter is a common return period. */
export const VAT_ID_CHECK_VALID_MS = 90 * DAY_MS

/** When the register is asked again after each result. A good answer is renewed before it lapses, a bad one may be mended. */
export const ASK_AGAIN_MS: Readonly<Record<VatIdCheck['result'], number>> = {
  valid: 80 * DAY_MS,
  invalid: DAY_MS,
  // A little less than the hour between two sweeps, so that the next one asks.
  not_checked: HOUR_MS - 5 * MINUTE_MS,
}

/** What the register has answered about a VAT id. */
export interface VatIdAnswer {
  readonly value: string
  readonly result: 'valid' | 'invalid'
  readonly consultation: string | null
  /** Milliseconds since the epoch. */
  readonly checkedAt: number
}

const ASKABLE = /^[A-Z]{2}[0-9A-Z+*]{2,12}$/

/**
 * The EU VAT id of a profile as the register is asked about it; null = there is none, or no register would know it. Wrong
 * check digits are asked about: rare ids do not follow the published rule.
 */
export function askableVatId({
  taxIdType,
  taxIdValue,
  country,
}: Pick<BillingProfile, 'taxIdType' | 'taxIdValue' | 'country'>): string | null {
  if (taxIdType !== 'eu_vat' || taxIdValue === null) return null
  const { result, reason, normalized } = checkTaxId('eu_vat', taxIdValue, country)
  const mayExist = result === 'valid' || reason === 'check_digits'
  return mayExist && ASKABLE.test(normalized) ? normalized : null
}

/** The latest answer; a question that could not be answered leaves the one before it in force. Null = there is none. */
export async function latestAnswer(client: ClientBase | Pool, vatId: string): Promise<VatIdAnswer | null> {
  const { rows } = await client.query<Omit<VatIdAnswer, 'checkedAt'> & { checkedAt: Date }>(
    `SELECT value, result, consultation, checked_at AS "checkedAt" FROM vat_id_check
     WHERE value = $1 AND result <> 'not_checked' ORDER BY checked_at DESC, id DESC LIMIT 1`,
    [vatId],
  )
  const [row] = rows
  return row ? { ...row, checkedAt: row.checkedAt.getTime() } : null
}

/** @param time milliseconds since the epoch */
export function isAnswerInForce({ checkedAt }: VatIdAnswer, time: number): boolean {
  return time < checkedAt + VAT_ID_CHECK_VALID_MS
}

/** When each VAT id was last asked about, and whether that is long enough ago; the never asked are due since 1970. */
export async function dueSince(
  client: ClientBase | Pool,
  clock: Clock,
  vatIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ value: string; result: VatIdCheck['result']; checked_at: Date }>(
    `SELECT DISTINCT ON (value) value, result, checked_at FROM vat_id_check WHERE value = ANY($1)
     ORDER BY value, checked_at DESC, id DESC`,
    [vatIds],
  )
  const due = new Map(vatIds.map((value) => [value, 0]))
  for (const { value, result, checked_at: checkedAt } of rows) {
    const since = checkedAt.getTime() + ASK_AGAIN_MS[result]
    if (since <= clock.now()) due.set(value, since)
    else due.delete(value)
  }
  return due
}

/** Keeps what the register said, or that it could not say anything. */
export async function recordVatIdCheck(
  { pool, clock }: { pool: Pool; clock: Clock },
  { value, result, consultation }: VatIdCheck,
  requesterVatId: string | null,
): Promise<void> {
  await pool.query(
    `INSERT INTO vat_id_check (id, value, result, consultation, requester, checked_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [uuidV7(clock), value, result, consultation, requesterVatId, new Date(clock.now())],
  )
}

import type { Pool } from 'pg'
import { type BillingProfile, readBillingProfile } from '../accounts/billing-profile.ts'
import type { Clock } from '../lib/clock.ts'
import type { VatIdChecker } from './tax/vat-id-checker.ts'
import { VIES_TIMEOUT_MS, ViesChecker } from './tax/vies.ts'
import { askableVatId, dueSince, recordVatIdCheck } from './vat-id-checks.ts'

/** The register of VAT ids, and in whose name it is asked. */
export interface VatRegister {
  readonly checker: VatIdChecker
  /** Null = in nobody's, which brings no consultation number. */
  readonly requesterVatId: string | null
}

export interface AskDeps {
  readonly pool: Pool
  readonly clock: Clock
  /** Null = the online check is off: nothing is asked and nothing stored. */
  readonly vatRegister: VatRegister | null
}

/** Questions at once: what the register allows one asker. */
const QUESTIONS_AT_ONCE = 4
/** Profiles read at once. */
const PROFILES_A_PAGE = 500
/** Questions of one sweep; what is beyond them is due in the next one. With a register that never answers it takes a minute. */
export const QUESTIONS_A_SWEEP = Math.floor((60_000 / VIES_TIMEOUT_MS) * QUESTIONS_AT_ONCE)

/** VIES, where it is switched on. Close the checker at the end of the process. */
export function openVatRegister(settings: {
  viesCheck: boolean
  viesRequesterVatId: string | null
}): (VatRegister & { checker: ViesChecker }) | null {
  const { viesCheck, viesRequesterVatId: requesterVatId } = settings
  return viesCheck ? { checker: new ViesChecker({ requesterVatId }), requesterVatId } : null
}

/**
 * Asks about the VAT id of a profile, if it has one and the last answer is old enough. Never within a transaction: it may
 * take as long as the register's timeout. Returns whether the register was asked.
 */
export async function askAboutProfile(
  deps: AskDeps,
  profile: Pick<BillingProfile, 'taxIdType' | 'taxIdValue' | 'country'> | null,
): Promise<boolean> {
  const vatId = deps.vatRegister && profile ? askableVatId(profile) : null
  if (vatId === null) return false
  const due = await dueSince(deps.pool, deps.clock, [vatId])
  if (!due.has(vatId)) return false
  await ask(deps, vatId)
  return true
}

/** The same for the profile in force of an account. */
export async function askAboutAccount(deps: AskDeps, accountId: string): Promise<boolean> {
  if (!deps.vatRegister) return false
  return askAboutProfile(deps, await readBillingProfile(deps.pool, accountId))
}

/** Asks about the VAT ids of profiles in force whose answer is missing or old, the longest due first. Returns how many. */
export async function askAboutDue(deps: AskDeps, questionsMax = QUESTIONS_A_SWEEP): Promise<number> {
  if (!deps.vatRegister) return 0
  const due = new Map<string, number>()
  for await (const page of profilesWithVatId(deps.pool)) {
    const vatIds = page.map(askableVatId).filter((vatId) => vatId !== null)
    for (const [vatId, since] of await dueSince(deps.pool, deps.clock, vatIds)) due.set(vatId, since)
  }
  const chosen = [...due].sort(([, a], [, b]) => a - b).slice(0, questionsMax)
  for (let start = 0; start < chosen.length; start += QUESTIONS_AT_ONCE) {
    await Promise.all(chosen.slice(start, start + QUESTIONS_AT_ONCE).map(([vatId]) => ask(deps, vatId)))
  }
  return chosen.length
}

async function ask({ pool, clock, vatRegister }: AskDeps, vatId: string): Promise<void> {
  if (!vatRegister) return
  const { checker, requesterVatId } = vatRegister
  await recordVatIdCheck({ pool, clock }, await checker.check(vatId), requesterVatId)
}

type ProfileRow = Pick<BillingProfile, 'taxIdType' | 'taxIdValue' | 'country'> & { accountId: string }

/** The profiles in force that have an EU VAT id, by account. */
async function* profilesWithVatId(pool: Pool): AsyncGenerator<ProfileRow[]> {
  let after: string | null = null
  for (;;) {
    const { rows }: { rows: ProfileRow[] } = await pool.query<ProfileRow>(
      `SELECT account_id AS "accountId", tax_id_type AS "taxIdType", tax_id_value AS "taxIdValue", country
       FROM billing_profile profile
       WHERE tax_id_type = 'eu_vat' AND ($1::uuid IS NULL OR account_id > $1)
         AND NOT EXISTS (SELECT FROM billing_profile later
                         WHERE later.account_id = profile.account_id AND later.version > profile.version)
       ORDER BY account_id LIMIT $2`,
      [after, PROFILES_A_PAGE],
    )
    if (rows.length > 0) yield rows
    if (rows.length < PROFILES_A_PAGE) return
    after = (rows.at(-1) as ProfileRow).accountId
  }
}

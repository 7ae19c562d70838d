import type { Pool } from 'pg'
import { z } from 'zod'
import { type AccessKey, KEY_STATES, type KeyRow, keyOf, SELECT_KEYS } from './access-key.ts'
import { type AccessDeps, accountIdField, readAsked } from './access-write.ts'
import { readBudgets } from './spend-budgets.ts'

export const KEYS_PER_PAGE_MAX = 100

const request = z.strictObject({
  accountId: accountIdField,
  projectId: z.uuid({ error: 'expected the id of a project' }).optional(),
  /** Without it, all that are not revoked. */
  state: z.enum(KEY_STATES, { error: `expected ${KEY_STATES.join(', ')}` }).optional(),
  cursor: z.uuid({ error: 'expected a cursor that was given' }).nullable().default(null),
  limit: z.int().min(1).max(KEYS_PER_PAGE_MAX),
})

export interface KeyPage {
  /** The latest first. */
  readonly keys: readonly AccessKey[]
  /** Where the next page begins; null = this is the last. */
  readonly next: string | null
}

/** `$1` the account, `$2` a project, `$3` a state, `$4` now, `$5` the cursor, `$6` how many. */
const PAGE = `${SELECT_KEYS}
  WHERE key.account_id = $1 AND ($2::uuid IS NULL OR key.project_id = $2) AND ($5::uuid IS NULL OR key.id < $5)
    AND CASE coalesce($3::text, '')
          WHEN '' THEN key.revoked_at IS NULL
          WHEN 'REVOKED' THEN key.revoked_at IS NOT NULL
          WHEN 'DISABLED' THEN key.revoked_at IS NULL AND key.disabled_at IS NOT NULL
          WHEN 'EXPIRED' THEN key.disabled_at IS NULL AND key.expires_at <= $4
          ELSE key.disabled_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > $4)
        END
  ORDER BY key.id DESC LIMIT $6`

/**
 * An account's access keys, page by page.
 * @throws AccessError `invalid_request`
 */
export async function listKeys({ pool, clock }: AccessDeps, input: z.input<typeof request>): Promise<KeyPage> {
  const asked = readAsked(request, input)
  const { accountId, projectId = null, state = null, cursor, limit } = asked
  const values = [accountId, projectId, state, new Date(clock.now()), cursor, limit + 1]
  const rows = await readRows(pool, values)
  const shown = rows.slice(0, limit)
  const budgets = await readBudgets(
    pool,
    clock,
    accountId,
    shown.map(({ id }) => id),
  )
  return {
    keys: shown.map((row) => keyOf(row, budgets.get(row.id) ?? [])),
    next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

async function readRows(pool: Pool, values: unknown[]): Promise<KeyRow[]> {
  const { rows } = await pool.query<KeyRow>(PAGE, values)
  return rows
}

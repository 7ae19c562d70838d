import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../../db/transaction.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Witness } from '../../lib/witness.ts'

/** What a code is after it was to be disabled. A redeemed one stays what it is: its credits were given. */
export type DisabledCode = { ok: true } | { ok: false; reason: 'unknown' | 'redeemed' }

export interface CodeInForce {
  readonly id: string
  readonly hint: string
  readonly disabledAt: Date | null
}

/** Nobody can redeem the code any more. One that was disabled before stays so, from that time on. */
export function disableRedemptionCode(
  { pool, clock }: { pool: Pool; clock: Clock },
  codeId: string,
  witness?: Witness<CodeInForce>,
): Promise<DisabledCode> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<CodeInForce & { redeemedAt: Date | null }>(
      `SELECT id, hint, disabled_at AS "disabledAt", redeemed_at AS "redeemedAt" FROM redemption_code WHERE id = $1 FOR UPDATE`,
      [codeId],
    )
    const [row] = rows
    if (!row) return { ok: false, reason: 'unknown' }
    const { redeemedAt, ...before } = row
    if (redeemedAt) return { ok: false, reason: 'redeemed' }
    if (!before.disabledAt) await disable(client, before, new Date(clock.now()), witness)
    return { ok: true }
  })
}

async function disable(
  client: ClientBase,
  before: CodeInForce,
  disabledAt: Date,
  witness: Witness<CodeInForce> | undefined,
): Promise<void> {
  await client.query('UPDATE redemption_code SET disabled_at = $2 WHERE id = $1', [before.id, disabledAt])
  await witness?.(client, { before, after: { ...before, disabledAt } })
}

import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import type { Witness } from '../lib/witness.ts'
import { oncePerKey } from '../orders/idempotency.ts'
import { id, idempotencyKey, invalidField, readRequest, writtenLine } from '../orders/read-request.ts'
import { type Adjustment, findAdjustments, readAdjustment, saveDecision } from './adjustment.ts'
import { AdjustmentError, adjustmentNotFound } from './adjustment-error.ts'
import { bookAdjustment } from './book-adjustment.ts'
import type { AdjustmentDeps } from './request-adjustment.ts'

const NOTE_LENGTH_MAX = 500

const request = z.strictObject({
  adjustmentId: id,
  decision: z.enum(['approve', 'reject'], { error: 'must be approve or reject' }),
  /** For the people of the back office; whoever rejects says why. */
  note: writtenLine(NOTE_LENGTH_MAX).nullable().default(null),
  actorId: id,
  idempotencyKey,
})
export type AdjustmentDecision = z.input<typeof request>
type Asked = Omit<z.output<typeof request>, 'idempotencyKey'>

/**
 * Books or rejects an adjustment that waits. The same decision of the same person once more changes nothing. What cannot
 * be booked any more is refused and waits on: it can be rejected.
 * @throws AdjustmentError `adjustment_not_found`, `adjustment_decided`, `decision_by_same_person`,
 *   `debit_exceeds_available`, `lot_not_extendable`; OrderError `invalid_request`, `idempotency_conflict`
 */
export async function decideAdjustment(
  { pool, clock }: Pick<AdjustmentDeps, 'pool' | 'clock'>,
  input: AdjustmentDecision,
  witness?: Witness<Adjustment>,
): Promise<Adjustment> {
  const { idempotencyKey: key, ...asked } = readRequest(request, input)
  const { actorId, ...body } = asked
  if (asked.decision === 'reject' && asked.note === null) throw invalidField('note', 'must say why it is rejected')
  return inTransaction(pool, async (client) => {
    const call = { scopeId: actorId, verb: 'decideAdjustment', key, body }
    await oncePerKey(client, clock, call, async () => {
      await decide(client, clock, asked, witness)
      return asked.adjustmentId
    })
    return (await readAdjustment(client, asked.adjustmentId)) as Adjustment
  })
}

async function decide(
  client: ClientBase,
  clock: Clock,
  { adjustmentId, decision, note, actorId }: Asked,
  witness: Witness<Adjustment> | undefined,
): Promise<void> {
  // Of two who decide at once, the second waits here for what the first one made of it.
  const [before] = await findAdjustments(client, 'id = $1 FOR UPDATE', [adjustmentId])
  if (!before) throw adjustmentNotFound()
  const state = decision === 'approve' ? 'BOOKED' : 'REJECTED'
  if (before.state !== 'PENDING') {
    if (before.state === state && before.decidedById === actorId && before.createdById !== actorId) return
    throw await decidedBefore(client, before)
  }
  if (before.createdById === actorId) {
    throw new AdjustmentError(
      'decision_by_same_person',
      'Somebody else has to decide: whoever asked for an adjustment of this amount does not decide about it.',
    )
  }
  const rejected: Adjustment = { ...before, state, decidedById: actorId, decidedAt: clock.now(), decisionNote: note }
  if (state === 'REJECTED') await saveDecision(client, rejected)
  const after = state === 'BOOKED' ? await bookAdjustment(client, clock, before, { actorId, note }) : rejected
  await witness?.(client, { before, after })
}

async function decidedBefore(client: ClientBase, { state, decidedById }: Adjustment): Promise<AdjustmentError> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM "user" WHERE id = $1', [decidedById])
  const how = state === 'BOOKED' ? 'booked' : 'rejected'
  const who = rows[0] ? `${rows[0].name} has` : 'Somebody has'
  return new AdjustmentError('adjustment_decided', `${who} ${how} this adjustment before.`, 'adjustmentId')
}

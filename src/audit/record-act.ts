import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { type Act, canonicalAct } from './act.ts'

interface ChainHead {
  seq: string
  hash: Buffer
}

/**
 * Writes an act down in the transaction of what was done, chained to the act before it by SHA-256. Acts queue for the
 * head of the chain until the caller commits: do this late, and nothing slow after it.
 * @returns the act's id.
 */
export async function recordAct(client: ClientBase, clock: Clock, act: Act): Promise<string> {
  const { rows } = await client.query<ChainHead>('SELECT seq, hash FROM audit_head WHERE id = 1 FOR UPDATE')
  const [head] = rows
  if (!head) throw new Error('the audit log has lost its head')
  const place = { id: uuidV7(clock), seq: BigInt(head.seq) + 1n, happenedAt: clock.now() }
  const content = canonicalAct(act, place)
  const hash = createHash('sha256').update(head.hash).update(content).digest()
  await client.query(
    `INSERT INTO audit_entry (id, seq, happened_at, actor_id, actor_name, actor_role, reseller_id, client_ip, action,
       subject_kind, subject_id, account_id, outcome, reason, content, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      ...[place.id, place.seq, new Date(place.happenedAt), act.actor.userId, act.actor.name, act.actor.role],
      ...[act.actor.resellerId, act.actor.clientIp, act.action, act.subjectKind, act.subjectId, act.accountId],
      ...[act.outcome, act.reason, content, hash],
    ],
  )
  await client.query('UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1', [place.seq, hash])
  return place.id
}

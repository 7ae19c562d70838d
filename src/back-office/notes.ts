import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import type { Actor } from '../accounts/actor.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { oncePerKey } from '../orders/idempotency.ts'
import { idempotencyKey, writtenText } from '../orders/read-request.ts'
import { type ActingDeps, actAs } from './acting.ts'
import { id, readInput } from './read-input.ts'
import { accountWithin } from './scope.ts'

const NOTES_SHOWN_MAX = 50

const note = z.strictObject({ accountId: id, text: writtenText(), idempotencyKey })

export interface AccountNote {
  readonly id: string
  readonly text: string
  readonly authorId: string
  readonly authorName: string
  readonly createdAt: Date
}

/**
 * Writes down what one's side is to remember about an account. The account does not see it, nor does the other side.
 * @returns the note's id
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`; OrderError `idempotency_conflict`
 */
export function addNote(deps: ActingDeps, actor: Actor, input: z.input<typeof note>): Promise<string> {
  const { clock } = deps
  const subject = { kind: 'account_note', id: null, accountId: input.accountId }
  return actAs(deps, actor, { permission: 'write notes', action: 'note.add', subject }, async (client) => {
    const { accountId, text, idempotencyKey: key } = readInput(note, input)
    const call = { scopeId: actor.userId, verb: 'addNote', key, body: { accountId, text } }
    const { resultId, repeated } = await oncePerKey(client, clock, call, async () => {
      const noteId = uuidV7(clock)
      await client.query(
        'INSERT INTO account_note (id, account_id, reseller_id, author_id, text, created_at) VALUES ($1, $2, $3, $4, $5, $6)',
        [noteId, accountId, actor.resellerId, actor.userId, text, new Date(clock.now())],
      )
      return noteId
    })
    return { result: resultId, change: repeated ? null : { before: null, after: { id: resultId, text } } }
  })
}

/**
 * The notes of one's own side, the latest first.
 * @throws OfficeError `account_not_found`
 */
export async function listNotes(client: ClientBase | Pool, actor: Actor, accountId: string): Promise<AccountNote[]> {
  await accountWithin(client, actor, accountId)
  const { rows } = await client.query<AccountNote>(
    `SELECT note.id, note.text, note.author_id AS "authorId", coalesce(author.name, 'Somebody') AS "authorName",
            note.created_at AS "createdAt"
     FROM account_note note LEFT JOIN "user" author ON author.id = note.author_id
     WHERE note.account_id = $1 AND note.reseller_id IS NOT DISTINCT FROM $2
     ORDER BY note.created_at DESC, note.id DESC LIMIT ${NOTES_SHOWN_MAX}`,
    [accountId, actor.resellerId],
  )
  return rows
}

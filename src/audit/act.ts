import type { Actor } from '../accounts/actor.ts'

/** What somebody of the staff or of a reseller did, or was refused to do, in the back office. */
export interface Act {
  readonly actor: Pick<Actor, 'userId' | 'name' | 'role' | 'side' | 'resellerId' | 'clientIp'>
  /** A verb and its object, such as `adjustment.approve`. */
  readonly action: string
  readonly subjectKind: string
  readonly subjectId: string
  /** Whose books it concerns; null = nobody's in particular, such as the catalog. */
  readonly accountId: string | null
  readonly outcome: 'DONE' | 'REFUSED'
  /** Why, in the words of who did it, or of the refusal. */
  readonly reason: string | null
  /** The subject before and after; null where there was none. No secrets. */
  readonly before: unknown
  readonly after: unknown
}

/**
 * The one text of an act, that its hash is of: keys in order, bigints as digits, times as ISO 8601, texts without halves
 * of characters, which the database could not read back.
 * `seq` is within it, so that an act cannot change its place.
 */
export function canonicalAct(
  act: Act,
  { id, seq, happenedAt }: { id: string; seq: bigint; happenedAt: number },
): string {
  return JSON.stringify({ ...act, id, seq, happenedAt: new Date(happenedAt) }, inOrder)
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'string') return value.toWellFormed()
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
}

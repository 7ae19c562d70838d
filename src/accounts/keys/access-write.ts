import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import type { Witness } from '../../lib/witness.ts'
import { AccessError } from './access-error.ts'

export interface AccessDeps {
  pool: Pool
  clock: Clock
}

/** Who changes something: a person, or a program with an API key; null = Farebox itself, such as its command line. */
export type AccessActor = { readonly userId: string } | { readonly apiKeyId: string } | null

/** Makes something once, however often it is asked for under one idempotency key; works in the given transaction. */
export type Once = (client: ClientBase, work: () => Promise<string>) => Promise<{ resultId: string; repeated: boolean }>

export interface AccessWrite<Subject> {
  actor: AccessActor
  /** Is called in the transaction of the change, last: an audit log writes there. */
  record?: Witness<Subject>
}

export interface AccessCreation<Subject> extends AccessWrite<Subject> {
  /** Without it, each call stands for itself. */
  once?: Once
}

export const everyTime: Once = async (_client, work) => ({ resultId: await work(), repeated: false })

export function actorIdOf(actor: AccessActor): string | null {
  if (actor === null) return null
  return 'userId' in actor ? actor.userId : actor.apiKeyId
}

/**
 * Reads what is asked for.
 * @throws AccessError `invalid_request`, naming the first field at fault
 */
export function readAsked<Schema extends z.ZodType>(schema: Schema, input: z.input<Schema>): z.output<Schema> {
  const read = schema.safeParse(input)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : (issue?.path ?? [])
  const field = path.length > 0 ? path.join('.') : null
  throw new AccessError('invalid_request', `'${field ?? 'request'}': ${issue?.message ?? 'not as expected'}.`, field)
}

const NAME_LENGTH_MAX = 100
/** Line breaks and the like, which no list could show. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u

/** What keys and projects are called. */
export const givenName = z
  .string({ error: 'expected a name' })
  .trim()
  .min(1, { error: 'expected a name' })
  .max(NAME_LENGTH_MAX, { error: `expected at most ${NAME_LENGTH_MAX} characters` })
  .refine((name) => !CONTROL_CHARACTER.test(name), { error: 'expected one line of text' })

export const accountIdField = z.uuid({ error: 'expected an id' })

const UUID = z.uuid()
/** Ids that are none are answered like ids of nothing. */
export const isId = (text: string): boolean => UUID.safeParse(text).success

/** Ten years: whoever wants longer wants no expiry. */
const EXPIRY_MS_MAX = 10 * 366 * 86_400_000

/**
 * @param expiresAt milliseconds since the epoch; null = never
 * @throws AccessError `invalid_request`
 */
export function refuseWrongExpiry(clock: Clock, expiresAt: number | null | undefined): void {
  if (expiresAt == null) return
  const now = clock.now()
  if (expiresAt > now && expiresAt <= now + EXPIRY_MS_MAX) return
  const expected = expiresAt > now ? 'at most ten years from now' : 'a time that is still to come'
  throw new AccessError('invalid_request', `'expiresAt': expected ${expected}.`, 'expiresAt')
}

/** One maker of an account's keys or projects at a time, so that two do not both find the last free place. */
export async function takeTurns(client: ClientBase, what: string, accountId: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${what} ${accountId}`])
}

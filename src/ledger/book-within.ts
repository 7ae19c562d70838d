import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { bookOperations, type Operation } from './batch.ts'
import type { Amended, Amendment, Credited, CreditRequest } from './operations.ts'
import { type RowEncoders, readRowEncoders } from './sql/row-encoder.ts'
import { ALL_WRITES } from './sql/writes.ts'

/** What may be booked within the transaction of another fact. */
export type BookableWithin =
  /** `lotId`: the id that its lot is to have; without it, one is made. */
  { kind: 'credit'; request: CreditRequest; lotId?: string } | { kind: 'amend'; amendment: Amendment }

const encodersOf = new WeakMap<ClientBase, RowEncoders>()

/**
 * Books credits and amendments within the caller's transaction, so that a paid order and its credits are one fact. The
 * wallets stay locked until the caller commits: do this last, and nothing slow after it.
 * @throws LedgerConflict when a source was credited with another amount before.
 */
export async function bookWithin(
  client: ClientBase,
  clock: Clock,
  bookings: readonly BookableWithin[],
): Promise<(Credited | Amended)[]> {
  const operations = bookings.map(
    (booking): Operation =>
      booking.kind === 'credit' ? { ...booking, lotId: booking.lotId ?? uuidV7(clock) } : booking,
  )
  const { outcomes, write } = await bookOperations(client, operations, {
    encoders: await knownEncoders(client),
    instanceId: '',
    now: clock.now,
    repeated: false,
    pipelined: false,
  })
  await write()
  return outcomes as (Credited | Amended)[]
}

async function knownEncoders(client: ClientBase): Promise<RowEncoders> {
  const known = encodersOf.get(client)
  if (known) return known
  const encoders = await readRowEncoders(client, ALL_WRITES)
  encodersOf.set(client, encoders)
  return encoders
}

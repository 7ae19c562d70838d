import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import { bookWithin } from '../ledger/book-within.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import { oncePerKey } from './idempotency.ts'
import { OrderError } from './order-error.ts'
import { checkAmount } from './packages.ts'

/** As bought credits do. */
const CREDITS_LAST_MS = 365 * 86_400_000
/** One cent: there are no fees that a smaller grant would not cover. */
const MINIMUM_MINOR = 1n

export interface DevelopmentGrantDeps {
  pool: Pool
  clock: Clock
  isSandbox: boolean
  /** The most that a purchase may come to, in minor units. */
  maximumMinor: bigint
}

export interface DevelopmentGrant {
  accountId: string
  amountMinor: bigint
  /** Null = each call stands for itself. */
  idempotencyKey: string | null
  /** The person or access key that asks for it. */
  actorId: string | null
}

export interface GrantedCredits {
  readonly lotId: string
  readonly amountNano: bigint
  readonly currency: string
  /** In milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Gives credits without a payment to an account that is for development, in the sandbox only: as promotional credits
 * that last a year. The same key again gets the same answer and nothing more.
 * @throws OrderError `not_a_development_account`, `amount_below_minimum`, `amount_above_maximum`, `idempotency_conflict`.
 */
export async function grantDevelopmentCredits(
  { pool, clock, isSandbox, maximumMinor }: DevelopmentGrantDeps,
  { accountId, amountMinor, idempotencyKey, actorId }: DevelopmentGrant,
): Promise<GrantedCredits> {
  if (!isSandbox) throw notForDevelopment()
  return inTransaction(pool, async (client) => {
    const currency = await developmentCurrency(client, accountId)
    checkAmount(amountMinor, { currency, minimumMinor: MINIMUM_MINOR, maximumMinor })
    const call = { scopeId: accountId, verb: 'grant-development-credits', key: idempotencyKey, body: { amountMinor } }
    const { resultId, repeated } = await oncePerKey(client, clock, call, async () => uuidV7(clock))
    if (!repeated) await grant(client, clock, { accountId, actorId, sourceId: resultId }, amountMinor * NANO_PER_CENT)
    return readGrant(client, accountId, resultId, currency)
  })
}

/** The currency of the account's wallet, where the account is for development. */
async function developmentCurrency(client: ClientBase, accountId: string): Promise<string> {
  const { rows } = await client.query<{ currency: string }>(
    `SELECT wallet.currency FROM account JOIN wallet ON wallet.account_id = account.id
     WHERE account.id = $1 AND account.development`,
    [accountId],
  )
  const [row] = rows
  if (!row) throw notForDevelopment()
  return row.currency
}

async function grant(
  client: ClientBase,
  clock: Clock,
  source: { accountId: string; actorId: string | null; sourceId: string },
  amountNano: bigint,
): Promise<void> {
  const terms = { promotional: true, expiresAt: clock.now() + CREDITS_LAST_MS, reason: 'Development credits' }
  const [granted] = await bookWithin(client, clock, [
    { kind: 'credit', request: { ...source, kind: 'GRANT', amountNano, ...terms } },
  ])
  if (granted?.outcome !== 'booked') throw new Error(`grant ${source.sourceId} is new, but its credits are booked`)
}

async function readGrant(
  client: ClientBase,
  accountId: string,
  sourceId: string,
  currency: string,
): Promise<GrantedCredits> {
  const { rows } = await client.query<{ id: string; granted_nano: string; expires_at: Date }>(
    `SELECT id, granted_nano, expires_at FROM credit_lot
     WHERE account_id = $1 AND source_kind = 'GRANT' AND source_id = $2`,
    [accountId, sourceId],
  )
  const [lot] = rows
  if (!lot) throw new Error(`grant ${sourceId} has no lot`)
  return { lotId: lot.id, amountNano: BigInt(lot.granted_nano), currency, expiresAt: lot.expires_at.getTime() }
}

function notForDevelopment(): OrderError {
  return new OrderError(
    'not_a_development_account',
    'Credits are granted without a payment only to development accounts, in the sandbox.',
    { field: 'accountId' },
  )
}

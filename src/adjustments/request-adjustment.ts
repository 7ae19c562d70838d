import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { DocumentStorage } from '../invoicing/document-storage.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { Witness } from '../lib/witness.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import { oncePerKey } from '../orders/idempotency.ts'
import { readRequest } from '../orders/read-request.ts'
import { type Adjustment, insertAdjustment, readAdjustment } from './adjustment.ts'
import { AdjustmentError } from './adjustment-error.ts'
import { type AskedAdjustment, adjustmentRequest, type NewAdjustment } from './adjustment-request.ts'
import { checkAttachment, type KeptAttachment, keepAttachment } from './attachment.ts'
import { bookAdjustment, exceedsAvailable } from './book-adjustment.ts'
import { extendableLot } from './extendable-lot.ts'
import { freeCreditNano } from './wallet-reads.ts'

const DAY_MS = 86_400_000

export interface AdjustmentDeps {
  pool: Pool
  clock: Clock
  /** Where files that found adjustments are kept. */
  storage: DocumentStorage
  /** In minor units: above it, somebody else than its creator has to book an adjustment. */
  fourEyesLimitMinor: bigint
}

/**
 * Asks for an adjustment: up to the limit it is booked at once, above it waits for somebody else. The same key once more
 * gives what there is.
 * @throws AdjustmentError `account_not_found`, `attachment_not_accepted`, `debit_exceeds_available`, `lot_not_found`,
 *   `lot_not_extendable`; OrderError `invalid_request`, `idempotency_conflict`
 */
export async function requestAdjustment(
  deps: AdjustmentDeps,
  input: NewAdjustment,
  witness?: Witness<Adjustment>,
): Promise<Adjustment> {
  const { pool, clock } = deps
  const { idempotencyKey: key, actorId, attachment, ...asked } = readRequest(adjustmentRequest, input)
  if (attachment) checkAttachment(attachment)
  const kept = attachment ? await keepAttachment(deps.storage, asked.accountId, attachment) : null
  return inTransaction(pool, async (client) => {
    const call = { scopeId: actorId, verb: 'requestAdjustment', key, body: { ...asked, attachment: kept } }
    const { resultId } = await oncePerKey(client, clock, call, async () => {
      const before = await write(client, clock, { ...asked, actorId }, kept)
      const after = needsSecondPerson(deps, before)
        ? before
        : await bookAdjustment(client, clock, before, { actorId, note: null })
      await witness?.(client, { before: null, after })
      return after.id
    })
    return (await readAdjustment(client, resultId)) as Adjustment
  })
}

/** Of an extension, what is left in the lot counts: as much would expire without it. */
function needsSecondPerson({ fourEyesLimitMinor }: AdjustmentDeps, { amountNano }: Adjustment): boolean {
  return amountNano > fourEyesLimitMinor * NANO_PER_CENT
}

/** Only what may be written: neither a file nor a key. */
type Asked = AskedAdjustment extends infer Kind
  ? Kind extends AskedAdjustment
    ? Omit<Kind, 'attachment' | 'idempotencyKey'>
    : never
  : never

async function write(client: ClientBase, clock: Clock, asked: Asked, kept: KeptAttachment | null): Promise<Adjustment> {
  const { accountId, kind, reason, resellerId, actorId } = asked
  // Locked before a row refers to it: two who both refer to it first, and then book, would wait for each other.
  const { rows } = await client.query<{ currency: string }>(
    'SELECT currency FROM wallet WHERE account_id = $1 FOR UPDATE',
    [accountId],
  )
  const [wallet] = rows
  if (!wallet) throw new AdjustmentError('account_not_found', 'There is no such account.', 'accountId')
  const adjustment: Adjustment = {
    ...{ id: uuidV7(clock), accountId, kind, state: 'PENDING', currency: wallet.currency, reason, resellerId },
    ...(await whatItChanges(client, clock, asked, wallet.currency)),
    ...{ attachmentName: kept?.name ?? null, attachmentType: kept?.type ?? null },
    ...{ attachmentKey: kept?.key ?? null, attachmentSha256: kept?.sha256 ?? null },
    ...{ createdById: actorId, createdAt: clock.now(), decidedById: null, decidedAt: null, decisionNote: null },
  }
  await insertAdjustment(client, adjustment)
  return adjustment
}

type Change = Pick<Adjustment, 'amountNano' | 'lotId' | 'expiresAt' | 'promotional'>

/** What could not be booked now is refused now. Whether it still can be later, the booking sees. */
async function whatItChanges(client: ClientBase, clock: Clock, asked: Asked, currency: string): Promise<Change> {
  if (asked.kind === 'CREDIT') {
    const { amountNano, promotional, creditDays } = asked
    return { amountNano, promotional, lotId: null, expiresAt: clock.now() + creditDays * DAY_MS }
  }
  if (asked.kind === 'DEBIT') {
    const availableNano = await freeCreditNano(client, asked.accountId, clock.now())
    if (availableNano < asked.amountNano) throw exceedsAvailable(availableNano, currency)
    return { amountNano: asked.amountNano, promotional: false, lotId: null, expiresAt: null }
  }
  const { accountId, lotId, expiresAt } = asked
  const { remainingNano, promotional } = await extendableLot(client, clock, { accountId, lotId, expiresAt })
  return { amountNano: remainingNano, promotional, lotId, expiresAt }
}

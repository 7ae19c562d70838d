import type { Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { approveOrder } from '../../orders/manual/approve-order.ts'
import { createManualOrder } from '../../orders/manual/create-manual-order.ts'
import type { ManualOrderDeps } from '../../orders/manual/manual-order.ts'
import { recordReceipt } from '../../orders/manual/record-receipt.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Above it two people approve: the demo has an order that waits for the second. */
const FOUR_EYES_LIMIT_MINOR = 100_000n

interface DemoDeps {
  pool: Pool
  clock: Clock
}

/** Credits that somebody of the demo buys by bank transfer. */
export interface DemoPurchase {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Makes it; a second time it finds what the first one made. */
  make(deps: DemoDeps): Promise<void>
}

interface Told {
  readonly day: number
  readonly slug: string
  readonly netMinor: bigint
  /** Whether the money came and was approved; else it waits for approval. */
  readonly isApproved: boolean
}

const STORY: readonly Told[] = [
  { day: 1, slug: 'northwind', netMinor: 25_000n, isApproved: true },
  { day: 2, slug: 'acme', netMinor: 20_000n, isApproved: true },
  { day: 5, slug: 'tailspin', netMinor: 5_000n, isApproved: true },
  { day: 33, slug: 'acme', netMinor: 30_000n, isApproved: true },
  { day: 40, slug: 'northwind', netMinor: 15_000n, isApproved: true },
  { day: 60, slug: 'acme', netMinor: 250_000n, isApproved: false },
]

/** The purchases of the demo's story, which begins at `start` (milliseconds since the epoch). */
export function demoPurchases(start: number): DemoPurchase[] {
  return STORY.map((told, index) => {
    const at = start + told.day * DAY_MS + 9 * HOUR_MS
    return { at, make: (deps) => buy(deps, told, `demo-purchase-${index + 1}`) }
  })
}

async function buy({ pool, clock }: DemoDeps, { slug, netMinor, isApproved }: Told, key: string): Promise<void> {
  const deps: ManualOrderDeps = { pool, clock, fourEyesLimitMinor: FOUR_EYES_LIMIT_MINOR }
  const { accountId, currency, sellerId, approverId } = await partiesOf(pool, slug)
  const actor = { actorId: sellerId, idempotencyKey: key }
  const order = await createManualOrder(deps, { accountId, currency, netMinor, ...actor })
  const receivedOn = new Date(clock.now()).toISOString().slice(0, 10)
  const paid = { orderId: order.id, currency, amountMinor: order.totalMinor, receivedOn }
  await recordReceipt(deps, { ...paid, bankReference: `DEMO ${order.reference}`, ...actor })
  if (!isApproved) return
  await approveOrder(deps, { orderId: order.id, settlement: 'EXACT', actorId: approverId, idempotencyKey: key })
}

interface Parties {
  accountId: string
  currency: string
  sellerId: string
  approverId: string
}

/** The account, and who sells to it: the operator's finance people, or the owner of its reseller. */
async function partiesOf(pool: Pool, slug: string): Promise<Parties> {
  const { rows } = await pool.query<Parties>(
    `SELECT account.id AS "accountId", wallet.currency,
            coalesce(reseller.user_id, finance.id) AS "sellerId", coalesce(reseller.user_id, operator.id) AS "approverId"
     FROM account
     JOIN wallet ON wallet.account_id = account.id
     LEFT JOIN membership reseller ON reseller.account_id = account.reseller_id
     CROSS JOIN LATERAL (SELECT id FROM "user" WHERE staff_role = 'FINANCE' ORDER BY created_at, id LIMIT 1) finance
     CROSS JOIN LATERAL (SELECT id FROM "user" WHERE staff_role = 'ADMIN' ORDER BY created_at, id LIMIT 1) operator
     WHERE account.slug = $1
     LIMIT 1`,
    [slug],
  )
  const [parties] = rows
  if (!parties) throw new Error(`the demo has no account ${slug}`)
  return parties
}

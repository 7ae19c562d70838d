import type { Actor } from '../../../accounts/actor.ts'
import type { Invalid, MarginDeps, NotFound } from '../../../margins/margin-deps.ts'
import { NOT_FOUND } from '../../../margins/margin-deps.ts'
import { currentPrices } from './current-prices.ts'
import { askedTable } from './margins-table.ts'
import { priceStory } from './price-story.ts'

/** A row of the table with all there is to know of it: the waterfall's fees, its past, and what a change begins with. */
export async function routeDetail(deps: MarginDeps, actor: Actor, routeId: string, query: unknown) {
  const table = await askedTable(deps, actor, query)
  if (!table.ok) return table satisfies Invalid | NotFound
  const row = table.rows.find((each) => each.routeId === routeId)
  if (!row) return NOT_FOUND
  const isReseller = actor.side === 'RESELLER'
  return {
    ok: true as const,
    ...{ row, asOf: table.asOf, audience: table.audience, floorBps: table.floorBps },
    fees: await readFees(deps, actor, query),
    story: await priceStory(deps, actor, row),
    current: await currentPrices(deps.pool, row, isReseller),
  }
}

/** Nano per million tokens that stand in the prices. The operator's is a part of a reseller's wholesale price, and not told. */
async function readFees({ pool, operatorFeeNano }: MarginDeps, actor: Actor, query: unknown) {
  const asked = query as { seller?: string; account?: string }
  const { rows } = await pool.query<{ fee: string | null }>(
    `SELECT seller_fee_nano::text AS fee FROM account
     WHERE id = $1::uuid OR id = (SELECT reseller_id FROM account WHERE id = $2::uuid)`,
    // Both have been read as ids by the use case.
    [actor.resellerId ?? (asked.seller || null), asked.account || null],
  )
  const [seller] = rows
  const sellerFeeNano = seller ? (seller.fee === null ? operatorFeeNano : BigInt(seller.fee)) : null
  return { operatorFeeNano: actor.side === 'OPERATOR' ? operatorFeeNano : null, sellerFeeNano }
}

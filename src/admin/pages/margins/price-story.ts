import type { Actor } from '../../../accounts/actor.ts'
import type { MarginDeps } from '../../../margins/margin-deps.ts'
import type { MarginTableRow } from '../../../margins/margin-table.ts'
import { type PriceHistoryItem, type PriceHistoryRequest, priceHistory } from '../../../margins/price-history.ts'

/** Newest versions of each kind that are looked through; a page shows no more of them together. */
const VERSIONS_MAX = 200
const SHOWN_MAX = 60

export interface PriceStoryItem extends Omit<PriceHistoryItem, 'actorId'> {
  /** Who wrote it; null where it came from a catalog file. */
  readonly by: string | null
}

/**
 * Every version that has to do with a route, the newest first, with who, when and why: its cost, its model's list price, and
 * the rules that it falls under. A reseller sees those of its own rules.
 */
export async function priceStory(
  deps: MarginDeps,
  actor: Actor,
  { modelId, model, providerId, provider, upstreamModel }: MarginTableRow,
): Promise<PriceStoryItem[]> {
  const read = async (asked: PriceHistoryRequest): Promise<PriceHistoryItem[]> => {
    const found = await priceHistory(deps, { ...asked, limit: VERSIONS_MAX, actor })
    return found.ok ? found.items : []
  }
  const cards = [
    ...(await read({ kind: 'COST_PROFILE', providerId, upstreamModel })),
    ...(await read({ kind: 'LIST_PRICE', modelId })),
  ]
  const rules = [...(await read({ kind: 'PRICE_RULE' })), ...(await read({ kind: 'RETIRE_RULE' }))].filter(
    (item) => (item.model === null || item.model === model) && (item.provider === null || item.provider === provider),
  )
  const items = [...cards, ...rules]
    .sort((left, right) => right.createdAt.getTime() - left.createdAt.getTime())
    .slice(0, SHOWN_MAX)
  const names = await readNames(deps, actor, items)
  return items.map(({ actorId, ...item }) => ({ ...item, by: actorId === null ? null : (names.get(actorId) ?? null) }))
}

/** Whose name a reseller does not know is the operator's person. */
async function readNames(
  { pool }: MarginDeps,
  { side }: Actor,
  items: readonly PriceHistoryItem[],
): Promise<Map<string, string>> {
  const ids = [...new Set(items.map(({ actorId }) => actorId).filter((id) => id !== null))]
  const { rows } = await pool.query<{ id: string; name: string; isStaff: boolean }>(
    'SELECT id, name, staff_role IS NOT NULL AS "isStaff" FROM "user" WHERE id = ANY ($1::uuid[])',
    [ids],
  )
  return new Map(rows.map(({ id, name, isStaff }) => [id, side === 'RESELLER' && isStaff ? 'The operator' : name]))
}

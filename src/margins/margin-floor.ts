import { CATALOG_LOCK } from '../catalog/apply-catalog.ts'
import { MARGIN_FLOOR_BPS_MAX, readMarginFloorBps, writeMarginFloorBps } from '../catalog/margin-floor-setting.ts'
import { inTransaction } from '../db/transaction.ts'
import { type Actor, type Invalid, invalid, type MarginDeps, NOT_FOUND, type NotFound } from './margin-deps.ts'
import { readPercent } from './written-figures.ts'

/** A price must be at least cost × (1 + this / 10,000). */
export function readMarginFloor(deps: Pick<MarginDeps, 'pool'>): Promise<number> {
  return readMarginFloorBps(deps.pool)
}

/**
 * Sets the floor, as a person writes it ("5 %"). Prices that are under the new floor stay as they are: they are named in
 * the margin table, and a later change has to acknowledge only what it makes worse.
 */
export async function setMarginFloor(
  deps: MarginDeps,
  { floor, actor }: { floor: string; actor: Actor },
): Promise<{ ok: true; floorBps: number } | Invalid | NotFound> {
  if (actor.resellerId !== null) return NOT_FOUND
  const read = readPercent(floor)
  if (!read.ok) return invalid('floor', read.expected)
  if (read.value < 0 || read.value > MARGIN_FLOOR_BPS_MAX) return invalid('floor', 'expected a floor from 0 % to 900 %')
  return inTransaction(deps.pool, async (client) => {
    await client.query(CATALOG_LOCK)
    const before = await readMarginFloorBps(client)
    await writeMarginFloorBps(client, read.value)
    await deps.record?.(client, {
      action: 'margin_floor.set',
      subjectKind: 'setting',
      subjectId: 'catalog.margin_floor',
      before: { bps: before },
      after: { bps: read.value },
    })
    return { ok: true, floorBps: read.value }
  })
}

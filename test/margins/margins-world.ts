import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import type { Actor, MarginDeps } from '../../src/margins/margin-deps.ts'
import type { PriceChange } from '../../src/margins/price-change.ts'
import { proposePriceChange } from '../../src/margins/propose-price-change.ts'
import { type SavedPriceChange, savePriceChange } from '../../src/margins/save-price-change.ts'
import type { Farebox } from '../support/farebox.ts'

export const EDITOR: Actor = { userId: '01890000-0000-7000-8000-0000000000e1', resellerId: null }
export const SECOND_EDITOR: Actor = { userId: '01890000-0000-7000-8000-0000000000e2', resellerId: null }
/** The default of PROCESSING_FEE. */
export const FEE = 50_000_000n

export function depsOf({ pool, clock }: Pick<Farebox, 'pool' | 'clock'>): MarginDeps {
  return { pool, clock, operatorFeeNano: FEE }
}

export function resellerActor({ resellerId }: Pick<Farebox, 'resellerId'>): Actor {
  return { userId: '01890000-0000-7000-8000-0000000000f1', resellerId }
}

export interface Names {
  models: Record<string, string>
  providers: Record<string, string>
}

/** Ids of the catalog's models and providers by their names. */
export async function namesOf(farebox: Farebox): Promise<Names> {
  const read = async (sql: string) =>
    Object.fromEntries((await farebox.rows<{ name: string; id: string }>(sql)).map(({ name, id }) => [name, id]))
  return {
    models: await read('SELECT name, id FROM model'),
    providers: await read('SELECT slug AS name, id FROM provider'),
  }
}

/** Proposes and saves, as a page does. */
export async function proposeAndSave(
  deps: MarginDeps,
  change: PriceChange,
  { actor = EDITOR, reason }: { actor?: Actor; reason?: string } = {},
): Promise<SavedPriceChange & { ok: true }> {
  const proposed = await proposePriceChange(deps, { change, actor })
  if (!proposed.ok) throw new Error(JSON.stringify(proposed))
  const saved = await savePriceChange(deps, {
    change,
    basedOn: proposed.basedOn,
    idempotencyKey: uuidV7(deps.clock),
    actor,
    ...(reason === undefined ? {} : { acknowledgement: { reason } }),
  })
  if (!saved.ok) throw new Error(JSON.stringify(saved))
  return saved
}

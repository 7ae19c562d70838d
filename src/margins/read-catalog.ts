import type { PoolClient } from 'pg'
import { type CatalogState, readCatalogState } from '../catalog/catalog-state.ts'
import { readMarginFloorBps } from '../catalog/margin-floor-setting.ts'
import { inTransaction } from '../db/transaction.ts'
import type { MarginDeps } from './margin-deps.ts'

export interface ReadCatalog {
  state: CatalogState
  floorBps: number
}

/** The catalog and the margin floor as of one instant. Rules that were retired by `at` are left out. */
export function readCatalog(deps: MarginDeps, at: Date, accountIds: readonly string[]): Promise<ReadCatalog> {
  return inTransaction(deps.pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return readCatalogIn(client, at, accountIds)
  })
}

/** Inside the caller's transaction. */
export async function readCatalogIn(client: PoolClient, at: Date, accountIds: readonly string[]): Promise<ReadCatalog> {
  const state = await readCatalogState(client, at, [], accountIds)
  return { state, floorBps: await readMarginFloorBps(client) }
}

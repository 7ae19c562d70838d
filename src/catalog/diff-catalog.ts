import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { CatalogFile } from './catalog-file.ts'
import { readCatalogState } from './catalog-state.ts'
import { readMarginFloorBps } from './margin-floor-setting.ts'
import { planCatalog } from './plan-catalog.ts'

export interface DiffCatalogOptions {
  /** `FAREBOX_SECRET`: tells whether an API key of the file is the sealed one. */
  secret: string
  clock: Clock
  /** A price must be at least cost × (1 + this / 10,000). Default: what is set in the database. */
  marginFloorBps?: number
}

export interface CatalogDiff {
  /** `+` new, `~` changed, `=` noticed and left alone. */
  lines: string[]
  /** Whether an apply would write anything. */
  changed: boolean
  /** Why an apply would be refused whatever is acknowledged. */
  problems: string[]
  /** What an apply would have to acknowledge. */
  breaches: string[]
}

/** What `applyCatalog` would do now. Writes nothing. */
export async function diffCatalog(
  client: ClientBase,
  file: CatalogFile,
  { secret, clock, marginFloorBps: asked }: DiffCatalogOptions,
): Promise<CatalogDiff> {
  const now = new Date(clock.now())
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const read = async () => ({
    state: await readCatalogState(client, now, file.priceRules),
    marginFloorBps: asked ?? (await readMarginFloorBps(client)),
  })
  const { state, marginFloorBps } = await read().finally(() => client.query('ROLLBACK'))
  const plan = planCatalog(file, state, { now, newId: () => uuidV7(clock), secret, marginFloorBps })
  const { lines, problems, breaches } = plan
  return { lines, changed: plan.writes.length > 0, problems, breaches }
}

import { seal } from '../lib/seal.ts'
import type { CatalogTable, CatalogWrite } from './catalog-plan.ts'
import type { CatalogDatabase } from './read-catalog-rows.ts'

/** Every other table has `created_at`, which the writer fills in. */
const WITHOUT_CREATED_AT: ReadonlySet<CatalogTable> = new Set(['model_alias'])

/** Executes a plan's writes, in their order. Call it inside a transaction. */
export async function writeCatalog(
  database: CatalogDatabase,
  writes: readonly CatalogWrite[],
  { secret, now }: { secret: string; now: Date },
): Promise<void> {
  for (const write of writes) {
    if (write.write === 'update') await update(database, write)
    else if (write.write === 'insert') await insert(database, write.table, write.values, now)
    else {
      const values = { id: write.id, provider_id: write.providerId, secret_sealed: seal(secret, write.apiKey) }
      await insert(database, 'provider_key', values, now)
    }
  }
}

async function insert(
  database: CatalogDatabase,
  table: CatalogTable,
  values: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<void> {
  const row = WITHOUT_CREATED_AT.has(table) ? values : { ...values, created_at: now }
  const columns = Object.keys(row)
  const places = columns.map((_, index) => `$${index + 1}`)
  await database.query(
    `INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    Object.values(row).map(toParameter),
  )
}

async function update(database: CatalogDatabase, write: CatalogWrite & { write: 'update' }): Promise<void> {
  const columns = Object.keys(write.values)
  const settings = columns.map((column, index) => `${column} = $${index + 1}`)
  const conditions = Object.keys(write.where).map((column, index) => `${column} = $${columns.length + index + 1}`)
  await database.query(`UPDATE "${write.table}" SET ${settings.join(', ')} WHERE ${conditions.join(' AND ')}`, [
    ...Object.values(write.values).map(toParameter),
    ...Object.values(write.where),
  ])
}

/** Rate cards go into JSONB columns; bytes and instants are the driver's business. */
function toParameter(value: unknown): unknown {
  const isPlain = typeof value === 'object' && value !== null && !(value instanceof Date) && !Buffer.isBuffer(value)
  return isPlain ? JSON.stringify(value) : value
}

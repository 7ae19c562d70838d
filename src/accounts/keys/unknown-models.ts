import type { Pool } from 'pg'

/** Those of the names that no model has: a key that allows a misspelt one alone would be refused everything. */
export async function unknownModels(pool: Pool, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const { rows } = await pool.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS given (name) WHERE NOT EXISTS (SELECT FROM model WHERE model.name = given.name)',
    [names],
  )
  return rows.map(({ name }) => name)
}

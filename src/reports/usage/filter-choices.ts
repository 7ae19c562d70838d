import type { Pool } from 'pg'

/** A longer list is none to choose from. */
const CHOICES_MAX = 500

export interface Choice {
  readonly value: string
  readonly name: string
}

/** What an account's usage may be narrowed by, each by name. */
export interface FilterChoices {
  readonly models: readonly Choice[]
  readonly providers: readonly Choice[]
  readonly keys: readonly Choice[]
  readonly projects: readonly Choice[]
}

const CHOICES = `
  (SELECT 'models' AS kind, name AS value, name FROM model ORDER BY name LIMIT $2)
  UNION ALL (SELECT 'providers', id::text, name FROM provider ORDER BY name LIMIT $2)
  UNION ALL (SELECT 'keys', id::text, name FROM access_key WHERE account_id = $1 ORDER BY revoked_at IS NOT NULL, name LIMIT $2)
  UNION ALL (SELECT 'projects', id::text, name FROM project WHERE account_id = $1 ORDER BY name LIMIT $2)`

/** The caller has to see to it that the reader may read this account. */
export async function filterChoices(pool: Pool, accountId: string): Promise<FilterChoices> {
  const { rows } = await pool.query<Choice & { kind: keyof FilterChoices }>(CHOICES, [accountId, CHOICES_MAX])
  const of = (kind: keyof FilterChoices) =>
    rows.filter((row) => row.kind === kind).map(({ value, name }) => ({ value, name }))
  return { models: of('models'), providers: of('providers'), keys: of('keys'), projects: of('projects') }
}

import type { Pool } from 'pg'

/** How accounts are called. Whether they are the reader's, the caller has decided. */
export async function accountNames(
  pool: Pool,
  accountIds: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (accountIds.length === 0) return {}
  const { rows } = await pool.query<{ id: string; name: string }>(
    'SELECT id, name FROM account WHERE id = ANY ($1::uuid[])',
    [[...new Set(accountIds)]],
  )
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]))
}

import type { ClientBase, Pool } from 'pg'

/** The stored figures that tests look at. */
export async function walletOf(pool: Pool, accountId: string) {
  const { rows } = await pool.query<{ balance_nano: string; held_nano: string; debt_nano: string }>(
    'SELECT balance_nano, held_nano, debt_nano FROM wallet WHERE account_id = $1',
    [accountId],
  )
  const [row] = rows
  if (!row) throw new Error(`no wallet of ${accountId}`)
  return { balance: BigInt(row.balance_nano), held: BigInt(row.held_nano), debt: BigInt(row.debt_nano) }
}

export async function entriesOf(pool: Pool, accountId: string) {
  const { rows } = await pool.query<{ kind: string; source_id: string; amount_nano: string }>(
    'SELECT kind, source_id, amount_nano FROM ledger_entry WHERE account_id = $1 ORDER BY seq',
    [accountId],
  )
  return rows.map((row) => ({ kind: row.kind, sourceId: row.source_id, amount: BigInt(row.amount_nano) }))
}

export async function count(database: Pool | ClientBase, table: string, condition: string, ...values: unknown[]) {
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM ${table} WHERE ${condition}`,
    values,
  )
  return rows[0]?.count ?? 0
}

/** Looks again and again until it holds, for something that another session does in its own time. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`never came: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

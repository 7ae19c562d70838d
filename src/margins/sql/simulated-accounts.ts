import type { PoolClient } from 'pg'

/** An account as far as its prices depend on it. */
export interface SimulatedAccount {
  id: string
  slug: string
  name: string
  reseller_id: string | null
  plan_id: string | null
  /** Nano as digits; null = the operator's fee. */
  seller_fee_nano: string | null
}

const READ = `
  SELECT id, slug, name, reseller_id, plan_id, seller_fee_nano::text AS seller_fee_nano
    FROM account WHERE id = ANY($1::uuid[])`

export async function readSimulatedAccounts(client: PoolClient, ids: readonly string[]): Promise<SimulatedAccount[]> {
  const { rows } = await client.query<SimulatedAccount>(READ, [ids])
  return rows
}

import type { Pool } from 'pg'
import type { Caller } from '../gateway/authenticate.ts'
import { isServed } from '../gateway/choose-routes.ts'
import type { Gateway } from '../gateway/gateway.ts'

/** What the gateway is asked with. */
export type ModelSource = Pick<Gateway, 'catalog' | 'clock'>

/** `$1` the account. */
const BUYER = `
  SELECT account.plan_id AS "planId", account.reseller_id AS "resellerId", reseller.plan_id AS "resellerPlanId",
         reseller.seller_fee_nano::text AS "feeNano"
  FROM account LEFT JOIN account reseller ON reseller.id = account.reseller_id WHERE account.id = $1`

interface Buyer {
  planId: string | null
  resellerId: string | null
  resellerPlanId: string | null
  feeNano: string | null
}

/** The first model that an account can call at its prices now; null = there is none. */
export async function callableModel(
  pool: Pool,
  { catalog, clock }: ModelSource,
  accountId: string,
): Promise<string | null> {
  const { rows } = await pool.query<Buyer>(BUYER, [accountId])
  const [buyer] = rows
  if (!buyer) return null
  const caller = callerOf(accountId, buyer)
  const { snapshot, plans } = catalog()
  return snapshot.models.find((model) => isServed(caller, model, plans, clock.now()))?.name ?? null
}

/** A key of the account's as one would make it: prices depend on the account alone. */
function callerOf(accountId: string, { planId, resellerId, resellerPlanId, feeNano }: Buyer): Caller {
  const fee = feeNano === null ? null : BigInt(feeNano)
  return {
    ...{ accessKeyId: accountId, accountId, projectId: accountId, planId, budgetIds: [], scopes: ['inference'] },
    reseller: resellerId === null ? null : { id: resellerId, planId: resellerPlanId, feeNano: fee },
    ...{ allowedModels: [], allowedIps: null, outputTokensMax: null, requestTimeoutMs: null, expiresAt: null },
    ...{ keyDisabled: false, accountDisabled: false },
  }
}

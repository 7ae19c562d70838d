import type { CatalogState } from '../catalog/catalog-state.ts'
import type { Audience } from '../catalog/price-audience.ts'
import { type Actor, type Invalid, invalid, NOT_FOUND, type NotFound } from './margin-deps.ts'

interface AskedAudience {
  accountId?: string | undefined
  planId?: string | undefined
  sellerId?: string | undefined
}

/** Whom prices are asked for. A reseller has its own customers and no others. */
export function findAudience(
  state: CatalogState,
  actor: Actor,
  { accountId, planId, sellerId }: AskedAudience,
): { ok: true; audience: Audience } | Invalid | NotFound {
  if (accountId !== undefined && planId !== undefined) {
    return invalid('planId', 'expected an account or a plan: an account has a plan of its own')
  }
  const account = state.accounts.find((row) => row.id === accountId)
  const plan = state.plans.find((row) => row.id === planId)
  if (accountId !== undefined && account === undefined) return NOT_FOUND
  if (planId !== undefined && plan === undefined) return NOT_FOUND

  const wanted = sellerId ?? account?.reseller_id ?? (account === undefined ? actor.resellerId : null)
  if (actor.resellerId !== null && wanted !== actor.resellerId) return NOT_FOUND
  if (account !== undefined && account.reseller_id !== wanted) return NOT_FOUND
  const reseller = state.accounts.find((row) => row.id === wanted)
  if (wanted !== null && reseller?.kind !== 'RESELLER') return NOT_FOUND

  const seller = reseller === undefined ? null : { id: reseller.id, slug: reseller.slug, planId: reseller.plan_id }
  const whose = seller === null ? '' : ` of ${seller.slug}`
  const name =
    account !== undefined
      ? `account ${account.slug}`
      : `customers${whose}${plan === undefined ? '' : ` on plan ${plan.slug}`}`
  return {
    ok: true,
    audience: { name, accountId: accountId ?? null, planId: account?.plan_id ?? planId ?? null, seller },
  }
}

import type { CatalogState } from './catalog-state.ts'

/** Whom a price is for. Null ids stand for anybody without rules of their own. */
export interface Audience {
  name: string
  accountId: string | null
  planId: string | null
  /** The reseller who sells, or null for the operator. */
  seller: { id: string; slug: string; planId: string | null } | null
}

/** Everybody whom some rule may single out, and one of each kind whom none does. */
export function audiencesOf(state: CatalogState): Audience[] {
  const sellers = new Set(state.priceRules.map((row) => row.seller_id))
  const resellers = state.accounts.filter((account) => account.kind === 'RESELLER' && sellers.has(account.id))
  return [null, ...resellers].flatMap((reseller): Audience[] => {
    const seller = reseller && { id: reseller.id, slug: reseller.slug, planId: reseller.plan_id }
    const rules = state.priceRules.filter((row) => row.seller_id === (seller?.id ?? null))
    const plans = state.plans.filter((plan) => rules.some((row) => row.plan_id === plan.id))
    const accounts = state.accounts.filter((account) => rules.some((row) => row.account_id === account.id))
    const whose = seller === null ? '' : ` of ${seller.slug}`
    return [
      { name: `customers${whose}`, accountId: null, planId: null, seller },
      ...plans.map((plan) => ({
        name: `customers${whose} on plan ${plan.slug}`,
        accountId: null,
        planId: plan.id,
        seller,
      })),
      ...accounts.map((account) => ({
        name: `account ${account.slug}`,
        accountId: account.id,
        planId: account.plan_id,
        seller,
      })),
    ]
  })
}

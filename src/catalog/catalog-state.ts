import type { FilePriceRule } from './catalog-file.ts'
import type { PriceRuleRow } from './catalog-rows.ts'
import { type CatalogDatabase, type CatalogRows, readCatalogRows } from './read-catalog-rows.ts'

export interface AccountName {
  id: string
  slug: string
  kind: 'CUSTOMER' | 'RESELLER'
  reseller_id: string | null
  plan_id: string | null
  /** A reseller's own processing fee: nano as digits, null = the operator's. */
  seller_fee_nano: string | null
}

export interface PlanName {
  id: string
  slug: string
}

/** The catalog as the database has it, with the accounts and plans that rules are about. */
export interface CatalogState extends CatalogRows {
  accounts: AccountName[]
  plans: PlanName[]
}

const READ_PLANS = 'SELECT id, slug FROM plan'

/** Accounts may be many: only those that a rule names, here or in the file. */
const READ_ACCOUNTS = `
  SELECT id, slug, kind, reseller_id, plan_id, seller_fee_nano::text AS seller_fee_nano FROM account
   WHERE slug = ANY($1::text[]) OR id = ANY($2::uuid[])
      OR id IN (SELECT seller_id FROM price_rule UNION SELECT account_id FROM price_rule)`

/**
 * Reads in several statements: call it inside a transaction that keeps them consistent.
 * @param accountIds read beside those that a rule names
 */
export async function readCatalogState(
  database: CatalogDatabase,
  at: Date,
  fileRules: readonly FilePriceRule[],
  accountIds: readonly string[] = [],
): Promise<CatalogState> {
  const slugs = fileRules.flatMap((rule) => [rule.seller ?? [], rule.account ?? []].flat())
  const rows = await readCatalogRows(database, at)
  const plans = await database.query(READ_PLANS)
  const accounts = await database.query(READ_ACCOUNTS, [[...new Set(slugs)], accountIds])
  return { ...rows, plans: plans.rows as PlanName[], accounts: accounts.rows as AccountName[] }
}

/** Everything that names a rule's place: rules with one key are versions of each other. */
export type RuleKey = Pick<PriceRuleRow, 'seller_id' | 'account_id' | 'plan_id' | 'model_id' | 'provider_id'>

export function isSameRuleKey(a: RuleKey, b: RuleKey): boolean {
  return (
    a.seller_id === b.seller_id &&
    a.account_id === b.account_id &&
    a.plan_id === b.plan_id &&
    a.model_id === b.model_id &&
    a.provider_id === b.provider_id
  )
}

/** "price rule of acme for model gpt-4o", "price rule for everything" */
export function nameRule(state: CatalogState, key: RuleKey): string {
  const nameOf = (rows: readonly { id: string; slug?: string; name?: string }[], id: string | null) => {
    const row = rows.find((each) => each.id === id)
    return row?.slug ?? row?.name ?? id
  }
  const parts = [
    key.account_id === null ? [] : [`account ${nameOf(state.accounts, key.account_id)}`],
    key.plan_id === null ? [] : [`plan ${nameOf(state.plans, key.plan_id)}`],
    key.model_id === null ? [] : [`model ${state.models.find((model) => model.id === key.model_id)?.name}`],
    key.provider_id === null ? [] : [`provider ${nameOf(state.providers, key.provider_id)}`],
  ].flat()
  const seller = key.seller_id === null ? '' : ` of ${nameOf(state.accounts, key.seller_id)}`
  return `price rule${seller} for ${parts.length === 0 ? 'everything' : parts.join(' and ')}`
}

import type { CatalogFile, FilePriceRule } from './catalog-file.ts'
import type { PlanDraft } from './catalog-plan.ts'
import { type PriceRuleRow, termsOfRow } from './catalog-rows.ts'
import { isSameRuleKey, nameRule, type RuleKey } from './catalog-state.ts'
import { didYouMean } from './closest-name.ts'
import { describeTerms } from './describe-price.ts'
import { decideVersion } from './plan-versions.ts'
import { figuresOf, isSameFigures } from './price-rule-figures.ts'

/** After providers and models: every rule of the file finds both. Accounts and plans are the database's own. */
export function planPriceRules(draft: PlanDraft, file: CatalogFile): void {
  const seen: RuleKey[] = []
  // By date, so that a schedule of several versions is written in its order.
  const order = [...file.priceRules.entries()].sort(([, a], [, b]) => fromOf(a) - fromOf(b))
  for (const [index, wanted] of order) {
    const key = keyOf(draft, wanted, `priceRules[${index}]`)
    if (key === undefined) continue
    seen.push(key)
    planRule(draft, key, wanted, `priceRules[${index}]`)
  }
  for (const row of draft.after.priceRules) {
    if (seen.some((key) => isSameRuleKey(key, row))) continue
    const terms = describeTerms(termsOfRow(row), row.allow_negative_margin)
    draft.lines.push(`= ${nameRule(draft.after, row)} ${terms} not in file`)
  }
}

const fromOf = (rule: FilePriceRule) => rule.effectiveFrom?.getTime() ?? 0

function keyOf({ after, problems }: PlanDraft, wanted: FilePriceRule, path: string): RuleKey | undefined {
  const before = problems.length
  const account = (field: 'seller' | 'account') => {
    const slug = wanted[field]
    if (slug === undefined) return null
    const found = after.accounts.find((row) => row.slug === slug)
    if (found === undefined) problems.push(`${path}.${field}: no account has the slug ${JSON.stringify(slug)}`)
    else if (field === 'seller' && found.kind !== 'RESELLER') problems.push(`${path}.seller: ${slug} is not a reseller`)
    return found ?? null
  }
  const seller = account('seller')
  const scoped = account('account')
  // A rule on somebody whom the seller does not sell to would look like a price and never be one.
  if (scoped !== null && before === problems.length && scoped.reseller_id !== (seller?.id ?? null)) {
    const owner = seller === null ? 'a direct customer or reseller of the operator' : `a customer of ${seller.slug}`
    problems.push(`${path}.account: ${scoped.slug} is not ${owner}`)
  }
  const plan = after.plans.find((row) => row.slug === wanted.plan)
  if (wanted.plan !== undefined && plan === undefined) {
    const hint = didYouMean(
      wanted.plan,
      after.plans.map((row) => row.slug),
    )
    problems.push(`${path}.plan: no plan has the slug ${JSON.stringify(wanted.plan)}${hint}`)
  }
  if (problems.length > before) return undefined
  return {
    seller_id: seller?.id ?? null,
    account_id: scoped?.id ?? null,
    plan_id: plan?.id ?? null,
    model_id: after.models.find((row) => row.name === wanted.model)?.id ?? null,
    provider_id: after.providers.find((row) => row.slug === wanted.provider)?.id ?? null,
  }
}

function planRule(draft: PlanDraft, key: RuleKey, wanted: FilePriceRule, path: string): void {
  const { after, lines, writes, problems, tools } = draft
  const figures = figuresOf(wanted)
  const versions = after.priceRules
    .filter((row) => isSameRuleKey(row, key))
    .map((row) => ({ id: row.id, effectiveFrom: new Date(row.effective_from), row }))
  const decided = decideVersion(
    versions,
    { effectiveFrom: wanted.effectiveFrom, isSameAs: ({ row }) => isSameFigures(row, figures) },
    tools.now,
  )
  if (decided.decision === 'refused') problems.push(`${path}: ${decided.reason}`)
  if (decided.decision !== 'write') return
  const { effectiveFrom } = decided
  const replaced = decided.replaces?.row
  const columns = { id: tools.newId(), ...key, ...figures }
  after.priceRules.push({ ...columns, effective_from: effectiveFrom.getTime(), retired_at: null })
  writes.push({ write: 'insert', table: 'price_rule', values: { ...columns, effective_from: effectiveFrom } })
  if (replaced !== undefined) retire(draft, replaced, effectiveFrom)

  const name = nameRule(after, key)
  const terms = describeTerms(wanted.terms, wanted.allowNegativeMargin)
  const from = effectiveFrom.toISOString()
  if (replaced === undefined) lines.push(`+ ${name} ${terms} (from ${from})`)
  else {
    const before = describeTerms(termsOfRow(replaced), replaced.allow_negative_margin)
    lines.push(`~ ${name} ${before} -> ${terms} (new version from ${from})`)
  }
}

/** From its successor's first instant on, but never in the past: until now it did price requests. */
function retire({ writes, tools }: PlanDraft, row: PriceRuleRow, from: Date): void {
  if (row.retired_at !== null) return
  const retiredAt = from > tools.now ? from : tools.now
  row.retired_at = retiredAt.getTime()
  writes.push({ write: 'update', table: 'price_rule', where: { id: row.id }, values: { retired_at: retiredAt } })
}

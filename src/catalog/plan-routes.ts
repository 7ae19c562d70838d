import { rateCardToJson } from '../pricing/rate-card.ts'
import type { CatalogFile, FileCard, FileRoute } from './catalog-file.ts'
import { describeChanges, type PlanDraft, said } from './catalog-plan.ts'
import { type ModelRow, type ProviderRow, type RouteRow, toCardVersion } from './catalog-rows.ts'
import { describeCard, describeCardChange } from './describe-price.ts'
import { decideVersion } from './plan-versions.ts'

/** After providers and models: every route of the file finds both. */
export function planRoutes(draft: PlanDraft, file: CatalogFile): void {
  const seen = new Set<RouteRow>()
  for (const [index, wanted] of file.routes.entries()) {
    const model = draft.after.models.find((row) => row.name === wanted.model)!
    const provider = draft.after.providers.find((row) => row.slug === wanted.provider)!
    seen.add(planRoute(draft, wanted, model, provider))
    if (wanted.cost !== undefined) {
      planCost(draft, provider, wanted.upstreamModel, wanted.cost, `routes[${index}].cost`)
    }
  }
  for (const route of draft.after.routes) {
    if (!seen.has(route)) draft.lines.push(`= ${nameRoute(draft, route)} not in file`)
    else if (!isPriced(draft, route)) draft.lines.push(`= ${nameRoute(draft, route)} has no cost: it serves nothing`)
  }
}

function planRoute(draft: PlanDraft, wanted: FileRoute, model: ModelRow, provider: ProviderRow): RouteRow {
  const { after, lines, writes, tools } = draft
  const key = { model_id: model.id, provider_id: provider.id, upstream_model: wanted.upstreamModel }
  const found = after.routes.find(
    (row) =>
      row.model_id === key.model_id && row.provider_id === key.provider_id && row.upstream_model === key.upstream_model,
  )
  const values = said<Pick<RouteRow, 'priority' | 'weight' | 'state' | 'allow_negative_margin'>>({
    priority: wanted.priority,
    weight: wanted.weight,
    state: wanted.state,
    allow_negative_margin: wanted.allowNegativeMargin,
  })
  if (found === undefined) {
    const defaults = { priority: 0, weight: 1, state: 'ACTIVE', allow_negative_margin: false } as const
    const row: RouteRow = { id: tools.newId(), ...key, ...defaults, ...values }
    after.routes.push(row)
    writes.push({ write: 'insert', table: 'route', values: { ...row } })
    lines.push(`+ ${nameRoute(draft, row)} (priority ${row.priority}, weight ${row.weight}, ${row.state})`)
    return row
  }
  const changes = describeChanges(found, values)
  if (changes.length > 0) {
    Object.assign(found, values)
    writes.push({ write: 'update', table: 'route', where: { id: found.id }, values })
    lines.push(`~ ${nameRoute(draft, found)} ${changes.join(', ')}`)
  }
  return found
}

function planCost(
  draft: PlanDraft,
  provider: ProviderRow,
  upstreamModel: string,
  wanted: FileCard,
  path: string,
): void {
  const { after, lines, writes, problems, tools } = draft
  const versions = after.costProfiles
    .filter((row) => row.provider_id === provider.id && row.upstream_model === upstreamModel)
    .map(toCardVersion)
  const rates = rateCardToJson(wanted.card)
  const decided = decideVersion(
    versions,
    {
      effectiveFrom: wanted.effectiveFrom,
      isSameAs: ({ card }) => JSON.stringify(rateCardToJson(card)) === JSON.stringify(rates),
    },
    tools.now,
  )
  if (decided.decision === 'refused') problems.push(`${path}: ${decided.reason}`)
  if (decided.decision !== 'write') return
  const { effectiveFrom, replaces } = decided
  const key = { provider_id: provider.id, upstream_model: upstreamModel }
  const columns = { id: tools.newId(), ...key, rates, source: 'catalog file' }
  after.costProfiles.push({ ...columns, currency: 'USD', effective_from: effectiveFrom.getTime() })
  writes.push({ write: 'insert', table: 'cost_profile', values: { ...columns, effective_from: effectiveFrom } })
  const name = `cost ${provider.slug}/${upstreamModel}`
  const from = effectiveFrom.toISOString()
  lines.push(
    replaces === undefined
      ? `+ ${name} ${describeCard(wanted.card)} (from ${from})`
      : `~ ${name} ${describeCardChange(replaces.card, wanted.card)} (new version from ${from})`,
  )
}

function isPriced({ after }: PlanDraft, route: RouteRow): boolean {
  return after.costProfiles.some(
    (row) => row.provider_id === route.provider_id && row.upstream_model === route.upstream_model,
  )
}

function nameRoute({ after }: PlanDraft, route: RouteRow): string {
  const model = after.models.find((row) => row.id === route.model_id)?.name
  const provider = after.providers.find((row) => row.id === route.provider_id)?.slug
  return `route ${model} -> ${provider}/${route.upstream_model}`
}

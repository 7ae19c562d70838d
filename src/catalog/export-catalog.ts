import type { ClientBase } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { selectVersion } from '../pricing/price-rule.ts'
import type { CatalogFile, FileCard, FileModel, FilePriceRule, FileProvider, FileRoute } from './catalog-file.ts'
import {
  type ModelRow,
  type PriceRuleRow,
  type ProviderRow,
  type RouteRow,
  termsOfRow,
  toCardVersion,
} from './catalog-rows.ts'
import { type CatalogState, isSameRuleKey, readCatalogState } from './catalog-state.ts'
import { renderCatalogFile } from './render-catalog-file.ts'

/**
 * The catalog as a file that applies as a no-op. It holds what is in force and, for price rules, what is scheduled;
 * it never holds a secret.
 */
export async function exportCatalog(client: ClientBase, { clock }: { clock: Clock }): Promise<string> {
  const now = new Date(clock.now())
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const state = await readCatalogState(client, now, []).finally(() => client.query('ROLLBACK'))
  const { file, comments } = toCatalogFile(state, now)
  return renderCatalogFile(file, {
    header: `The catalog of ${now.toISOString()}. Prices are decimal strings per million tokens.`,
    commentOf: (item) => comments.get(item),
  })
}

interface ExportedFile {
  file: CatalogFile
  /** What the file cannot say, by the provider, model or route it is about. */
  comments: Map<object, string>
}

export function toCatalogFile(state: CatalogState, now: Date): ExportedFile {
  const comments = new Map<object, string>()
  const withComment = <T extends object>(item: T, notes: (string | undefined)[]): T => {
    const text = notes.filter((note) => note !== undefined).join('\n')
    if (text !== '') comments.set(item, text)
    return item
  }
  const file: CatalogFile = {
    providers: state.providers.map((row) => {
      const key = state.providerKeys.find((each) => each.provider_id === row.id)
      const isSealed = key !== undefined && key.secret_env === null
      const note = 'Its API key is sealed in the database. To replace it, write apiKey or apiKeyEnv here.'
      return withComment(toProvider(row, key?.secret_env ?? undefined), [isSealed ? note : undefined])
    }),
    models: state.models.map((row) => {
      const prices = state.listPrices.filter((price) => price.model_id === row.id).map(toCardVersion)
      return withComment(toModel(state, row, inForce(prices, now)), [
        row.is_disabled ? 'Disabled in the database.' : undefined,
        scheduled('list price', prices, now),
      ])
    }),
    routes: state.routes.map((row) => {
      const costs = state.costProfiles
        .filter((cost) => cost.provider_id === row.provider_id && cost.upstream_model === row.upstream_model)
        .map(toCardVersion)
      return withComment(toRoute(state, row, inForce(costs, now)), [scheduled('cost', costs, now)])
    }),
    priceRules: currentRules(state.priceRules, now).map((row) => toPriceRule(state, row, now)),
  }
  // By what people see rather than by id, so that two exports of one catalog can be compared as texts.
  file.routes.sort(
    by((route) => [route.model, String(route.priority).padStart(10), route.provider, route.upstreamModel]),
  )
  file.priceRules.sort(by((rule) => [rule.seller, rule.account, rule.plan, rule.model, rule.provider, isoOf(rule)]))
  return { file, comments }
}

function by<T>(keysOf: (item: T) => (string | undefined)[]): (a: T, b: T) => number {
  const keyOf = (item: T) =>
    keysOf(item)
      .map((key) => key ?? '')
      .join('\n')
  return (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)
}

const isoOf = (rule: FilePriceRule) => rule.effectiveFrom?.toISOString()

type Cards = ReturnType<typeof toCardVersion>[]

/** Without its date: whoever edits the figures means from now on. */
function inForce(versions: Cards, now: Date): FileCard | undefined {
  const version = selectVersion(versions, now)
  return version && { card: version.card, effectiveFrom: undefined }
}

function scheduled(what: string, versions: Cards, now: Date): string | undefined {
  const dates = versions
    .filter(({ effectiveFrom }) => effectiveFrom > now)
    .map((each) => each.effectiveFrom.toISOString())
  return dates.length === 0 ? undefined : `Another ${what} is scheduled from ${dates.join(' and ')}.`
}

function toProvider(row: ProviderRow, apiKeyEnv: string | undefined): FileProvider {
  return {
    slug: row.slug,
    name: row.name,
    protocol: row.protocol,
    baseUrl: row.base_url,
    outputCapParameter: row.output_cap_parameter,
    credential: apiKeyEnv === undefined ? undefined : { apiKeyEnv },
  }
}

function toModel(state: CatalogState, row: ModelRow, listPrice: FileCard | undefined): FileModel {
  return {
    name: row.name,
    aliases: state.modelAliases.filter((alias) => alias.model_id === row.id).map((alias) => alias.name),
    contextWindow: row.context_window,
    maxOutputTokens: row.max_output_tokens,
    maxImageTokens: row.max_image_tokens ?? undefined,
    listPrice,
  }
}

function toRoute(state: CatalogState, row: RouteRow, cost: FileCard | undefined): FileRoute {
  return {
    model: state.models.find((model) => model.id === row.model_id)!.name,
    provider: state.providers.find((provider) => provider.id === row.provider_id)!.slug,
    upstreamModel: row.upstream_model,
    priority: row.priority,
    weight: row.weight,
    state: row.state,
    allowNegativeMargin: row.allow_negative_margin || undefined,
    cost,
  }
}

/** Of each place the version in force and the ones to come. */
function currentRules(rows: readonly PriceRuleRow[], now: Date): PriceRuleRow[] {
  const dated = rows.map((row) => ({ id: row.id, effectiveFrom: new Date(row.effective_from), row }))
  return dated
    .filter(({ row, effectiveFrom }) => {
      const siblings = dated.filter((each) => isSameRuleKey(each.row, row))
      return effectiveFrom > now || selectVersion(siblings, now)?.row === row
    })
    .map(({ row }) => row)
}

function toPriceRule(state: CatalogState, row: PriceRuleRow, now: Date): FilePriceRule {
  const slugOf = (rows: readonly { id: string; slug: string }[], id: string | null) =>
    rows.find((each) => each.id === id)?.slug
  return {
    terms: termsOfRow(row),
    seller: slugOf(state.accounts, row.seller_id),
    account: slugOf(state.accounts, row.account_id),
    plan: slugOf(state.plans, row.plan_id),
    model: state.models.find((model) => model.id === row.model_id)?.name,
    provider: slugOf(state.providers, row.provider_id),
    effectiveFrom: row.effective_from > now.getTime() ? new Date(row.effective_from) : undefined,
    allowNegativeMargin: row.allow_negative_margin,
  }
}

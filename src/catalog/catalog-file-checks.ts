import { scopePrecedence } from '../pricing/price-rule.ts'
import { rateCardToJson } from '../pricing/rate-card.ts'
import type { CatalogFile, FileCard, Finding } from './catalog-file.ts'
import { didYouMean } from './closest-name.ts'

type RawMap = Record<string, unknown>

/**
 * What no single value shows: names used twice, references to nothing, figures that do not fit a rule's kind. Works on
 * the raw texts, so that these are reported together with the wrong values; only what compares whole cards needs the
 * file read without a problem.
 */
export function checkCatalogFile(value: unknown, file: CatalogFile | undefined): Finding[] {
  const raw = isRawMap(value) ? value : {}
  const providers = mapsOf(raw.providers)
  const models = mapsOf(raw.models)
  const routes = mapsOf(raw.routes)
  const priceRules = mapsOf(raw.priceRules)
  return [
    ...repeated('providers', providers, 'slug', (item) => textOf(item.slug)),
    ...credentials(providers),
    ...names(models),
    ...outputs(models),
    ...repeated('routes', routes, 'upstreamModel', routeKey),
    ...references('routes', routes, providers, models),
    ...references('priceRules', priceRules, providers, models),
    ...priceRules.flatMap((rule, index) => ruleFindings(rule, index)),
    ...repeated('priceRules', priceRules, 'kind', ruleKey),
    ...(file === undefined ? [] : differingCosts(file)),
  ]
}

function isRawMap(value: unknown): value is RawMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Items keep their places in the list; what is not a map is an empty one here. */
function mapsOf(list: unknown): RawMap[] {
  return Array.isArray(list) ? list.map((item) => (isRawMap(item) ? item : {})) : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function repeated(
  list: string,
  items: RawMap[],
  field: string,
  keyOf: (item: RawMap) => string | undefined,
): Finding[] {
  const first = new Map<string, number>()
  return items.flatMap((item, index) => {
    const key = keyOf(item)
    if (key === undefined) return []
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, index)
      return []
    }
    return [{ path: [list, index, field], message: `the same as ${list}[${earlier}]: ${key}` }]
  })
}

function routeKey({ model, provider, upstreamModel }: RawMap): string | undefined {
  if (!textOf(model) || !textOf(provider) || !textOf(upstreamModel)) return undefined
  return `${model} -> ${provider}/${upstreamModel}`
}

const SCOPE = ['account', 'plan', 'model', 'provider'] as const

function ruleKey(rule: RawMap): string | undefined {
  if (textOf(rule.kind) === undefined) return undefined
  const named = ['seller', ...SCOPE, 'effectiveFrom'].filter((key) => rule[key] !== undefined)
  return named.length === 0 ? 'a global rule' : named.map((key) => `${key} ${rule[key]}`).join(', ')
}

function credentials(providers: RawMap[]): Finding[] {
  return providers.flatMap((provider, index) =>
    provider.apiKey !== undefined && provider.apiKeyEnv !== undefined
      ? [{ path: ['providers', index, 'apiKeyEnv'], message: 'expected apiKey or apiKeyEnv, found both' }]
      : [],
  )
}

/** A name or alias leads to one model. */
function names(models: RawMap[]): Finding[] {
  const owners = new Map<string, string>()
  const findings: Finding[] = []
  for (const [index, { name }] of models.entries()) {
    const text = textOf(name)
    if (text === undefined) continue
    const owner = owners.get(text)
    if (owner !== undefined)
      findings.push({ path: ['models', index, 'name'], message: `${quote(text)} is already ${owner}` })
    else owners.set(text, `the name of models[${index}]`)
  }
  for (const [index, { aliases }] of models.entries()) {
    for (const [place, alias] of (Array.isArray(aliases) ? aliases : []).entries()) {
      const text = textOf(alias)
      if (text === undefined) continue
      const owner = owners.get(text)
      const path = ['models', index, 'aliases', place]
      if (owner !== undefined) findings.push({ path, message: `${quote(text)} is already ${owner}` })
      else owners.set(text, `an alias of models[${index}]`)
    }
  }
  return findings
}

function outputs(models: RawMap[]): Finding[] {
  return models.flatMap(({ maxOutputTokens, contextWindow }, index) =>
    Number(maxOutputTokens) > Number(contextWindow)
      ? [
          {
            path: ['models', index, 'maxOutputTokens'],
            message: `expected no more than the contextWindow of ${contextWindow}, found ${quote(maxOutputTokens)}`,
          },
        ]
      : [],
  )
}

function references(list: string, items: RawMap[], providers: RawMap[], models: RawMap[]): Finding[] {
  const slugs = new Set(providers.flatMap((provider) => textOf(provider.slug) ?? []))
  const modelNames = new Set(models.flatMap((model) => textOf(model.name) ?? []))
  const aliases = new Map<unknown, unknown>(
    models.flatMap(({ name, aliases }) =>
      Array.isArray(aliases) ? aliases.map((alias) => [alias, name] as const) : [],
    ),
  )
  return items.flatMap((item, index) => {
    const findings: Finding[] = []
    const provider = textOf(item.provider)
    if (provider !== undefined && !slugs.has(provider)) {
      const message = `no provider of this file has the slug ${quote(provider)}${didYouMean(provider, slugs)}`
      findings.push({ path: [list, index, 'provider'], message })
    }
    const model = textOf(item.model)
    if (model !== undefined && !modelNames.has(model)) {
      const message = aliases.has(model)
        ? `${quote(model)} is an alias; expected the model's name ${quote(aliases.get(model))}`
        : `no model of this file has the name ${quote(model)}${didYouMean(model, modelNames)}`
      findings.push({ path: [list, index, 'model'], message })
    }
    return findings
  })
}

const FIGURE_OF_KIND: Readonly<Record<string, string>> = {
  MARKUP_ON_COST: 'markupBps',
  ADDITION_PER_MILLION: 'addition',
  DISCOUNT_OFF_LIST: 'discountBps',
  ABSOLUTE: 'price',
}

function ruleFindings(rule: RawMap, index: number): Finding[] {
  const findings: Finding[] = []
  const path = ['priceRules', index]
  const kind = textOf(rule.kind) ?? ''
  const figure = FIGURE_OF_KIND[kind]
  if (figure !== undefined) {
    if (rule[figure] === undefined) findings.push({ path, message: `a rule of kind ${kind} needs ${figure}` })
    for (const other of Object.values(FIGURE_OF_KIND)) {
      if (other !== figure && rule[other] !== undefined) {
        findings.push({ path, key: other, message: `a rule of kind ${kind} has ${figure}, not ${other}` })
      }
    }
  }
  if (kind === 'MARKUP_ON_COST' && Number(rule.markupBps) < 0 && rule.allowNegativeMargin !== 'true') {
    findings.push({ path, key: 'markupBps', message: 'a markup below zero needs allowNegativeMargin: true' })
  }
  const named = SCOPE.filter((key) => rule[key] !== undefined)
  if (!isScope(named)) {
    const message = `expected account and model, account, plan and model, plan, model, provider or none of them, found ${named.join(' and ')}`
    findings.push({ path, message })
  }
  return findings
}

function isScope(named: readonly (typeof SCOPE)[number][]): boolean {
  try {
    scopePrecedence(Object.fromEntries(named.map((key) => [`${key}Id`, key])))
    return true
  } catch {
    return false
  }
}

/** Two models may use one upstream model; what it costs us is one figure. */
function differingCosts(file: CatalogFile): Finding[] {
  const first = new Map<string, { index: number; cost: string }>()
  return file.routes.flatMap((route, index): Finding[] => {
    if (route.cost === undefined) return []
    const upstream = `${route.provider}/${route.upstreamModel}`
    const cost = fingerprint(route.cost)
    const earlier = first.get(upstream)
    if (earlier === undefined) first.set(upstream, { index, cost })
    if (earlier === undefined || earlier.cost === cost) return []
    const message = `${upstream} costs something else in routes[${earlier.index}].cost; say it once or the same`
    return [{ path: ['routes', index, 'cost'], message }]
  })
}

function fingerprint({ card, effectiveFrom }: FileCard): string {
  return JSON.stringify([rateCardToJson(card), effectiveFrom?.getTime()])
}

function quote(value: unknown): string {
  return JSON.stringify(String(value))
}

import type { z } from 'zod'
import type { Nano } from '../money/nano.ts'
import type { RateCard } from '../pricing/rate-card.ts'
import { checkCatalogFile } from './catalog-file-checks.ts'
import { catalogFileSchema, toRateCard } from './catalog-file-schema.ts'
import { type FilePath, type FileProblem, formatPath, readCatalogSource } from './catalog-file-source.ts'
import type { OutputCapParameter, ProviderProtocol } from './catalog-snapshot.ts'

/**
 * What a catalog file says. An optional key that the file leaves out is undefined: the database's value stays, and
 * what is new gets the default.
 */
export interface CatalogFile {
  providers: FileProvider[]
  models: FileModel[]
  routes: FileRoute[]
  priceRules: FilePriceRule[]
}

export interface FileProvider {
  slug: string
  name: string | undefined
  protocol: ProviderProtocol
  baseUrl: string
  outputCapParameter: OutputCapParameter | undefined
  credential: { apiKey: string } | { apiKeyEnv: string } | undefined
}

export interface FileModel {
  name: string
  aliases: string[]
  contextWindow: number
  maxOutputTokens: number
  maxImageTokens: number | null | undefined
  listPrice: FileCard | undefined
}

/** A cost or a list price. Without a date it is in force from the moment it is applied. */
export interface FileCard {
  card: RateCard
  effectiveFrom: Date | undefined
}

export interface FileRoute {
  model: string
  provider: string
  upstreamModel: string
  priority: number | undefined
  weight: number | undefined
  state: 'ACTIVE' | 'DISABLED' | undefined
  allowNegativeMargin: boolean | undefined
  cost: FileCard | undefined
}

/** Scope and seller by their human names: slugs, and model names. */
export interface FilePriceRule {
  terms: PriceRuleTerms
  /** The reseller whose rule it is; undefined = the operator's. */
  seller: string | undefined
  account: string | undefined
  plan: string | undefined
  model: string | undefined
  provider: string | undefined
  effectiveFrom: Date | undefined
  allowNegativeMargin: boolean
}

export type PriceRuleTerms =
  | { kind: 'MARKUP_ON_COST'; markupBps: number }
  | { kind: 'ADDITION_PER_MILLION'; additionNano: Nano }
  | { kind: 'DISCOUNT_OFF_LIST'; discountBps: number }
  | { kind: 'ABSOLUTE'; rateCard: RateCard }

export type ParsedCatalogFile =
  | { ok: true; file: CatalogFile }
  /** Each "FILE:LINE:COLUMN key.path: what was expected, what was found", in the order of the file. */
  | { ok: false; problems: string[] }

/** A hundred wrong lines are one mistake made a hundred times. */
export const PROBLEMS_MAX = 100

/** Reads and checks a catalog file without a database; reports all that is wrong with it at once. */
export function parseCatalogFile(text: string, fileName: string): ParsedCatalogFile {
  const source = readCatalogSource(text)
  if (source.value === undefined) return { ok: false, problems: formatProblems(source.problems, fileName) }
  const parsed = catalogFileSchema.safeParse(source.value)
  const found = [
    ...(parsed.error?.issues.flatMap(findingsOf) ?? []),
    ...checkCatalogFile(source.value, parsed.success ? toCatalogFile(parsed.data) : undefined),
  ]
  const problems = [
    ...source.problems,
    ...found.map(({ path, key, message }) => ({
      ...source.locate(path, key),
      path: key === undefined ? path : [...path, key],
      message,
    })),
  ]
  if (!parsed.success || problems.length > 0) return { ok: false, problems: formatProblems(problems, fileName) }
  return { ok: true, file: toCatalogFile(parsed.data) }
}

/** A problem before it has a place in the text. With `key`, it is about that key of the map at the path. */
export interface Finding {
  path: FilePath
  key?: string
  message: string
}

function findingsOf(issue: z.core.$ZodIssue): Finding[] {
  const path = issue.path as FilePath
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  const messages = issue.message.split('\n')
  return issue.keys.map((key, index) => ({ path, key, message: messages[index]! }))
}

function formatProblems(problems: FileProblem[], fileName: string): string[] {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const lines = sorted.slice(0, PROBLEMS_MAX).map(({ line, column, path, message }) => {
    const where = `${fileName}:${line}:${column}`
    return path.length === 0 ? `${where} ${message}` : `${where} ${formatPath(path)}: ${message}`
  })
  const more = problems.length - lines.length
  return more > 0 ? [...lines, `${fileName}: and ${more} more problems`] : lines
}

type Written = z.infer<typeof catalogFileSchema>

function toCatalogFile(written: Written): CatalogFile {
  return {
    providers: written.providers.map(toProvider),
    models: written.models.map((model) => ({
      ...model,
      aliases: model.aliases ?? [],
      maxImageTokens: model.maxImageTokens,
      listPrice: model.listPrice && toFileCard(model.listPrice),
    })),
    routes: written.routes.map((route) => ({
      model: route.model,
      provider: route.provider,
      upstreamModel: route.upstreamModel,
      priority: route.priority,
      weight: route.weight,
      state: route.state,
      allowNegativeMargin: route.allowNegativeMargin,
      cost: route.cost && toFileCard(route.cost),
    })),
    priceRules: written.priceRules.map(toPriceRule),
  }
}

function toFileCard(written: NonNullable<Written['routes'][number]['cost']>): FileCard {
  return { card: toRateCard(written), effectiveFrom: written.effectiveFrom }
}

function toProvider({ apiKey, apiKeyEnv, ...provider }: Written['providers'][number]): FileProvider {
  const credential = apiKey !== undefined ? { apiKey } : apiKeyEnv !== undefined ? { apiKeyEnv } : undefined
  return { ...provider, name: provider.name, outputCapParameter: provider.outputCapParameter, credential }
}

function toPriceRule(rule: Written['priceRules'][number]): FilePriceRule {
  return {
    terms: toTerms(rule),
    seller: rule.seller,
    account: rule.account,
    plan: rule.plan,
    model: rule.model,
    provider: rule.provider,
    effectiveFrom: rule.effectiveFrom,
    allowNegativeMargin: rule.allowNegativeMargin ?? false,
  }
}

/** The figure may be missing here: then `checkCatalogFile` has said so, and the result is never used. */
function toTerms(rule: Written['priceRules'][number]): PriceRuleTerms {
  switch (rule.kind) {
    case 'MARKUP_ON_COST':
      return { kind: rule.kind, markupBps: rule.markupBps ?? 0 }
    case 'ADDITION_PER_MILLION':
      return { kind: rule.kind, additionNano: rule.addition ?? 0n }
    case 'DISCOUNT_OFF_LIST':
      return { kind: rule.kind, discountBps: rule.discountBps ?? 0 }
    case 'ABSOLUTE':
      return { kind: rule.kind, rateCard: toRateCard(rule.price ?? { input: 0n, output: 0n }) }
  }
}

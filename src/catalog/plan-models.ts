import { rateCardToJson } from '../pricing/rate-card.ts'
import type { CatalogFile, FileCard, FileModel } from './catalog-file.ts'
import { describeChanges, type PlanDraft, said } from './catalog-plan.ts'
import { type ModelRow, toCardVersion } from './catalog-rows.ts'
import { describeCard, describeCardChange } from './describe-price.ts'
import { decideVersion } from './plan-versions.ts'

export function planModels(draft: PlanDraft, file: CatalogFile): void {
  const known = new Map(draft.after.models.map((row) => [row.name, row]))
  const models = file.models.map((wanted, index) => {
    const row = planModel(draft, wanted, known.get(wanted.name), index)
    if (wanted.listPrice !== undefined) planListPrice(draft, row, wanted.listPrice, `models[${index}].listPrice`)
    return row
  })
  // Aliases after all models: one may move to a model that is new.
  for (const [index, wanted] of file.models.entries()) planAliases(draft, wanted, models[index]!, index)
  reportMissing(draft, file)
}

function planModel(draft: PlanDraft, wanted: FileModel, found: ModelRow | undefined, index: number): ModelRow {
  const { after, lines, writes, problems, tools } = draft
  const values = said<Pick<ModelRow, 'context_window' | 'max_output_tokens' | 'max_image_tokens'>>({
    context_window: wanted.contextWindow,
    max_output_tokens: wanted.maxOutputTokens,
    max_image_tokens: wanted.maxImageTokens,
  })
  if (found !== undefined) {
    const changes = describeChanges(found, values)
    if (changes.length > 0) {
      Object.assign(found, values)
      writes.push({ write: 'update', table: 'model', where: { id: found.id }, values })
      lines.push(`~ model ${found.name} ${changes.join(', ')}`)
    }
    return found
  }
  const alias = after.modelAliases.find((row) => row.name === wanted.name)
  if (alias !== undefined) {
    const owner = after.models.find((model) => model.id === alias.model_id)?.name
    problems.push(`models[${index}].name: ${JSON.stringify(wanted.name)} is an alias of model ${owner} in the database`)
  }
  const columns = {
    id: tools.newId(),
    name: wanted.name,
    context_window: wanted.contextWindow,
    max_output_tokens: wanted.maxOutputTokens,
    max_image_tokens: wanted.maxImageTokens ?? null,
  }
  const row = { ...columns, is_disabled: false, created_at: tools.now.getTime() }
  after.models.push(row)
  writes.push({ write: 'insert', table: 'model', values: columns })
  lines.push(`+ model ${row.name}`)
  return row
}

function planAliases(draft: PlanDraft, wanted: FileModel, model: ModelRow, index: number): void {
  const { after, lines, writes, problems } = draft
  for (const [place, name] of wanted.aliases.entries()) {
    if (after.models.some((each) => each.name === name)) {
      problems.push(
        `models[${index}].aliases[${place}]: ${JSON.stringify(name)} is the name of a model in the database`,
      )
      continue
    }
    const found = after.modelAliases.find((alias) => alias.name === name)
    if (found === undefined) {
      after.modelAliases.push({ name, model_id: model.id })
      writes.push({ write: 'insert', table: 'model_alias', values: { name, model_id: model.id } })
      lines.push(`+ alias ${name} of model ${model.name}`)
    } else if (found.model_id !== model.id) {
      const owner = after.models.find((each) => each.id === found.model_id)?.name
      found.model_id = model.id
      writes.push({ write: 'update', table: 'model_alias', where: { name }, values: { model_id: model.id } })
      lines.push(`~ alias ${name} model ${owner} -> ${model.name}`)
    }
  }
}

function planListPrice(draft: PlanDraft, model: ModelRow, wanted: FileCard, path: string): void {
  const { after, lines, writes, problems, tools } = draft
  const versions = after.listPrices.filter((row) => row.model_id === model.id).map(toCardVersion)
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
  const columns = { id: tools.newId(), model_id: model.id, rates, source: 'catalog file' }
  after.listPrices.push({ ...columns, currency: 'USD', effective_from: effectiveFrom.getTime() })
  writes.push({ write: 'insert', table: 'list_price', values: { ...columns, effective_from: effectiveFrom } })
  const from = effectiveFrom.toISOString()
  lines.push(
    replaces === undefined
      ? `+ list price of ${model.name} ${describeCard(wanted.card)} (from ${from})`
      : `~ list price of ${model.name} ${describeCardChange(replaces.card, wanted.card)} (new version from ${from})`,
  )
}

function reportMissing({ after, lines }: PlanDraft, file: CatalogFile): void {
  const named = new Map(file.models.map((model) => [model.name, model]))
  for (const model of after.models) {
    if (!named.has(model.name)) lines.push(`= model ${model.name} not in file`)
    else if (model.is_disabled) lines.push(`= model ${model.name} is disabled in the database`)
  }
  for (const alias of after.modelAliases) {
    const owner = after.models.find((model) => model.id === alias.model_id)?.name
    const inFile = named.get(owner ?? '')
    if (inFile !== undefined && !inFile.aliases.includes(alias.name)) {
      lines.push(`= alias ${alias.name} of model ${owner} not in file`)
    }
  }
}

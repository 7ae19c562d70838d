import type { AccessKey } from '../../accounts/keys/access-key.ts'
import type { BudgetLimit } from '../../accounts/keys/spend-budgets.ts'
import { type BudgetValues, budgetValues, readBudgetFields } from './budget-fields.ts'
import { linesOf, textOf } from './form-text.ts'

const DAY_MS = 86_400_000

/** What the form of a key is filled with: texts, as they were typed. */
export interface KeyValues {
  readonly name: string
  readonly projectId: string
  readonly models: string
  readonly ips: string
  readonly maxOutputTokens: string
  /** The last day (UTC) that it works on. */
  readonly lastDay: string
  readonly budgets: BudgetValues
}

export const NEW_KEY: KeyValues = {
  ...{ name: '', projectId: '', models: '', ips: '', maxOutputTokens: '', lastDay: '' },
  budgets: budgetValues([]),
}

export function keyValues(key: AccessKey): KeyValues {
  return {
    ...{ name: key.name, projectId: key.projectId, lastDay: lastDayOf(key.expiresAt) },
    ...{ models: key.allowedModels.join('\n'), ips: key.allowedIps.join('\n') },
    maxOutputTokens: key.maxOutputTokens === null ? '' : String(key.maxOutputTokens),
    budgets: budgetValues(key.budgets),
  }
}

function lastDayOf(expiresAt: number | null): string {
  return expiresAt === null ? '' : new Date(expiresAt - 1).toISOString().slice(0, 10)
}

export interface KeySettings {
  readonly name: string
  readonly allowedModels: string[]
  readonly allowedIps: string[]
  readonly maxOutputTokens: number | null
  readonly expiresAt: number | null
  readonly budgets: BudgetLimit[]
}

export interface ReadKeyForm {
  readonly values: KeyValues
  readonly settings: KeySettings
  /** Of what cannot be read at all; the rest is the use case's to judge. */
  readonly problems: Record<string, string>
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const WHOLE = /^\d{1,9}$/

/** @param before the key as it is, for what the form shows only in part; null = a new one */
export function readKeyForm(body: unknown, before: AccessKey | null): ReadKeyForm {
  const budget = readBudgetFields(body)
  const values: KeyValues = {
    ...{ name: textOf(body, 'name'), projectId: textOf(body, 'projectId'), models: textOf(body, 'models') },
    ...{ ips: textOf(body, 'ips'), maxOutputTokens: textOf(body, 'maxOutputTokens').replaceAll(',', '') },
    ...{ lastDay: textOf(body, 'lastDay'), budgets: budget.values },
  }
  const problems = { ...budget.problems }
  const { maxOutputTokens, lastDay } = values
  if (maxOutputTokens !== '' && !WHOLE.test(maxOutputTokens)) problems.maxOutputTokens = 'Enter a whole number.'
  const isDate = DATE.test(lastDay) && !Number.isNaN(Date.parse(lastDay))
  if (lastDay !== '' && !isDate) problems.lastDay = 'Enter a day such as 2027-03-31.'
  const settings: KeySettings = {
    name: values.name,
    allowedModels: linesOf(values.models),
    allowedIps: linesOf(values.ips),
    maxOutputTokens: WHOLE.test(maxOutputTokens) ? Number(maxOutputTokens) : null,
    expiresAt: expiryOf(isDate ? lastDay : '', before),
    budgets: budget.budgets,
  }
  return { values, settings, problems }
}

/** It ends with its last day (UTC). One that ends within that day already, as programs may set it, is left as it is. */
function expiryOf(lastDay: string, before: AccessKey | null): number | null {
  if (lastDay === '') return null
  if (before && lastDay === lastDayOf(before.expiresAt)) return before.expiresAt
  return Date.parse(lastDay) + DAY_MS
}

const FIELDS: Readonly<Record<string, string>> = {
  ...{ name: 'name', projectId: 'projectId', allowedModels: 'models', allowedIps: 'ips' },
  ...{ maxOutputTokens: 'maxOutputTokens', expiresAt: 'lastDay', budgets: 'budgetMonth' },
}

/** The field of the page that a refusal is about, by the name that the use case has for it; `form` = none. */
export function keyFieldOf(field: string | null): string {
  return FIELDS[field?.split('.')[0] ?? ''] ?? 'form'
}

import type { CatalogState } from './catalog-state.ts'

/** A write that makes the database say what the file says. Columns and tables are ours, never the file's. */
export type CatalogWrite =
  | { write: 'insert'; table: CatalogTable; values: Readonly<Record<string, unknown>> }
  | {
      write: 'update'
      table: CatalogTable
      where: Readonly<Record<string, string>>
      values: Readonly<Record<string, unknown>>
    }
  /** An API key in the clear on its way to being sealed. It is in no line. */
  | { write: 'insertSealedKey'; id: string; providerId: string; apiKey: string }

export type CatalogTable =
  | 'provider'
  | 'provider_key'
  | 'model'
  | 'model_alias'
  | 'route'
  | 'cost_profile'
  | 'list_price'
  | 'price_rule'

export interface PlanTools {
  now: Date
  newId: () => string
  /** What a sealed key (base64) says; undefined where it cannot be opened. */
  openKey: (sealed: string) => string | undefined
}

/**
 * A plan under construction: the state as it will be, and what has to be written to get there. Pure: nothing is written
 * until `applyCatalog` executes the writes, so a diff is the same plan, only read.
 */
export interface PlanDraft {
  after: CatalogState
  /** For people: "+ new", "~ changed", "= not in file, left alone". */
  lines: string[]
  writes: CatalogWrite[]
  /** Why the file cannot be applied to this database, each with its key path. */
  problems: string[]
  tools: PlanTools
}

export function startPlan(state: CatalogState, tools: PlanTools): PlanDraft {
  return { after: structuredClone(state), lines: [], writes: [], problems: [], tools }
}

/** One readable difference of a field: "weight 1 -> 2". */
export function describeChanges<T extends object>(before: T, after: Partial<T>): string[] {
  return (Object.keys(after) as (keyof T & string)[])
    .filter((key) => before[key] !== after[key])
    .map((key) => `${camelCase(key)} ${before[key]} -> ${after[key]}`)
}

function camelCase(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Without the keys whose value is undefined: what the file does not say stays. */
export function said<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}

import { z } from 'zod'

const MODEL_LENGTH_MAX = 200
const UUID = z.uuid()

/** An id, or nothing. */
const idField = (error: string) =>
  z.string({ error }).refine((text) => text === '' || UUID.safeParse(text).success, { error })

/** By what usage and requests are narrowed, as an address has it; '' = not by this. */
const fields = {
  model: z.string({ error: 'Choose one model.' }).max(MODEL_LENGTH_MAX, { error: 'This is no name of a model.' }),
  providerId: idField('Choose a provider from the list.'),
  accessKeyId: idField('Choose a key from the list.'),
  projectId: idField('Choose a project from the list.'),
}
export const FILTER_FIELDS = Object.keys(fields) as (keyof typeof fields)[]
export type UsageFilterFields = Partial<Record<keyof typeof fields, string>>

export type ReadFilter = { ok: true; filters: UsageFilterFields } | { ok: false; problems: Record<string, string> }

export function readUsageFilter(query: Readonly<Record<string, unknown>>): ReadFilter {
  const filters: UsageFilterFields = {}
  const problems: Record<string, string> = {}
  for (const field of FILTER_FIELDS) {
    const read = fields[field].safeParse(query[field] ?? '')
    if (!read.success) problems[field] = read.error.issues[0]?.message ?? 'This cannot be read.'
    else if (read.data !== '') filters[field] = read.data
  }
  return Object.keys(problems).length > 0 ? { ok: false, problems } : { ok: true, filters }
}

/** An address with some of its fields set; '' and undefined are left out. */
export function addressOf(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1])
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`
}

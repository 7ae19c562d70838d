import { z } from 'zod'
import { type AccessDeps, accountIdField, readAsked } from '../keys/access-write.ts'
import { readBudgets } from '../keys/spend-budgets.ts'
import { type Project, type ProjectRow, projectOf, SELECT_PROJECTS } from './project.ts'

export const PROJECTS_PER_PAGE_MAX = 100

const request = z.strictObject({
  accountId: accountIdField,
  cursor: z.uuid({ error: 'expected a cursor that was given' }).nullable().default(null),
  limit: z.int().min(1).max(PROJECTS_PER_PAGE_MAX),
})

export interface ProjectPage {
  /** The oldest first. */
  readonly projects: readonly Project[]
  /** Where the next page begins; null = this is the last. */
  readonly next: string | null
}

/**
 * An account's projects, page by page.
 * @throws AccessError `invalid_request`
 */
export async function listProjects({ pool, clock }: AccessDeps, input: z.input<typeof request>): Promise<ProjectPage> {
  const { accountId, cursor, limit } = readAsked(request, input)
  const { rows } = await pool.query<ProjectRow>(
    `${SELECT_PROJECTS} WHERE project.account_id = $1 AND ($2::uuid IS NULL OR project.id > $2) ORDER BY project.id LIMIT $3`,
    [accountId, cursor, limit + 1],
  )
  const shown = rows.slice(0, limit)
  const ids = shown.map(({ id }) => id)
  const budgets = await readBudgets(pool, clock, accountId, ids)
  return {
    projects: shown.map((row) => projectOf(row, budgets.get(row.id) ?? [])),
    next: rows.length > limit ? (ids.at(-1) ?? null) : null,
  }
}

import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { projectNotFound } from '../keys/access-error.ts'
import { isId } from '../keys/access-write.ts'
import { readBudgets, type SpendBudget } from '../keys/spend-budgets.ts'

/** A workspace of an account. The balance is the account's; what a project may spend of it, its budgets say. */
export interface Project {
  readonly id: string
  readonly accountId: string
  readonly name: string
  /** In milliseconds since the epoch. */
  readonly createdAt: number
  /** Access keys in it that are not revoked. */
  readonly keys: number
  readonly budgets: readonly SpendBudget[]
}

export interface ProjectRow {
  id: string
  account_id: string
  name: string
  created_at: Date
  keys: number
}

export const SELECT_PROJECTS = `
  SELECT project.id, project.account_id, project.name, project.created_at,
         (SELECT count(*)::int FROM access_key key WHERE key.project_id = project.id AND key.revoked_at IS NULL) AS keys
  FROM project`

export function projectOf(row: ProjectRow, budgets: readonly SpendBudget[]): Project {
  const { id, account_id: accountId, name, created_at: createdAt, keys } = row
  return { id, accountId, name, createdAt: createdAt.getTime(), keys, budgets }
}

/**
 * One project of an account.
 * @throws AccessError `project_not_found`, also for somebody else's
 */
export async function readProject(
  client: ClientBase | Pool,
  clock: Clock,
  accountId: string,
  projectId: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<Project> {
  if (!isId(projectId)) throw projectNotFound()
  const { rows } = await client.query<ProjectRow>(
    `${SELECT_PROJECTS} WHERE project.id = $1 AND project.account_id = $2 ${lock ? 'FOR NO KEY UPDATE OF project' : ''}`,
    [projectId, accountId],
  )
  const [row] = rows
  if (!row) throw projectNotFound()
  const budgets = await readBudgets(client, clock, accountId, [row.id])
  return projectOf(row, budgets.get(row.id) ?? [])
}

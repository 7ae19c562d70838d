import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { uuidV7 } from '../../lib/uuid-v7.ts'
import { AccessError } from '../keys/access-error.ts'
import {
  type AccessCreation,
  type AccessDeps,
  accountIdField,
  everyTime,
  givenName,
  readAsked,
  takeTurns,
} from '../keys/access-write.ts'
import { budgetsField } from '../keys/key-fields.ts'
import { setBudgets } from '../keys/spend-budgets.ts'
import { type Project, readProject } from './project.ts'

/** Of one account. */
export const PROJECTS_MAX = 200

const newProject = z.strictObject({
  accountId: accountIdField,
  name: givenName,
  budgets: budgetsField.default([]),
})
export type NewProject = z.input<typeof newProject>

/**
 * Makes a project.
 * @throws AccessError `invalid_request`, `project_name_taken`, `too_many_projects`; whatever `once` throws
 */
export async function createProject(
  { pool, clock }: AccessDeps,
  input: NewProject,
  { record, once = everyTime }: AccessCreation<Project>,
): Promise<Project> {
  const { accountId, name, budgets } = readAsked(newProject, input)
  return inTransaction(pool, async (client) => {
    const { resultId } = await once(client, async () => {
      await takeTurns(client, 'project', accountId)
      await refuseTooMany(client, accountId)
      await refuseTakenName(client, accountId, name, null)
      const id = uuidV7(clock)
      await client.query('INSERT INTO project (id, account_id, name, created_at) VALUES ($1, $2, $3, $4)', [
        ...[id, accountId, name, new Date(clock.now())],
      ])
      if (budgets.length > 0) await setBudgets(client, clock, { accountId, projectId: id }, budgets)
      await record?.(client, { before: null, after: await readProject(client, clock, accountId, id) })
      return id
    })
    return readProject(client, clock, accountId, resultId)
  })
}

async function refuseTooMany(client: ClientBase, accountId: string): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM project WHERE account_id = $1',
    [accountId],
  )
  if ((rows[0]?.count ?? 0) < PROJECTS_MAX) return
  throw new AccessError('too_many_projects', `An account has at most ${PROJECTS_MAX} projects.`)
}

/** @throws AccessError `project_name_taken` */
export async function refuseTakenName(
  client: ClientBase,
  accountId: string,
  name: string,
  exceptId: string | null,
): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT FROM project WHERE account_id = $1 AND name = $2 AND id IS DISTINCT FROM $3::uuid',
    [accountId, name, exceptId],
  )
  if (rowCount) throw new AccessError('project_name_taken', `There is a project called '${name}' already.`, 'name')
}

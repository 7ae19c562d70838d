import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import {
  type AccessDeps,
  type AccessWrite,
  accountIdField,
  givenName,
  readAsked,
  takeTurns,
} from '../keys/access-write.ts'
import { budgetsField } from '../keys/key-fields.ts'
import { lockWallet, setBudgets } from '../keys/spend-budgets.ts'
import { refuseTakenName } from './create-project.ts'
import { type Project, readProject } from './project.ts'

/** What is not named stays as it is. */
const projectChange = z.strictObject({
  accountId: accountIdField,
  projectId: z.string(),
  name: givenName.optional(),
  /** All of them: a period that is not named loses its budget. */
  budgets: budgetsField.optional(),
})
export type ProjectChange = z.input<typeof projectChange>

/**
 * Renames a project, or sets its budgets.
 * @throws AccessError `invalid_request`, `project_not_found`, `project_name_taken`
 */
export async function updateProject(
  { pool, clock }: AccessDeps,
  input: ProjectChange,
  { record }: AccessWrite<Project>,
): Promise<Project> {
  const { accountId, projectId, name, budgets } = readAsked(projectChange, input)
  return inTransaction(pool, async (client) => {
    if (name !== undefined) await takeTurns(client, 'project', accountId)
    // The ledger locks wallets before anything else; so does whoever changes budgets.
    if (budgets) await lockWallet(client, accountId)
    const before = await readProject(client, clock, accountId, projectId, { lock: true })
    if (name !== undefined && name !== before.name) {
      await refuseTakenName(client, accountId, name, before.id)
      await client.query('UPDATE project SET name = $2 WHERE id = $1', [before.id, name])
    }
    if (budgets) await setBudgets(client, clock, { accountId, projectId: before.id }, budgets)
    const after = await readProject(client, clock, accountId, projectId)
    await record?.(client, { before, after })
    return after
  })
}

import { z } from 'zod'
import { projectNotFound } from '../../accounts/keys/access-error.ts'
import { givenName } from '../../accounts/keys/access-write.ts'
import { readAccountBudgets, setAccountBudgets } from '../../accounts/keys/account-budgets.ts'
import { createProject } from '../../accounts/projects/create-project.ts'
import { listProjects, PROJECTS_PER_PAGE_MAX } from '../../accounts/projects/list-projects.ts'
import { type Project, readProject } from '../../accounts/projects/project.ts'
import { updateProject } from '../../accounts/projects/update-project.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { actorOf } from '../api-caller.ts'
import { count, cursorById, idParams, isoTime, pageLimit, pageOf, time, uuid } from '../fields.ts'
import { onceFor } from '../once.ts'
import { answer, type Operation, operation } from '../operation.ts'
import { budgetAsShown, budgetLimitsOf, budgetsBody, shownBudget } from './shown-budgets.ts'

const TAG = 'Projects and budgets'
const PAGE = 20
const reading = { scopes: ['keys:read'], accessKey: null } as const
const writing = { scopes: ['keys:write'], accessKey: null } as const

const shownProject = z
  .object({
    id: uuid,
    name: z.string(),
    keys: count.describe('Access keys in it that are not revoked.'),
    budgets: z.array(shownBudget),
    createdAt: time,
  })
  .meta({ id: 'Project' })
const newProject = z.strictObject({ name: givenName, budgets: budgetsBody.optional() }).meta({ id: 'NewProject' })
const projectChange = z
  .strictObject({ name: givenName.optional(), budgets: budgetsBody.optional() })
  .meta({ id: 'ProjectChange', description: 'What is not named stays as it is.' })
const budgetsReply = z.object({ data: z.array(shownBudget) }).meta({ id: 'AccountBudgets' })
const newBudgets = z.strictObject({ budgets: budgetsBody }).meta({ id: 'NewAccountBudgets' })

/** Workspaces of an account, what each may spend, and what all of them together may. */
export function projectsOperations({ pool, clock }: Pick<Gateway, 'pool' | 'clock'>): Operation[] {
  const deps = { pool, clock }
  return [
    operation({
      ...{ id: 'listProjects', method: 'get', path: '/v1/projects', tag: TAG },
      summary: 'Projects',
      access: reading,
      query: z.strictObject({ limit: pageLimit(PROJECTS_PER_PAGE_MAX, PAGE), cursor: cursorById.optional() }),
      reply: pageOf(shownProject).meta({ id: 'ProjectPage' }),
      replies: [{ status: 200, description: 'The oldest first.' }],
      handle: async ({ caller: { accountId }, query: { limit, cursor = null } }) => {
        const { projects, next } = await listProjects(deps, { accountId, limit, cursor })
        return answer({ data: projects.map(shown), nextCursor: next })
      },
    }),
    operation({
      ...{ id: 'createProject', method: 'post', path: '/v1/projects', tag: TAG, takesIdempotencyKey: true },
      summary: 'Make a project',
      access: writing,
      body: newProject,
      reply: shownProject,
      replies: [{ status: 201, description: 'The project.', headers: { location: 'Where the project is.' } }],
      errors: ['project_name_taken', 'too_many_projects', 'idempotency_conflict'],
      example: { body: { name: 'Search', budgets: [{ period: 'MONTH', limitCents: 100_000 }] } },
      handle: async (call) => {
        const { caller, body } = call
        const project = await createProject(
          deps,
          { accountId: caller.accountId, name: body.name, budgets: budgetLimitsOf(body.budgets ?? []) },
          { actor: actorOf(caller), once: onceFor(clock, 'createProject', call, body) },
        )
        return answer(shown(project), { status: 201, headers: { location: `/v1/projects/${project.id}` } })
      },
    }),
    operation({
      ...{ id: 'getProject', method: 'get', path: '/v1/projects/{id}', tag: TAG },
      summary: 'A project',
      access: reading,
      params: idParams,
      missing: projectNotFound,
      reply: shownProject,
      replies: [{ status: 200, description: 'The project.' }],
      errors: ['project_not_found'],
      handle: async ({ caller, params }) => answer(shown(await readProject(pool, clock, caller.accountId, params.id))),
    }),
    operation({
      ...{ id: 'updateProject', method: 'patch', path: '/v1/projects/{id}', tag: TAG },
      summary: 'Rename a project, or set its budgets',
      access: writing,
      params: idParams,
      missing: projectNotFound,
      body: projectChange,
      reply: shownProject,
      replies: [{ status: 200, description: 'The project as it is now.' }],
      errors: ['project_not_found', 'project_name_taken'],
      example: { body: { name: 'Search, EU' } },
      handle: async ({ caller, params, body: { name, budgets } }) => {
        const project = await updateProject(
          deps,
          {
            ...{ accountId: caller.accountId, projectId: params.id },
            ...(name !== undefined && { name }),
            ...(budgets && { budgets: budgetLimitsOf(budgets) }),
          },
          { actor: actorOf(caller) },
        )
        return answer(shown(project))
      },
    }),
    operation({
      ...{ id: 'getAccountBudgets', method: 'get', path: '/v1/budgets', tag: TAG },
      summary: "The account's own budgets",
      description: 'What all projects and keys together may spend. Those of a key or a project are shown with it.',
      access: reading,
      reply: budgetsReply,
      replies: [{ status: 200, description: 'The budgets.' }],
      handle: async ({ caller }) =>
        answer({ data: (await readAccountBudgets(pool, clock, caller.accountId)).map(budgetAsShown) }),
    }),
    operation({
      ...{ id: 'setAccountBudgets', method: 'put', path: '/v1/budgets', tag: TAG },
      summary: "Set the account's own budgets",
      access: writing,
      body: newBudgets,
      reply: budgetsReply,
      replies: [{ status: 200, description: 'The budgets as they are now.' }],
      example: { body: { budgets: [{ period: 'MONTH', limitCents: 500_000 }] } },
      handle: async ({ caller, body }) => {
        const wanted = { accountId: caller.accountId, budgets: budgetLimitsOf(body.budgets) }
        const budgets = await setAccountBudgets(deps, wanted, { actor: actorOf(caller) })
        return answer({ data: budgets.map(budgetAsShown) })
      },
    }),
  ]
}

function shown({ id, name, keys, budgets, createdAt }: Project) {
  return { id, name, keys, budgets: budgets.map(budgetAsShown), createdAt: isoTime(createdAt) }
}

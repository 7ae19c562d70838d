import { randomUUID } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { createProject } from '../../accounts/projects/create-project.ts'
import { listProjects } from '../../accounts/projects/list-projects.ts'
import { type Project, readProject } from '../../accounts/projects/project.ts'
import { updateProject } from '../../accounts/projects/update-project.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { oncePerKey } from '../../orders/idempotency.ts'
import { BUDGET_FIELDS, type BudgetValues, budgetValues, readBudgetFields } from '../keys/budget-fields.ts'
import { textOf } from '../keys/form-text.ts'
import { problemsOf } from '../keys/refused-field.ts'
import { shownBudget } from '../keys/shown-budget.ts'
import { sendPage } from '../page.ts'
import { KEY_ROLES } from '../roles.ts'
import { addressOf } from '../usage/usage-filter.ts'

const PER_PAGE = 50
const UUID = z.uuid().optional().catch(undefined)
const FORM_ID = z.uuid()

/** The page's field of a refusal. */
const fieldOf = (field: string | null) =>
  field === 'name' ? 'name' : field?.startsWith('budgets') ? 'budgetMonth' : 'form'

/** Workspaces of an account, with what each may spend. */
export function projectPagesRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock, currency } = desk

  router.get('/projects', requirePerson, async (request, response) => {
    const { accountId, role } = accountOf(request)
    const cursor = UUID.parse(request.query.cursor) ?? null
    const { projects, next } = await listProjects(desk, { accountId, cursor, limit: PER_PAGE })
    sendPage(response, 200, 'projects/projects', {
      title: 'Projects',
      styles: ['usage.css'],
      projects: projects.map((project) => ({
        ...project,
        budgets: project.budgets.map((budget) => shownBudget(budget, currency)),
      })),
      ...{ mayChange: KEY_ROLES.includes(role), isFirst: cursor === null },
      nextPath: next === null ? null : addressOf('/projects', { cursor: next }),
    })
  })

  router.get('/projects/new', requirePerson, (request, response) => {
    accountOf(request, KEY_ROLES)
    showForm(response, 200, null, { name: '', budgets: budgetValues([]) }, {})
  })

  router.post('/projects', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, KEY_ROLES)
    const { values, budgets, problems } = readForm(request)
    const refuse = (found: Record<string, string>) => showForm(response, 422, null, values, found)
    if (Object.keys(problems).length > 0) return refuse(problems)
    const formId = FORM_ID.safeParse(request.body.form)
    const asked = { accountId, name: values.name, budgets }
    const call = { scopeId: accountId, verb: 'createProject', key: formId.success ? formId.data : null, body: asked }
    try {
      await createProject(desk, asked, {
        actor: { userId: signedInPerson(request).userId },
        once: (client, work) => oncePerKey(client, clock, call, work),
      })
    } catch (error) {
      return refuse(problemsOf(error, fieldOf))
    }
    flash(response, `The project “${values.name}” is made.`)
    response.redirect(303, '/projects')
  })

  router.get('/projects/:id/edit', requirePerson, async (request, response) => {
    accountOf(request, KEY_ROLES)
    const project = await ownProject(request)
    showForm(response, 200, project, { name: project.name, budgets: budgetValues(project.budgets) }, {})
  })

  router.post('/projects/:id/edit', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, KEY_ROLES)
    const project = await ownProject(request)
    const { values, budgets, problems } = readForm(request)
    const refuse = (found: Record<string, string>) => showForm(response, 422, project, values, found)
    if (Object.keys(problems).length > 0) return refuse(problems)
    try {
      const change = { accountId, projectId: project.id, name: values.name, budgets }
      await updateProject(desk, change, { actor: { userId: signedInPerson(request).userId } })
    } catch (error) {
      return refuse(problemsOf(error, fieldOf))
    }
    flash(response, `The project “${values.name}” is changed.`)
    response.redirect(303, '/projects')
  })

  /** @throws PageError for somebody else's, as for none */
  async function ownProject(request: Request): Promise<Project> {
    const { accountId } = accountOf(request)
    try {
      return await readProject(pool, clock, accountId, String(request.params.id))
    } catch (error) {
      problemsOf(error, fieldOf)
      throw error
    }
  }

  /** @param project null = a new one */
  function showForm(
    response: Response,
    status: number,
    project: Project | null,
    values: { name: string; budgets: BudgetValues },
    problems: Record<string, string>,
  ): void {
    sendPage(response, status, 'projects/project-form', {
      title: project ? `Change ${project.name}` : 'New project',
      styles: ['usage.css'],
      ...{ project, values, problems, budgetFields: BUDGET_FIELDS, currency },
      form: randomUUID(),
    })
  }

  return router
}

function readForm(request: Request) {
  const { values, budgets, problems } = readBudgetFields(request.body)
  return { values: { name: textOf(request.body, 'name'), budgets: values }, budgets, problems }
}

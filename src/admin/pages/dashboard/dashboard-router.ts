import { type RequestHandler, type Response, Router } from 'express'
import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import { may } from '../../../accounts/permissions.ts'
import { PageError } from '../../../http/page-error.ts'
import { ExportError } from '../../../reports/export-error.ts'
import { actorOfRequest } from '../../actor-of-request.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import { recordRefusal } from '../../refused-act.ts'
import { sendExact } from '../exact-json.ts'
import { type DashboardDeps, dashboardGroups, dashboardPage } from './dashboard-page.ts'

type Page = (deps: DashboardDeps, actor: Actor, query: unknown) => Promise<unknown>

/** What the first page of the back office asks for. Read through the lists' own connections. */
export function dashboardRouter(deps: AdminDeps, reads: Pool): Router {
  const router = Router()
  const from = { pool: reads, clock: deps.clock, currency: deps.currency }
  router.get('/data/dashboard', answer(deps, from, dashboardPage))
  router.get('/data/dashboard/groups', answer(deps, from, dashboardGroups))
  return router
}

function answer(deps: AdminDeps, from: DashboardDeps, page: Page): RequestHandler {
  return async (request, response) => {
    const { actor } = actorOfRequest(request)
    if (!may(actor, actor.side === 'OPERATOR' ? 'look at costs' : 'look')) {
      await recordRefusal(deps, { actor, action: 'dashboard.look', subjectKind: 'page', subjectId: 'dashboard' })
      throw new PageError('not allowed')
    }
    try {
      sendExact(response, await page(from, actor, request.query))
    } catch (error) {
      refuse(response, error)
    }
  }
}

/** What was asked for cannot be: the field is named. Everything else is a fault. */
function refuse(response: Response, error: unknown): void {
  if (!(error instanceof ExportError)) throw error
  sendExact(response, { message: error.message, field: error.field }, 400)
}

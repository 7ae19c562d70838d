import adminExpress from '@adminjs/express'
import { type Request, Router } from 'express'
import pg from 'pg'
import { actionGuard, notThere, userOf } from './action-guard.ts'
import { actorOfRequest } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import { type BackOffice, createBackOffice } from './back-office.ts'
import { componentBundle } from './bundle/component-bundle.ts'
import { bundleRouter } from './bundle/serve-bundle.ts'
import { documentsRouter } from './documents-router.ts'
import { exportRouter } from './export-router.ts'
import { openJobsBoard } from './jobs-board.ts'
import { pageBody } from './page-body.ts'
import { actingRouter } from './pages/acting/acting-router.ts'
import { filesRouter } from './pages/acting/files-router.ts'
import { dashboardRouter } from './pages/dashboard/dashboard-router.ts'
import { marginsRouter } from './pages/margins/margins-router.ts'
import { openSimulationDesk } from './pages/margins/simulation-stream.ts'
import { savedFiltersRouter } from './saved-filters.ts'

/** Lists wait for one another rather than for the gateway's connections. */
const READ_CONNECTIONS_MAX = 4
/** Longer than any list may take: a question that takes longer is cut off by the database. */
const READ_TIMEOUT_MS = 10_000
/** A number of rows is not worth a longer wait than the rows themselves. */
const COUNT_TIMEOUT_MS = 200
/** What actions are sent with; files go through routes of their own. */
const FIELD_BYTES_MAX = 1024 * 1024
const FILE_BYTES_MAX = 10 * 1024 * 1024

export interface Admin {
  readonly router: Router
  readonly offices: Readonly<Record<BackOffice['side'], BackOffice>>
  close(): Promise<void>
}

/**
 * The back office behind its door: pages and their data for whoever was let in. Costs about 200 MB and a second of a
 * processor at once, so it is made by the first process that is asked for it, not at the start.
 * @throws Error where the scripts of the pages could not be bundled
 */
export async function createAdmin(deps: AdminDeps): Promise<Admin> {
  const bundle = await componentBundle(deps.dataDirectory)
  const pools = { reads: readPool(deps, READ_TIMEOUT_MS), counts: readPool(deps, COUNT_TIMEOUT_MS) }
  const offices = {
    OPERATOR: createBackOffice('OPERATOR', deps, pools),
    RESELLER: createBackOffice('RESELLER', deps, pools),
  }
  const jobs = openJobsBoard(deps)
  const simulations = openSimulationDesk(deps)
  const router = Router()
  router.use('/jobs', jobs.router)
  router.use(bundleRouter(bundle))
  router.use(pageBody(bundle.version))
  router.use(exportRouter(offices, deps))
  router.use(savedFiltersRouter(offices, deps))
  router.use(documentsRouter(offices, deps, pools.reads))
  router.use(dashboardRouter(deps, pools.reads))
  router.use(marginsRouter(deps, pools.reads, simulations))
  router.use(filesRouter(deps), actingRouter(deps))
  const routers = { OPERATOR: officeRouter(offices.OPERATOR, deps), RESELLER: officeRouter(offices.RESELLER, deps) }
  router.use((request, response, next) => routers[actorOfRequest(request).actor.side](request, response, next))
  return {
    router,
    offices,
    async close() {
      await jobs.close()
      await simulations.close()
      await Promise.all([pools.reads.end(), pools.counts.end()])
    },
  }
}

function readPool({ connectionString, logger }: AdminDeps, timeoutMs: number): pg.Pool {
  const pool = new pg.Pool({
    ...{ connectionString, max: READ_CONNECTIONS_MAX },
    ...{ statement_timeout: timeoutMs, application_name: 'farebox back office' },
  })
  pool.on('error', (error) => logger.warn({ error: error.message }, 'database'))
  return pool
}

function officeRouter(office: BackOffice, deps: AdminDeps): Router {
  const router = Router()
  router.use(actionGuard(office, deps))
  router.use((request, _response, next) => {
    // AdminJS looks there for who is signed in; there is no other session in this object.
    ;(request as Request & { session: unknown }).session = { adminUser: userOf(request, deps) }
    next()
  })
  const formidable = { maxFieldsSize: FIELD_BYTES_MAX, maxFileSize: FILE_BYTES_MAX }
  adminExpress.buildRouter(office.admin, router as never, formidable as never)
  router.use(notThere)
  return router
}

import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import type { MarginDeps } from '../../../margins/margin-deps.ts'
import { actorOfRequest } from '../../actor-of-request.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import { sendExact } from '../exact-json.ts'
import { proposeChange, saveChange } from './margins-change.ts'
import { routeDetail } from './margins-detail.ts'
import { marginsPage } from './margins-table.ts'
import type { SimulationDesk } from './simulation-stream.ts'
import { permissionToLook, requireMay } from './who-may.ts'

const BODY_BYTES_MAX = 256 * 1024

/** What a use case answers: what was asked for, or why not. */
type Answer = { ok: true } | { ok: false; reason: string }

const STATUS: Readonly<Record<string, number>> = {
  ...{ invalid: 422, not_found: 404, same: 409, changed_meanwhile: 409 },
  ...{ under_margin_floor: 409, idempotency_conflict: 409 },
}

/** What the page of margins asks for, and the changes of prices that it sends. */
export function marginsRouter(deps: AdminDeps, reads: Pool, desk: SimulationDesk): Router {
  const router = Router()
  const common = { clock: deps.clock, operatorFeeNano: deps.processingFeeNano }
  const reading: MarginDeps = { ...common, pool: reads }
  const writing: MarginDeps = { ...common, pool: deps.pool }
  const body = express.json({ limit: BODY_BYTES_MAX })

  router.get(
    '/data/margins',
    look(deps),
    answer((actor, { query }) => marginsPage(reading, actor, query)),
  )
  router.get(
    '/data/margins/routes/:id',
    look(deps),
    answer((actor, { params, query }) => routeDetail(reading, actor, params.id as string, query)),
  )
  router.post(
    '/data/margins/proposals',
    body,
    answer((actor, request) => proposeChange(deps, reading, actor, request.body)),
  )
  router.post(
    '/data/margins/changes',
    body,
    answer((actor, request) => saveChange(deps, writing, actor, request.body)),
  )
  router.post('/data/margins/simulations', body, (request, response) =>
    desk.run(actorOfRequest(request).actor, request.body, response),
  )
  return router
}

function look(deps: AdminDeps): RequestHandler {
  return async (request, _response, next) => {
    const { actor } = actorOfRequest(request)
    await requireMay(deps, actor, permissionToLook(actor), 'prices.look')
    next()
  }
}

function answer(work: (actor: Actor, request: Request) => Promise<Answer>): RequestHandler {
  return async (request: Request, response: Response) => {
    const found = await work(actorOfRequest(request).actor, request)
    sendExact(response, found, found.ok ? 200 : (STATUS[found.reason] ?? 400))
  }
}

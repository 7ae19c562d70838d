import express, { Router } from 'express'
import { z } from 'zod'
import { PageError } from '../http/page-error.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { actorOfRequest } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import type { BackOffice } from './back-office.ts'
import { mayLook } from './sql/list-query.ts'

/** More of them nobody finds again. */
const FILTERS_MAX = 50
const BODY_BYTES_MAX = 16 * 1024
const newFilter = z.strictObject({
  name: z.string().trim().min(1, { error: 'expected a name' }).max(60, { error: 'expected at most 60 characters' }),
  // Only what AdminJS reads of a list's address: nothing else is kept, and it is text to everybody.
  query: z
    .string()
    .max(2_000)
    .regex(/^((filters\.[A-Za-z0-9]+(~~(from|to))?|sortBy|direction)=[^&]*(&|$))+$/, {
      error: 'expected the filters of a list',
    }),
})
const UUID = z.uuid()

/** The filters that somebody keeps for a list: their own, and nobody else's. */
export function savedFiltersRouter(offices: Record<string, BackOffice>, { pool, clock }: AdminDeps): Router {
  const router = Router()

  router.param('resource', (request, _response, next, resource: string) => {
    const { actor } = actorOfRequest(request)
    const list = offices[actor.side]?.lists.get(resource)
    next(list && mayLook(list, actor) ? undefined : new PageError('not found'))
  })

  router.get('/data/filters/:resource', async (request, response) => {
    const { rows } = await pool.query(
      'SELECT id, name, query FROM saved_filter WHERE user_id = $1 AND resource = $2 ORDER BY lower(name), id LIMIT $3',
      [actorOfRequest(request).actor.userId, request.params.resource, FILTERS_MAX],
    )
    response.json({ filters: rows })
  })

  router.post('/data/filters/:resource', express.json({ limit: BODY_BYTES_MAX }), async (request, response) => {
    const parsed = newFilter.safeParse(request.body)
    if (!parsed.success) {
      return void response.status(400).json({ message: `${parsed.error.issues[0]?.message ?? 'not as expected'}` })
    }
    const { name, query } = parsed.data
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO saved_filter (id, user_id, resource, name, query, created_at)
       SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM saved_filter WHERE user_id = $2 AND resource = $3) < $7
       ON CONFLICT (user_id, resource, name) DO UPDATE SET query = EXCLUDED.query RETURNING id`,
      [
        ...[uuidV7(clock), actorOfRequest(request).actor.userId, request.params.resource, name, query],
        ...[new Date(clock.now()), FILTERS_MAX],
      ],
    )
    const [saved] = rows
    if (!saved) return void response.status(409).json({ message: `at most ${FILTERS_MAX} filters are kept for a list` })
    response.status(201).json({ id: saved.id, name, query })
  })

  router.delete('/data/filters/:resource/:id', async (request, response) => {
    const { id, resource } = request.params as { id: string; resource: string }
    if (!UUID.safeParse(id).success) throw new PageError('not found')
    const { rowCount } = await pool.query('DELETE FROM saved_filter WHERE id = $1 AND user_id = $2 AND resource = $3', [
      ...[id, actorOfRequest(request).actor.userId, resource],
    ])
    if (rowCount === 0) throw new PageError('not found')
    response.status(204).end()
  })
  return router
}

import { Router } from 'express'
import { adjustmentAttachment } from '../../../back-office/adjust.ts'
import { orderWithin } from '../../../back-office/order-within.ts'
import { refusalOf } from '../../../back-office/refusal.ts'
import { PageError } from '../../../http/page-error.ts'
import { proForma } from '../../../orders/manual/pro-forma.ts'
import { renderProForma } from '../../../orders/manual/render-pro-forma.ts'
import { actorOfRequest } from '../../actor-of-request.ts'
import type { AdminDeps } from '../../admin-deps.ts'

/** Pro-formas of orders and files that found adjustments, for whoever may see their rows. */
export function filesRouter(deps: AdminDeps): Router {
  const router = Router()
  router.get('/data/orders/:id/pro-forma.pdf', async (request, response) => {
    const { actor } = actorOfRequest(request)
    const content = await orNotFound(async () => {
      const { id } = await orderWithin(deps.pool, actor, request.params.id)
      return renderProForma(await proForma(deps, id, null))
    })
    response.attachment('pro-forma.pdf').set({ 'content-type': 'application/pdf', 'x-content-type-options': 'nosniff' })
    response.send(content)
  })
  router.get('/data/adjustments/:id/attachment', async (request, response) => {
    const { actor } = actorOfRequest(request)
    const { name, type, content } = await orNotFound(() => adjustmentAttachment(deps, actor, request.params.id))
    // What somebody has attached is never shown as a page of ours.
    response.attachment(name).set({ 'content-type': type, 'x-content-type-options': 'nosniff' })
    response.send(content)
  })
  return router
}

/** What is refused is somebody else's, or is not there. */
async function orNotFound<Found>(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find()
  } catch (error) {
    if (refusalOf(error)) throw new PageError('not found')
    throw error
  }
}

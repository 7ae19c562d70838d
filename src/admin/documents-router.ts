import { Router } from 'express'
import type { Pool } from 'pg'
import { PageError } from '../http/page-error.ts'
import { DOCUMENT_FORMATS, documentFile } from '../invoicing/document-file.ts'
import { actorOfRequest } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import type { BackOffice } from './back-office.ts'
import { mayLook, rowStatement } from './sql/list-query.ts'

/** Invoices and credit notes as files, for whoever may see their rows. */
export function documentsRouter(offices: Record<string, BackOffice>, deps: AdminDeps, reads: Pool): Router {
  const router = Router()
  router.get('/data/documents/:id/:format', async (request, response) => {
    const { actor } = actorOfRequest(request)
    const { id, format: asked } = request.params
    const format = DOCUMENT_FORMATS.find((each) => each === asked)
    const list = offices[actor.side]?.lists.get('documents')
    if (!format || !list || !mayLook(list, actor)) throw new PageError('not found')
    const statement = rowStatement(list, { actor, now: deps.clock.now() }, id)
    const found = statement && (await reads.query(statement.text, statement.values)).rows.length === 1
    if (!found) throw new PageError('not found')
    const { content, contentType, name } = await documentFile(deps, id, format, null)
    response.set({
      'content-type': contentType,
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
    })
    response.send(content)
  })
  return router
}

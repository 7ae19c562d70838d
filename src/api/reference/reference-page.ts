import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'
import { Router } from 'express'
import { pageHeaders } from '../../http/security-headers.ts'
import type { OpenApiDocument } from '../openapi/document.ts'
import { markedUp } from './marked-up.ts'
import { referenceOf } from './reference.ts'

const TEMPLATES = join(import.meta.dirname, '../../../templates/api')
const STYLE_PATH = '/docs/api/reference.css'
/** Both are the same for everybody, and change with a new version only. */
const CACHED = 'public, max-age=300'

const eta = new Eta({ views: TEMPLATES, cache: true, autoEscape: true })
const style = readFileSync(join(TEMPLATES, 'reference.css'), 'utf8')

/** `GET /openapi.json`, and the same for people: `GET /docs/api`. Open to everybody, as they say nothing of anybody. */
export function referenceRouter(document: () => OpenApiDocument, publicUrl: string): Router {
  const router = Router()
  let json: string | null = null
  let page: string | null = null

  router.get('/openapi.json', (_request, response) => {
    json ??= JSON.stringify(document())
    // Tools in browsers read it from other origins; there is nothing in it to protect.
    response.set({ 'cache-control': CACHED, 'access-control-allow-origin': '*' }).type('json').send(json)
  })
  router.get('/docs/api', ...pageHeaders({ publicUrl }), (_request, response) => {
    page ??= eta.render('reference', { reference: referenceOf(document()), markedUp, stylePath: STYLE_PATH })
    response.set('cache-control', CACHED).type('html').send(page)
  })
  router.get(STYLE_PATH, (_request, response) => {
    response.set({ 'cache-control': CACHED, 'x-content-type-options': 'nosniff' }).type('css').send(style)
  })
  return router
}

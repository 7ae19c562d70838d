import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Router } from 'express'
import type { Gateway } from '../gateway/gateway.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { allOperations } from './all-operations.ts'
import { type OpenApiDocument, openApiDocument } from './openapi/document.ts'
import { referenceRouter } from './reference/reference-page.ts'
import { serveOperations } from './serve-operations.ts'

/** The management API: the routes of its table, and the document and the reference that are made of the same table. */
export function managementApi(gateway: Gateway, desk: CashDesk): Router {
  const operations = allOperations(gateway, desk)
  let document: OpenApiDocument | null = null
  const describe = (): OpenApiDocument => {
    document ??= openApiDocument(operations, { publicUrl: desk.publicUrl, version: productVersion() })
    return document
  }
  const router = Router()
  router.use(serveOperations(gateway, operations))
  router.use(referenceRouter(describe, desk.publicUrl))
  return router
}

function productVersion(): string {
  const file = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}

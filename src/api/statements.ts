import { Readable } from 'node:stream'
import type { Response, Router } from 'express'
import { monthStatement, type StatementFormat } from '../exports/month-statement.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { apiRouter } from './api-router.ts'
import { answerExportErrors, sendFile } from './exports.ts'

/** The statements of an account: opening balance, movements and closing balance of a month in UTC. */
export function statementsRouter(gateway: Gateway, desk: CashDesk): Router {
  const { router, caller, finish } = apiRouter(gateway)

  const send = async (response: Response, accountId: string, month: string, format: StatementFormat) => {
    const { content, contentType, name } = await monthStatement(desk, accountId, month, format)
    response.set({
      'content-type': contentType,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    })
    await sendFile(response, Readable.from(content, { objectMode: false }), gateway.logger)
  }

  router.get('/v1/statements/:month.csv', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    await send(response, accountId, request.params.month, 'csv')
  })

  router.get('/v1/statements/:month.pdf', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    await send(response, accountId, request.params.month, 'pdf')
  })
  router.use(answerExportErrors)
  return finish()
}

import { Readable } from 'node:stream'
import { z } from 'zod'
import { monthStatement, type StatementFormat } from '../../exports/month-statement.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { type Call, type Operation, operation, SENT, type Sent } from '../operation.ts'
import { fileHeaders, sendFile } from './files.ts'

const shared = {
  tag: 'Statements',
  access: { scopes: ['billing:read'], accessKey: 'billing' },
  params: z.object({ month: z.string().describe('A month of UTC, such as `2026-11`.') }),
  errors: ['invalid_request', 'month_not_found', 'too_many_lines', 'seller_not_set_up'],
} as const

/** The statements of an account: opening balance, movements and closing balance of a month in UTC. */
export function statementsOperations(gateway: Gateway, desk: CashDesk): Operation[] {
  const send = async (
    { caller, params, response }: Call<{ month: string }, unknown, unknown>,
    format: StatementFormat,
  ): Promise<Sent> => {
    const { content, contentType, name } = await monthStatement(desk, caller.accountId, params.month, format)
    response.set(fileHeaders(contentType, name))
    await sendFile(response, Readable.from(content, { objectMode: false }), gateway.logger)
    return SENT
  }
  return [
    operation({
      ...{ ...shared, id: 'getStatementCsv', method: 'get', path: '/v1/statements/{month}.csv' },
      summary: 'A statement as CSV',
      replies: [{ status: 200, description: 'The statement.', media: ['text/csv'] }],
      example: { params: { month: '2026-11' } },
      handle: (call) => send(call, 'csv'),
    }),
    operation({
      ...{ ...shared, id: 'getStatementPdf', method: 'get', path: '/v1/statements/{month}.pdf' },
      summary: 'A statement as PDF',
      replies: [{ status: 200, description: 'The statement.', media: ['application/pdf'] }],
      example: { params: { month: '2026-11' } },
      handle: (call) => send(call, 'pdf'),
    }),
  ]
}

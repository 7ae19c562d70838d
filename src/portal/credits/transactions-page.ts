import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Router } from 'express'
import { accountOf } from '../../http/chosen-account.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { orderPath } from '../../orders/order-path.ts'
import { accountTransactions, type Transaction } from '../../reports/usage/account-transactions.ts'
import { sendPage } from '../page.ts'
import { handlesMoney } from './money-roles.ts'
import { shownBalance, shownMovement, shownSpend } from './shown-amount.ts'
import {
  isNarrowed,
  rangePresets,
  readTransactionFilter,
  TRANSACTION_TYPES,
  type TransactionFilter,
  transactionsPath,
} from './transaction-filter.ts'
import { transactionsCsv } from './transactions-csv.ts'

/** A month of days: the debits of a busy one are summed while the page is made. */
const LINES_A_PAGE = 31

/** What moved the balance: filtered, page by page, and as CSV. */
export function transactionsPageRouter(desk: CashDesk): Router {
  const router = Router()
  const { clock, logger } = desk

  router.get('/transactions', requirePerson, async (request, response) => {
    const account = accountOf(request)
    const filter = readTransactionFilter(request.query)
    const hasProblems = Object.keys(filter.problems).length > 0
    const asked = { ...askedFor(account.accountId, filter), cursor: filter.before, limit: LINES_A_PAGE }
    const page = hasProblems ? { transactions: [], next: null } : await accountTransactions(desk, asked)
    sendPage(response, hasProblems ? 422 : 200, 'transactions', {
      title: 'Transactions',
      ...{ filter, problems: filter.problems, isNarrowed: isNarrowed(filter), types: TRANSACTION_TYPES },
      presets: rangePresets(filter, clock.now()),
      lines: page.transactions.map((line) => shownLine(line, handlesMoney(account))),
      csvPath: transactionsPath(filter, { path: '/transactions.csv' }),
      firstPath: filter.before === null ? null : transactionsPath(filter),
      nextPath: page.next === null ? null : transactionsPath(filter, { before: page.next }),
      otherUsage: {
        path: transactionsPath({ ...filter, usage: filter.usage === 'daily' ? 'each' : 'daily' }),
        label: filter.usage === 'daily' ? 'Show each request' : 'Group usage by day',
      },
      showsUsage: filter.kinds.length === 0 || filter.kinds.includes('USAGE_DEBIT'),
    })
  })

  router.get('/transactions.csv', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const filter = readTransactionFilter(request.query)
    if (Object.keys(filter.problems).length > 0) throw new PageError('not found')
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="transactions.csv"',
      'cache-control': 'private, no-store',
    })
    const content = transactionsCsv(desk, askedFor(accountId, filter))
    try {
      await pipeline(Readable.from(content, { objectMode: false }), response)
    } catch (error) {
      if (!response.headersSent) throw error
      logger.info({ err: error }, 'a download ended early')
    }
  })

  return router
}

function askedFor(accountId: string, { kinds, usage, fromAt, toAt }: TransactionFilter) {
  return { accountId, kinds, usage, ...(fromAt !== null && { from: fromAt }), ...(toAt !== null && { to: toAt }) }
}

function shownLine(line: Transaction, mayOpenDocuments: boolean) {
  const { currency, lot, order, document, requests } = line
  const isDay = requests !== null && line.generationId === null
  return {
    at: new Date(line.at),
    day: new Date(line.at).toISOString().slice(0, 10),
    isDay,
    ...{ type: line.type, description: line.description },
    amount: isDay ? shownSpend(line.amountNano, currency) : shownMovement(line.amountNano, currency),
    isCredit: line.amountNano > 0n,
    balanceAfter: shownBalance(line.balanceAfterNano, currency),
    // Of a purchase one wants to know how long it lasts, of what is over nothing.
    lot: lot && line.amountNano > 0n ? { ...lot, remaining: shownBalance(lot.remainingNano, currency) } : null,
    order: order && { path: orderPath(order.id), reference: order.reference },
    document: document && mayOpenDocuments ? { path: `/invoices/${document.id}.pdf`, number: document.number } : null,
  }
}

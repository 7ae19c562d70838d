import { type Request, type Response, Router } from 'express'
import { listKeys } from '../accounts/keys/list-keys.ts'
import { accountOf, type ChosenAccount, chosenAccount } from '../http/chosen-account.ts'
import { requirePerson, signedInPerson } from '../http/person-session.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { listPaymentMethods } from '../orders/stripe/payment-methods.ts'
import { readTopUpSettings } from '../orders/top-up/top-up-settings.ts'
import { DAY_MS, dayOf } from '../reports/hours.ts'
import { accountSpendSummary, type SpendSummary } from '../reports/usage/account-spend-summary.ts'
import { accountUsage } from '../reports/usage/account-usage.ts'
import { handlesMoney } from './credits/money-roles.ts'
import { shownBalance, shownSpend } from './credits/shown-amount.ts'
import { shownTopUp } from './credits/shown-top-up.ts'
import { overviewAlerts } from './overview-alerts.ts'
import { CHART, spendChart } from './overview-chart.ts'
import { callableModel, type ModelSource } from './overview-model.ts'
import { firstRequestSnippets, KEY_VARIABLE } from './overview-snippets.ts'
import { shownPeriods } from './overview-spend.ts'
import { sendPage } from './page.ts'
import { worksInBackOffice } from './shell.ts'

const CHART_DAYS = 30
/** Budgets of more keys are looked at on the page of the keys. */
const KEYS_LOOKED_AT = 100

/** Where people begin: how the account stands, or the way to its first request. */
export function overviewPageRouter(desk: CashDesk, models: ModelSource): Router {
  const router = Router()

  router.get('/', requirePerson, async (request, response) => {
    // Staff have no account of their own; their place is the back office.
    if (chosenAccount(request) === null && worksInBackOffice(signedInPerson(request))) {
      return response.redirect(303, '/admin')
    }
    const account = accountOf(request)
    const summary = await accountSpendSummary(desk, { accountId: account.accountId })
    const isNew = await hasNoRequests(desk, account.accountId, summary)
    await (isNew ? showStart(request, response, account, summary) : showOverview(request, response, account, summary))
  })

  async function showOverview(request: Request, response: Response, account: ChosenAccount, summary: SpendSummary) {
    const { accountId, accountName } = account
    const { currency, at, nextExpiry, daysLeft } = summary
    const mayBuy = handlesMoney(account)
    const cards = mayBuy ? await listPaymentMethods(desk.pool, accountId) : []
    const topUp = shownTopUp(await readTopUpSettings(desk.pool, accountId), cards, at)
    const { keys } = await listKeys(desk, { accountId, limit: KEYS_LOOKED_AT })
    const range = { from: dayOf(at) - (CHART_DAYS - 1) * DAY_MS, to: at + 1 }
    const { emailVerified } = signedInPerson(request)
    sendPage(response, 200, 'overview', {
      title: 'Overview',
      ...{ accountName, mayBuy, topUp, ...shownMoney(summary) },
      lasts: lastsFor(daysLeft),
      dailySpend: shownSpend(summary.dailySpendNano, currency),
      nextExpiry: nextExpiry && { at: new Date(nextExpiry.at), amount: shownBalance(nextExpiry.amountNano, currency) },
      periods: shownPeriods(summary),
      chart: spendChart(await accountUsage(desk, { accountId, ...range })),
      chartSize: CHART,
      readAt: new Date(at),
      alerts: overviewAlerts({ ...summary, topUp, keys, emailVerified, handlesMoney: mayBuy }),
    })
  }

  async function showStart(request: Request, response: Response, account: ChosenAccount, summary: SpendSummary) {
    const { accountId, accountName } = account
    const { keys } = await listKeys(desk, { accountId, state: 'ACTIVE', limit: KEYS_LOOKED_AT })
    const model = await callableModel(desk.pool, models, accountId)
    sendPage(response, 200, 'overview-start', {
      title: 'Overview',
      ...{ accountName, mayBuy: handlesMoney(account), ...shownMoney(summary), model },
      mayMakeKeys: account.role !== 'VIEWER',
      hasCredits: summary.availableNano > 0n,
      keys: keys.length,
      keyVariable: KEY_VARIABLE,
      snippets: model === null ? [] : firstRequestSnippets(desk.publicUrl, model),
      emailVerified: signedInPerson(request).emailVerified,
      scripts: ['overview-copy.js'],
    })
  }

  return router
}

function shownMoney({ currency, balanceNano, availableNano, heldNano }: SpendSummary) {
  return {
    balance: shownBalance(balanceNano, currency),
    available: shownBalance(availableNano, currency),
    held: heldNano > 0n ? shownBalance(heldNano, currency) : null,
  }
}

/** Null = nothing was spent lately, and it lasts until it expires. */
function lastsFor(daysLeft: bigint | null): string | null {
  if (daysLeft === null) return null
  if (daysLeft > 365n) return 'more than a year'
  return daysLeft === 0n ? 'less than a day' : daysLeft === 1n ? 'about 1 day' : `about ${daysLeft} days`
}

/** `$1` the account. */
const ANY_USAGE = `SELECT FROM ledger_entry WHERE account_id = $1 AND kind = 'USAGE_DEBIT' LIMIT 1`

/** Whether nothing was ever asked of the gateway. Entries are looked at only where there was nothing for two months. */
async function hasNoRequests({ pool }: CashDesk, accountId: string, { month }: SpendSummary): Promise<boolean> {
  if (month.figures.requests > 0n || month.before.figures.requests > 0n) return false
  const { rowCount } = await pool.query(ANY_USAGE, [accountId])
  return rowCount === 0
}

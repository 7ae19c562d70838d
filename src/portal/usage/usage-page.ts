import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Router } from 'express'
import { accountOf } from '../../http/chosen-account.ts'
import { requirePerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { accountUsage } from '../../reports/usage/account-usage.ts'
import { filterChoices } from '../../reports/usage/filter-choices.ts'
import { sendPage } from '../page.ts'
import { shownFigures } from './shown-figures.ts'
import { RANGE_DAYS_MAX, RANGE_NAMES } from './time-range.ts'
import { chartLabel, usageChart } from './usage-chart.ts'
import { usageCsv, usageFileName, usageJson } from './usage-file.ts'
import { addressOf } from './usage-filter.ts'
import { usageRows } from './usage-rows.ts'
import { GROUP_NAMES, METRIC_NAMES, METRIC_OF, readUsageView, type UsageView, viewQuery } from './usage-view.ts'

type UsageDesk = Pick<CashDesk, 'pool' | 'clock' | 'logger'>

/** What an account used, what that cost, and what it would have cost elsewhere. */
export function usagePageRouter(desk: UsageDesk): Router {
  const router = Router()
  const { pool, clock } = desk

  const readUsage = (accountId: string, { range, group, metric, filters }: UsageView) =>
    accountUsage(desk, {
      ...{ accountId, from: range.from, to: range.to, groupBy: group, metric: METRIC_OF[metric], filters },
    })

  router.get('/usage', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const now = clock.now()
    const choices = await filterChoices(pool, accountId)
    const names = { ranges: RANGE_NAMES, groups: GROUP_NAMES, metrics: METRIC_NAMES, days: RANGE_DAYS_MAX }
    const page = { title: 'Usage', choices, names, styles: ['usage.css'], scripts: ['htmx.js', 'chart.js', 'usage.js'] }
    const read = readUsageView(request.query, now)
    if (!read.ok) {
      return sendPage(response, 422, 'usage/usage', {
        ...page,
        given: request.query,
        problems: read.problems,
        view: null,
      })
    }
    const { view } = read
    const usage = await readUsage(accountId, view)
    const exportPath = (format: string) => addressOf('/usage/export', { ...viewQuery(view), format })
    sendPage(response, 200, 'usage/usage', {
      ...page,
      given: { ...viewQuery(view), from: view.range.firstDay, to: view.range.lastDay },
      view,
      figures: shownFigures(usage.totals, usage.currency),
      isEmpty: usage.totals.requests === 0n,
      isNarrowed: Object.keys(view.filters).length > 0,
      chart: usageChart(usage, view.metric, now),
      chartLabel: chartLabel(usage, view.metric),
      rows: usageRows(usage, view, now),
      exports: { csv: exportPath('csv'), json: exportPath('json') },
      clearPath: addressOf('/usage', { ...viewQuery({ ...view, filters: {} }) }),
    })
  })

  router.get('/usage/export', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const { format } = request.query
    const read = readUsageView(request.query, clock.now())
    // Nobody gets here but from the page, which says what is wrong with a view.
    if (!read.ok || (format !== 'csv' && format !== 'json')) {
      const { format: _, ...query } = request.query as Record<string, string>
      return response.redirect(303, addressOf('/usage', query))
    }
    const usage = await readUsage(accountId, read.view)
    response.attachment(usageFileName(read.view, format))
    if (format === 'json') return void response.json(usageJson(usage, read.view))
    response.type('text/csv; charset=utf-8')
    await pipeline(Readable.from(usageCsv(usage, read.view)), response)
  })

  return router
}

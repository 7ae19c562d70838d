import { Router } from 'express'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { accountEvents, readGeneration } from '../../reports/usage/account-events.ts'
import { filterChoices } from '../../reports/usage/filter-choices.ts'
import { sendPage } from '../page.ts'
import { RANGE_DAYS_MAX, RANGE_NAMES } from '../usage/time-range.ts'
import { addressOf } from '../usage/usage-filter.ts'
import { exportRequests } from './export-requests.ts'
import { eventFiltersOf, filterQuery, PAGE_SIZES, type RequestFilter, readRequestFilter } from './request-filter.ts'
import { STATUS_NAMES, shownRequest } from './shown-request.ts'

/** The audit trail: every request with what it took and cost, and nothing of what was said in it. */
export function requestPagesRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock } = desk

  router.get('/requests', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const page = {
      title: 'Requests',
      choices: await filterChoices(pool, accountId),
      names: { ranges: RANGE_NAMES, days: RANGE_DAYS_MAX, statuses: STATUS_NAMES, sizes: PAGE_SIZES },
      styles: ['usage.css'],
      scripts: ['htmx.js'],
    }
    const read = readRequestFilter(request.query, clock.now())
    if (!read.ok) {
      return sendPage(response, 422, 'requests/requests', {
        ...page,
        given: request.query,
        problems: read.problems,
        filter: null,
      })
    }
    const { filter } = read
    const { from, to } = filter.range
    const filters = { ...eventFiltersOf(filter), from, to }
    const { events, next } = await accountEvents(desk, {
      accountId,
      filters,
      cursor: filter.cursor,
      limit: Number(filter.size),
    })
    sendPage(response, 200, 'requests/requests', {
      ...page,
      ...shownList(filter, next),
      requests: events.map(shownRequest),
    })
  })

  router.post('/requests/export', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const { userId } = signedInPerson(request)
    const { format, _csrf, ...query } = request.body
    const read = readRequestFilter(query, clock.now())
    const back = addressOf('/requests', query)
    // Nobody gets here but from the page, which says what is wrong with a filter.
    if (!read.ok || (format !== 'csv' && format !== 'json')) return response.redirect(303, back)
    const exported = await exportRequests(desk, { accountId, userId, filter: read.filter, format }, response)
    if (exported.way === 'sent') return
    if (exported.way === 'refused') {
      flash(response, exported.text, 'failed')
      return response.redirect(303, back)
    }
    flash(response, 'The file is being made. A mail tells you when it is ready.')
    response.redirect(303, `/exports/${exported.exportId}`)
  })

  router.get('/requests/:id', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const found = await readGeneration(desk, accountId, String(request.params.id))
    if (found === null) throw new PageError('not found')
    sendPage(response, 200, 'requests/request', {
      title: 'Request',
      styles: ['usage.css'],
      request: shownRequest(found),
    })
  })

  return router
}

function shownList(filter: RequestFilter, next: string | null) {
  const query = filterQuery(filter)
  return {
    filter,
    query,
    given: { ...query, size: filter.size, from: filter.range.firstDay, to: filter.range.lastDay },
    isNarrowed: Object.keys(eventFiltersOf(filter)).length > 0,
    isFirst: filter.cursor === null,
    firstPath: addressOf('/requests', query),
    nextPath: next === null ? null : addressOf('/requests', { ...query, cursor: next }),
    clearPath: addressOf('/requests', filterQuery({ ...filter, filters: {}, status: null, streaming: null })),
  }
}

import type { Pool } from 'pg'
import { z } from 'zod'
import type { Actor } from '../../../accounts/actor.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { BusinessScope } from '../../../reports/dashboard/business-figures.ts'
import {
  type BreakdownPage,
  type GroupFigures,
  operatorBreakdown,
  operatorDashboard,
} from '../../../reports/dashboard/operator-dashboard.ts'
import { operatorPulse } from '../../../reports/dashboard/operator-pulse.ts'
import { ExportError } from '../../../reports/export-error.ts'
import type { Span } from '../../../reports/hours.ts'
import { cardsOf } from './cards.ts'
import { listHref } from './list-href.ts'
import { periodFields, spanOf } from './period.ts'
import { pulseRows } from './pulse-rows.ts'

/** A chart tells no more series apart; the rest is Other. */
const SERIES_MAX = 8
const PAGE_ROWS = 50
const GROUPS = ['model', 'provider', 'customer', 'reseller'] as const
type Group = (typeof GROUPS)[number]
/** Which route served a request, and who else sells, is the operator's alone. */
const GROUPS_OF: Readonly<Record<Actor['side'], readonly Group[]>> = {
  OPERATOR: GROUPS,
  RESELLER: ['model', 'customer'],
}
/** By which of its filters the list of usage finds a group's rows. */
const FILTER_OF: Readonly<Record<Group, string>> = {
  ...{ model: 'model', provider: 'providerId', customer: 'accountId', reseller: 'resellerId' },
}

export interface DashboardDeps {
  readonly pool: Pool
  readonly clock: Clock
  readonly currency: string
}

const asked = z.object({
  ...periodFields,
  by: z.enum(GROUPS, { error: `must be one of ${GROUPS.join(', ')}` }).default('model'),
  /** Where the page before ended: the last group's revenue and key. */
  after: z
    .string()
    .regex(/^-?\d{1,19}~.{1,200}$/, { error: 'must be where the page before ended' })
    .optional(),
})

/**
 * All that the first page of the back office shows: a period's figures against the period before, their course, their
 * groups, and what wants attention now.
 * @throws ExportError `invalid_request`, naming the field at fault
 */
export async function dashboardPage(deps: DashboardDeps, actor: Actor, query: unknown) {
  const { span, by, scope } = readAsked(deps, actor, query)
  const { currency } = deps
  const [dashboard, pulse] = await Promise.all([
    operatorDashboard(deps, { ...span, scope, groupBy: by, currency, top: SERIES_MAX }),
    operatorPulse(deps, scope, currency),
  ])
  return {
    ...{ side: actor.side, currency, now: deps.clock.now(), period: span, bucket: dashboard.bucket },
    before: { from: dashboard.before.from, to: dashboard.before.to },
    href: listHref(usage(span, currency), actor),
    cards: cardsOf(dashboard, actor.side),
    series: dashboard.series,
    ...{ by, groupBy: GROUPS_OF[actor.side], totals: dashboard.totals },
    groups: dashboard.groups.map((group) => linked(group, by, span, currency, actor)),
    other: dashboard.other,
    pulse: pulseRows(pulse, actor),
    hasEver: dashboard.totals.requests > 0n || (await hasUsage(deps.pool, actor)),
  }
}

/**
 * All groups of a period, page by page.
 * @throws ExportError `invalid_request`, naming the field at fault
 */
export async function dashboardGroups(deps: DashboardDeps, actor: Actor, query: unknown) {
  const { span, by, scope, after } = readAsked(deps, actor, query)
  const { currency } = deps
  const found = await operatorBreakdown(deps, {
    ...{ ...span, scope, groupBy: by, currency, limit: PAGE_ROWS, cursor: cursorOf(after) },
  })
  return {
    groups: found.groups.map((group) => linked(group, by, span, currency, actor)),
    next: found.next && `${found.next.revenueNano}~${found.next.key}`,
  }
}

function readAsked({ clock }: DashboardDeps, actor: Actor, query: unknown) {
  const read = asked.safeParse(query)
  if (!read.success) {
    const [issue] = read.error.issues
    const field = issue?.path.join('.') || null
    throw new ExportError('invalid_request', `${field ?? 'The request'} ${issue?.message ?? 'is not valid'}.`, field)
  }
  const { by, after, ...period } = read.data
  if (!GROUPS_OF[actor.side].includes(by)) {
    throw new ExportError('invalid_request', `by must be one of ${GROUPS_OF[actor.side].join(', ')}.`, 'by')
  }
  const span = spanOf(period, clock.now())
  if (span === null) throw new ExportError('invalid_request', 'Choose the first and the last day.', 'from')
  const scope: BusinessScope = actor.side === 'OPERATOR' ? 'operator' : { resellerId: actor.resellerId }
  return { span, by, after, scope }
}

function cursorOf(after: string | undefined): BreakdownPage['next'] {
  if (after === undefined) return null
  const at = after.indexOf('~')
  return { revenueNano: BigInt(after.slice(0, at)), key: after.slice(at + 1) }
}

const usage = (span: Span, currency: string, more: Record<string, string> = {}) => ({
  resource: 'usageEvent' as const,
  filters: { createdAt: span, currency, ...more },
})

function linked(group: GroupFigures, by: Group, span: Span, currency: string, actor: Actor) {
  return { ...group, href: listHref(usage(span, currency, { [FILTER_OF[by]]: group.key }), actor) }
}

/** Whether there was ever a request: nothing yet is another thing than nothing in this period. */
async function hasUsage(pool: Pool, actor: Actor): Promise<boolean> {
  const { rows } = await pool.query(
    'SELECT 1 FROM usage_account_day WHERE $1::uuid IS NULL OR reseller_id = $1 LIMIT 1',
    [actor.resellerId],
  )
  return rows.length > 0
}

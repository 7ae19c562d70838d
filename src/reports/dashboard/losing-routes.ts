import type { ClientBase } from 'pg'
import type { Span } from '../hours.ts'
import { readMark } from '../rollup-mark.ts'
import { bindValues } from '../sql/bind-values.ts'
import { NONE, OPERATOR_REVENUE, ROUTE_DAYS } from '../sql/usage-figures.ts'
import { usageSource } from '../sql/usage-source.ts'
import { type BusinessFigures, type BusinessScope, type FigureRow, figuresOf } from './business-figures.ts'
import type { Listed } from './listed.ts'
import { businessSums } from './sql/sum-business.ts'

/** More are no list of exceptions any more; those that lose the most come first. */
const LOSING_MAX = 100

/** What cost more than it earned. A reseller's is a model: which route served it is the operator's. */
export interface LosingRoute {
  readonly routeId: string | null
  readonly providerId: string | null
  readonly model: string
  readonly figures: BusinessFigures
  readonly list: Listed
}

export async function readLosingRoutes(
  client: ClientBase,
  scope: BusinessScope,
  currency: string,
  span: Span,
): Promise<LosingRoute[]> {
  const isOperator = scope === 'operator'
  const values = bindValues()
  const dimensions = ['reseller_id', 'status', 'model', 'provider_id', 'route_id'] as const
  const filter = { currency, resellerId: isOperator ? undefined : scope.resellerId }
  const source = usageSource({ read: await readMark(client), span, filter, table: ROUTE_DAYS, dimensions }, values)
  const key = isOperator ? 'model, provider_id, route_id' : 'model'
  const margin = isOperator ? `sum(${OPERATOR_REVENUE} - cost_nano)` : 'sum(price_nano - wholesale_nano)'
  const { rows } = await client.query<FigureRow>(
    `SELECT ${key}, ${businessSums(scope)} FROM ${source} u GROUP BY ${key} HAVING ${margin} < 0 ORDER BY ${margin}, ${key} LIMIT ${LOSING_MAX}`,
    values.values,
  )
  return rows.map((row) => {
    const model = row.model as string
    const routeId = isOperator && row.route_id !== NONE ? (row.route_id as string) : null
    const providerId = isOperator && row.provider_id !== NONE ? (row.provider_id as string) : null
    const route = isOperator ? { routeId: row.route_id as string, providerId: row.provider_id as string } : {}
    const filters = { createdAt: span, currency, model, ...route }
    return { routeId, providerId, model, figures: figuresOf(row), list: { resource: 'usageEvent', filters } }
  })
}

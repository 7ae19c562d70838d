import type { Values } from '../../sql/bind-values.ts'
import { idRange } from '../../sql/sum-usage.ts'
import { eventDimension } from '../../sql/usage-figures.ts'
import { ID_SLACK_MS } from '../../usage-extent.ts'
import type { BusinessScope } from '../business-figures.ts'

export const LISTED_RESOURCES = [
  ...(['usageEvent', 'routeAttempt', 'paymentOrder', 'adjustment'] as const),
  ...(['autoTopUp', 'creditLot', 'dispute'] as const),
]
export type ListedResource = (typeof LISTED_RESOURCES)[number]

/** One of these, any of these, or a half-open range of milliseconds since the epoch. */
export type FilterValue = string | boolean | readonly string[] | { readonly from: number; readonly to: number }
export type ListFilters = Readonly<Record<string, FilterValue>>

interface Resource {
  readonly from: string
  /** SQL of what the rows come to. */
  readonly amount: (scope: BusinessScope) => string
  /** SQL of whether a row is the reseller's (a parameter). */
  readonly ofReseller: string
  /** SQL of whether a row is the operator's; true = all are. */
  readonly ofOperator: string
  readonly filters: Readonly<Record<string, (value: FilterValue, values: Values) => string>>
}

const CUSTOMERS = (reseller: string) => `account_id IN (SELECT id FROM account WHERE reseller_id = ${reseller})`

/** Credit that nobody paid for, as the general ledger has it. */
const IS_UNPAID = `(promotional OR source_kind = 'GRANT')`

const anyOf = (column: string) => (value: FilterValue, values: Values) =>
  `(${column})::text = ANY (${values.bind(typeof value === 'string' ? [value] : value, 'text[]')})`

/** As the column is: of a column that is cast, the planner knows nothing, and takes all rows for a few. */
const inCurrency = (value: FilterValue, values: Values) =>
  `currency = ANY (${values.bind(typeof value === 'string' ? [value] : value, 'char(3)[]')})`

const between = (column: string) => (value: FilterValue, values: Values) => {
  const [from, to] = ends(value, values)
  return `${column} >= ${from} AND ${column} < ${to}`
}

/** Rows whose id is of the same time: their partitions and primary keys go by the id. */
const cameIn = (id: string) => (value: FilterValue, values: Values) => {
  const [from, to] = ends(value, values)
  return `created_at >= ${from} AND created_at < ${to} AND ${idRange(from, to, ID_SLACK_MS, id)}`
}

function ends(value: FilterValue, values: Values): [string, string] {
  const { from, to } = value as { from: number; to: number }
  return [values.bind(new Date(from), 'timestamptz'), values.bind(new Date(to), 'timestamptz')]
}

const whether = (condition: string) => (value: FilterValue) => (value === true ? condition : `NOT (${condition})`)

/** What figures are made of, and the filters by which pages list the rows behind them. */
export const RESOURCES: Readonly<Record<ListedResource, Resource>> = {
  usageEvent: {
    from: 'usage_event',
    amount: (scope) =>
      scope === 'operator' ? 'CASE WHEN reseller_id IS NULL THEN price_nano ELSE wholesale_nano END' : 'price_nano',
    ofReseller: 'reseller_id = %',
    ofOperator: 'true',
    filters: {
      createdAt: cameIn('id'),
      status: anyOf('status'),
      // All zeroes = none was reached, as in sums.
      routeId: anyOf(eventDimension('route_id')),
      providerId: anyOf(eventDimension('provider_id')),
      model: anyOf('model'),
      currency: inCurrency,
    },
  },
  routeAttempt: {
    from: 'route_attempt',
    amount: () => 'cost_nano',
    // What providers cost is the operator's alone.
    ofReseller: '% IS NULL',
    ofOperator: 'true',
    filters: { createdAt: cameIn('request_id') },
  },
  paymentOrder: {
    from: 'payment_order',
    amount: () => 'received_minor',
    ofReseller: CUSTOMERS('%'),
    ofOperator: 'true',
    filters: {
      kind: anyOf('kind'),
      state: anyOf('state'),
      received: whether('received_minor > 0'),
      currency: inCurrency,
    },
  },
  adjustment: {
    from: 'adjustment',
    amount: () => 'amount_nano',
    // Each adjusts, and approves, its own.
    ofReseller: 'reseller_id = %',
    ofOperator: 'reseller_id IS NULL',
    filters: { state: anyOf('state'), currency: inCurrency },
  },
  autoTopUp: {
    from: 'auto_top_up',
    amount: () => 'amount_minor',
    ofReseller: CUSTOMERS('%'),
    ofOperator: 'true',
    filters: {
      enabled: whether('enabled'),
      failing: whether('failures > 0 AND suspended_at IS NULL'),
      suspended: whether('suspended_at IS NOT NULL'),
      currency: inCurrency,
    },
  },
  creditLot: {
    from: '(SELECT credit_lot.*, wallet.currency FROM credit_lot JOIN wallet USING (account_id)) lot',
    amount: () => 'remaining_nano',
    ofReseller: CUSTOMERS('%'),
    ofOperator: 'true',
    filters: {
      open: whether('open'),
      paid: (value) => (value === true ? `NOT ${IS_UNPAID}` : IS_UNPAID),
      expiresAt: between('expires_at'),
      currency: inCurrency,
    },
  },
  dispute: {
    from: 'dispute',
    amount: () => 'amount_minor',
    ofReseller: CUSTOMERS('%'),
    ofOperator: 'true',
    filters: { state: anyOf('state'), currency: inCurrency },
  },
}

/**
 * SQL: how many rows there are, and what they come to.
 * @throws RangeError for a filter that the resource does not have: it would list what it should not
 */
export function sumListed(name: ListedResource, filters: ListFilters, scope: BusinessScope, values: Values): string {
  const resource = RESOURCES[name]
  const owned =
    scope === 'operator' ? resource.ofOperator : resource.ofReseller.replace('%', values.bind(scope.resellerId, 'uuid'))
  const conditions = Object.entries(filters).map(([field, value]) => {
    const filter = Object.hasOwn(resource.filters, field) ? resource.filters[field] : undefined
    if (!filter) throw new RangeError(`${name} has no filter ${field}`)
    return filter(value, values)
  })
  return `SELECT count(*) AS rows, coalesce(sum(${resource.amount(scope)}), 0)::bigint AS amount
    FROM ${resource.from} WHERE ${[owned, ...conditions].join(' AND ')}`
}

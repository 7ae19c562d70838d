/** Stands for "there is none" in sums: no provider or route was reached, no reseller stands between. Keys know no null. */
export const NONE = '00000000-0000-0000-0000-000000000000'

/** The figures of sums, each with what one event adds to it. Ids of no event are among them: they are added up. */
const FIGURES = [
  ['requests', '1::bigint'],
  ['input_tokens', 'input_tokens::bigint'],
  ['cache_read_tokens', 'cache_read_tokens::bigint'],
  ['cache_write_tokens', 'cache_write_5m_tokens::bigint + cache_write_1h_tokens'],
  ['output_tokens', 'output_tokens::bigint'],
  ['reasoning_tokens', 'reasoning_tokens::bigint'],
  ['list_nano', 'coalesce(list_nano, 0)'],
  // What has no list price has no saving either: its market rate is its price.
  ['unlisted_nano', 'CASE WHEN list_nano IS NULL THEN price_nano ELSE 0 END'],
  ['cost_nano', 'cost_nano'],
  ['wholesale_nano', 'wholesale_nano'],
  ['price_nano', 'price_nano'],
  ['operator_fee_nano', 'operator_fee_nano'],
  ['seller_fee_nano', 'seller_fee_nano'],
  ['exposure_nano', 'exposure_nano'],
  ['latency_ms', 'latency_ms::bigint'],
] as const

export type UsageFigure = (typeof FIGURES)[number][0]

/** What sums are grouped by, each as an event says it. */
const DIMENSIONS = {
  account_id: 'account_id',
  project_id: 'project_id',
  access_key_id: 'access_key_id',
  model: 'model',
  provider_id: `coalesce(provider_id, '${NONE}')`,
  route_id: `coalesce(route_id, '${NONE}')`,
  reseller_id: `coalesce(reseller_id, '${NONE}')`,
  status: 'status',
  currency: 'currency',
} as const

export type UsageDimension = keyof typeof DIMENSIONS

/** A table of sums: by which buckets of time, by what. The first is the finest; the others are sums of it. */
export interface SumTable {
  readonly table: string
  readonly bucket: 'hour' | 'day'
  /** Of a table by day: the one that tells the hours of what is left of days. */
  readonly hours?: SumTable
  readonly key: readonly UsageDimension[]
  readonly dimensions: readonly UsageDimension[]
  /** What it sums, each as SQL of the finest's rows; left out = all figures, as they are. */
  readonly sums?: readonly (readonly [name: string, sql: string])[]
}

/** SQL: what the operator earns of a row. Whoever is direct pays the price; of a reseller's customer, the reseller pays. */
export const OPERATOR_REVENUE = `CASE WHEN reseller_id = '${NONE}' THEN price_nano ELSE wholesale_nano END`

const FINEST = [
  ...['account_id', 'project_id', 'access_key_id', 'model', 'provider_id', 'route_id', 'reseller_id', 'status'],
] as UsageDimension[]
const OF_ROUTES = ['reseller_id', 'model', 'provider_id', 'route_id', 'status', 'currency'] as UsageDimension[]
const OF_ACCOUNTS = ['account_id', 'reseller_id', 'status', 'currency'] as UsageDimension[]

/** An account has one currency, so that it need not be a part of the finest key. */
export const ROLLUP: SumTable = {
  table: 'usage_rollup',
  bucket: 'hour',
  key: FINEST,
  dimensions: [...FINEST, 'currency'],
}
export const ROUTE_HOURS: SumTable = {
  table: 'usage_route_hour',
  bucket: 'hour',
  key: OF_ROUTES,
  dimensions: OF_ROUTES,
}
export const ROUTE_DAYS: SumTable = {
  table: 'usage_route_day',
  bucket: 'day',
  hours: ROUTE_HOURS,
  key: OF_ROUTES,
  dimensions: OF_ROUTES,
}
export const ACCOUNT_DAYS: SumTable = {
  table: 'usage_account_day',
  bucket: 'day',
  hours: ROLLUP,
  key: OF_ACCOUNTS,
  dimensions: OF_ACCOUNTS,
}

/** The operator's revenue by customer, one row a day whatever reseller stood between: what lists of customers go by. */
export const CUSTOMER_DAYS: SumTable = {
  table: 'usage_customer_day',
  bucket: 'day',
  key: ['account_id', 'currency'],
  dimensions: ['account_id', 'currency'],
  sums: [
    ['requests', 'requests'],
    ['price_nano', 'price_nano'],
    ['revenue_nano', OPERATOR_REVENUE],
  ],
}

/** All that are made of the finest. */
export const COARSER: readonly SumTable[] = [ROUTE_HOURS, ROUTE_DAYS, ACCOUNT_DAYS, CUSTOMER_DAYS]

export const FIGURE_NAMES: readonly UsageFigure[] = FIGURES.map(([name]) => name)

/** SQL: an event's part in each figure, under the figure's name. */
export const EVENT_FIGURES = FIGURES.map(([name, sql]) => `${sql} AS ${name}`).join(', ')

/** SQL: sums over events. */
export const EVENT_SUMS = FIGURES.map(([name, sql]) => `sum(${sql})::bigint AS ${name}`).join(', ')

/** SQL: a table's sums over the finest's rows. */
export function sumsOver(target: SumTable): string {
  return sumsOf(target)
    .map(([name, sql]) => `sum(${sql})::bigint AS ${name}`)
    .join(', ')
}

/** The names of what a table sums. */
export function sumNames(target: SumTable): string[] {
  return sumsOf(target).map(([name]) => name)
}

function sumsOf({ sums }: SumTable): readonly (readonly [string, string])[] {
  return sums ?? FIGURE_NAMES.map((name) => [name, name])
}

/** SQL: a dimension as an event says it. */
export function eventDimension(dimension: UsageDimension): string {
  return DIMENSIONS[dimension]
}

/** The columns of a table of sums, in the order in which they are written. */
export function columnsOf(target: SumTable): string {
  return [target.bucket, ...target.dimensions, ...sumNames(target)].join(', ')
}

import { escapeLiteral, type PoolClient } from 'pg'

/** An id is drawn at the instant that its event is dated by; between the two a clock may be set. */
const ID_SLACK_MS = 10 * 60_000

/** Requests that were charged: a price took part, or the customer's own key. What failed or was abandoned was not. */
const IS_CHARGED = `status IN ('COMPLETED', 'CLIENT_ABORTED', 'PROVIDER_ABORTED') AND route_id IS NOT NULL
      AND (operator_rule_id IS NOT NULL OR own_key)`

/** Checked ids. */
export interface UsageScope {
  accountId?: string | undefined
  resellerId?: string | undefined
  modelId?: string | undefined
  providerId?: string | undefined
}

/** A half-open range of time, in milliseconds since the epoch. */
export interface UsageWindow {
  from: number
  to: number
}

export interface UsageCount {
  /** Charged requests, or `limit + 1` where there are more. */
  charged: number
  /** Requests without a charge. */
  excluded: number
  currencies: string[]
}

/** How many requests there are to reprice. Stops counting where there are more than `limit`. */
export async function countUsage(
  client: PoolClient,
  window: UsageWindow,
  scope: UsageScope,
  limit: number,
): Promise<UsageCount> {
  const { rows } = await client.query<{ charged: string; all: string; currencies: string[] | null }>(`
    SELECT count(*) FILTER (WHERE charged) AS charged, count(*) AS all,
           array_remove(ARRAY[min(currency) FILTER (WHERE charged), max(currency) FILTER (WHERE charged)], NULL) AS currencies
      FROM (SELECT ${IS_CHARGED} AS charged, currency FROM usage_event
             WHERE ${inWindow(window, idRange(window))} ${inScope(scope)} LIMIT ${limit + 1}) AS event`)
  const [row] = rows
  const charged = Number(row?.charged ?? 0)
  return { charged, excluded: Number(row?.all ?? 0) - charged, currencies: [...new Set(row?.currencies ?? [])] }
}

/** Requests with equal figures. Rounding is per request, so that they have equal charges. In the columns' order. */
export type UsageGroup = [
  accountId: string,
  resellerId: string | null,
  routeId: string,
  ownKey: boolean,
  inputTokens: number,
  cacheReadTokens: number,
  cacheWrite5mTokens: number,
  cacheWrite1hTokens: number,
  outputTokens: number,
  requests: string,
  costNano: string,
  wholesaleNano: string,
  priceNano: string,
]

const CURSOR = 'simulated_usage'
/** A few milliseconds to read, so that even the driver's part keeps nobody waiting. */
const ROWS_PER_FETCH = 500

/** The charged requests of one step of the window, grouped by the database, in constant memory here. */
export async function* usageGroups(
  client: PoolClient,
  window: UsageWindow,
  step: IdRange,
  scope: UsageScope,
): AsyncGenerator<UsageGroup[]> {
  await client.query(`
    DECLARE ${CURSOR} NO SCROLL CURSOR FOR
    SELECT account_id, reseller_id, route_id, own_key, input_tokens, cache_read_tokens, cache_write_5m_tokens,
           cache_write_1h_tokens, output_tokens, count(*), sum(cost_nano), sum(wholesale_nano), sum(price_nano)
      FROM usage_event
     WHERE ${inWindow(window, step)} AND ${IS_CHARGED} ${inScope(scope)}
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`)
  const text = `FETCH FORWARD ${ROWS_PER_FETCH} FROM ${CURSOR}`
  const fetch = () => {
    const result = client.query<UsageGroup>({ text, rowMode: 'array' })
    // A reader that leaves early does not wait for the rows after its last.
    result.catch(() => undefined)
    return result
  }
  let fetched = fetch()
  for (;;) {
    const { rows } = await fetched
    const isLast = rows.length < ROWS_PER_FETCH
    // The database reads on while these are priced.
    if (!isLast) fetched = fetch()
    yield rows
    if (isLast) break
  }
  await client.query(`CLOSE ${CURSOR}`)
}

/** A range of ids by the time in them: half-open. */
export interface IdRange {
  idFrom: number
  idTo: number
}

export function idRange({ from, to }: UsageWindow): IdRange {
  return { idFrom: from - ID_SLACK_MS, idTo: to + ID_SLACK_MS }
}

/** By ranges of the id, which name the partitions; the time decides. */
function inWindow({ from, to }: UsageWindow, { idFrom, idTo }: IdRange): string {
  return `id >= uuid_v7_floor(${instant(idFrom)}) AND id < uuid_v7_floor(${instant(idTo)})
      AND created_at >= ${instant(from)} AND created_at < ${instant(to)}`
}

function inScope({ accountId, resellerId, modelId, providerId }: UsageScope): string {
  const routes = [
    modelId === undefined ? [] : [`model_id = ${escapeLiteral(modelId)}`],
    providerId === undefined ? [] : [`provider_id = ${escapeLiteral(providerId)}`],
  ].flat()
  return [
    accountId === undefined ? '' : `AND account_id = ${escapeLiteral(accountId)}`,
    resellerId === undefined ? '' : `AND reseller_id = ${escapeLiteral(resellerId)}`,
    routes.length === 0 ? '' : `AND route_id IN (SELECT id FROM route WHERE ${routes.join(' AND ')})`,
  ].join(' ')
}

const instant = (at: number) => `'${new Date(at).toISOString()}'::timestamptz`

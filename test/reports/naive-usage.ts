import type pg from 'pg'
import type { BusinessScope } from '../../src/reports/dashboard/business-figures.ts'

/** An event as it is stored, in the words of the driver. */
export type StoredEvent = Record<string, string | number | boolean | Date | null> & { created_at: Date; id: string }

export async function allEvents(pool: pg.Pool): Promise<StoredEvent[]> {
  return (await pool.query('SELECT * FROM usage_event')).rows
}

const NONE = '00000000-0000-0000-0000-000000000000'
const ERRORS = ['FAILED', 'PROVIDER_ABORTED', 'ABANDONED']

export function between(events: readonly StoredEvent[], from: number, to: number): StoredEvent[] {
  return events.filter((event) => event.created_at.getTime() >= from && event.created_at.getTime() < to)
}

export function ofScope(events: readonly StoredEvent[], scope: BusinessScope): StoredEvent[] {
  return scope === 'operator' ? [...events] : events.filter((event) => event.reseller_id === scope.resellerId)
}

function sum(events: readonly StoredEvent[], of: (event: StoredEvent) => unknown): bigint {
  return events.reduce((total, event) => total + BigInt(of(event) as string), 0n)
}

function tokens(events: readonly StoredEvent[]) {
  const figures = {
    requests: BigInt(events.length),
    errors: BigInt(events.filter(({ status }) => ERRORS.includes(status as string)).length),
    inputTokens: sum(events, (event) => event.input_tokens),
    cacheReadTokens: sum(events, (event) => event.cache_read_tokens),
    cacheWriteTokens:
      sum(events, (event) => event.cache_write_5m_tokens) + sum(events, (event) => event.cache_write_1h_tokens),
    outputTokens: sum(events, (event) => event.output_tokens),
    reasoningTokens: sum(events, (event) => event.reasoning_tokens),
  }
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = figures
  return { ...figures, tokens: inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens }
}

/** Half up, away from zero; of bigints. */
function share(part: bigint, whole: bigint): bigint | null {
  if (whole <= 0n) return null
  const doubled = 2n * part * 10_000n
  return doubled >= 0n ? (doubled + whole) / (2n * whole) : -((-doubled + whole) / (2n * whole))
}

/** What a dashboard has to say of these events. */
export function naiveBusiness(events: readonly StoredEvent[], scope: BusinessScope) {
  const price = (event: StoredEvent) => event.price_nano
  const wholesale = (event: StoredEvent) => event.wholesale_nano
  const sold = events.filter(({ reseller_id }) => reseller_id !== null)
  const direct = events.filter(({ reseller_id }) => reseller_id === null)
  const revenueNano = scope === 'operator' ? sum(direct, price) + sum(sold, wholesale) : sum(events, price)
  const costNano = scope === 'operator' ? sum(events, (event) => event.cost_nano) : sum(events, wholesale)
  const marginNano = revenueNano - costNano
  const resellerMarginNano = scope === 'operator' ? sum(sold, price) - sum(sold, wholesale) : null
  return {
    ...tokens(events),
    revenueNano,
    costNano,
    marginNano,
    marginBps: share(marginNano, revenueNano),
    resellerMarginNano,
  }
}

/** What a customer's page has to say of these events. */
export function naiveSpending(events: readonly StoredEvent[]) {
  const unlisted = events.filter(({ list_nano }) => list_nano === null)
  const costNano = sum(events, (event) => event.price_nano)
  const marketNano = sum(events, (event) => event.list_nano ?? event.price_nano)
  const savedNano = marketNano - costNano
  return {
    ...tokens(events),
    ...{ costNano, marketNano, unlistedNano: sum(unlisted, (event) => event.price_nano) },
    ...{ savedNano, savedBps: share(savedNano, marketNano) },
  }
}

/** Events by a column; those without by zeroes. */
export function grouped(events: readonly StoredEvent[], column: string): Map<string, StoredEvent[]> {
  return Map.groupBy(events, (event) => (event[column] as string | null) ?? NONE)
}

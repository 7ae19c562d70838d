import type { Audience } from '../catalog/price-audience.ts'
import { type MarginContext, type MarginPrice, marginPrice, type RouteRow } from './margin-row.ts'

/** A schedule with more steps is a mistake; a page could not show it. */
const UPCOMING_MAX = 20

export interface UpcomingPrice {
  at: Date
  price: MarginPrice
}

/** Each later instant at which the figures that the viewer sees change, and what they are from then on. */
export function upcomingPrices(
  context: MarginContext,
  route: RouteRow,
  audience: Audience,
  asOf: Date,
): UpcomingPrice[] {
  let shown = figuresOf(marginPrice(context, route, audience, asOf))
  const upcoming: UpcomingPrice[] = []
  for (const at of laterInstants(context, route, asOf)) {
    const price = marginPrice(context, route, audience, at)
    const figures = figuresOf(price)
    if (figures === shown) continue
    shown = figures
    upcoming.push({ at, price })
    if (upcoming.length === UPCOMING_MAX) break
  }
  return upcoming
}

/** When some version that may be for the route begins or ends, in order. */
function laterInstants({ state }: MarginContext, route: RouteRow, asOf: Date): Date[] {
  const costs = state.costProfiles.filter(
    (row) => row.provider_id === route.provider_id && row.upstream_model === route.upstream_model,
  )
  const lists = state.listPrices.filter((row) => row.model_id === route.model_id)
  const rules = state.priceRules.filter(
    (row) =>
      (row.model_id === null || row.model_id === route.model_id) &&
      (row.provider_id === null || row.provider_id === route.provider_id),
  )
  const times = [...costs, ...lists, ...rules].map((row) => row.effective_from)
  for (const { retired_at } of rules) if (retired_at !== null) times.push(retired_at)
  const later = times.filter((time) => time > asOf.getTime())
  return [...new Set(later)].sort((a, b) => a - b).map((time) => new Date(time))
}

function figuresOf({ missing, tiers }: MarginPrice): string {
  return JSON.stringify([missing, tiers], (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
}

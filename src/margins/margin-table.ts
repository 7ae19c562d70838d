import { z } from 'zod'
import { findAudience } from './find-audience.ts'
import type { Actor, Invalid, MarginDeps, NotFound } from './margin-deps.ts'
import { type MarginPrice, marginContext, marginPrice, type RouteWords, routeWords } from './margin-row.ts'
import { floorFor } from './propose-price-change.ts'
import { readCatalog } from './read-catalog.ts'
import { type UpcomingPrice, upcomingPrices } from './upcoming-prices.ts'

const id = z.uuid({ error: 'expected an id' }).toLowerCase()

const request = z.strictObject({
  /** Default: now. */
  asOf: z.date({ error: 'expected a time' }).optional(),
  /** A customer, or a reseller as the operator's customer. */
  accountId: id.optional(),
  /** Anybody on the plan without rules of their own. */
  planId: id.optional(),
  /** A reseller: what its customers pay. Default: the account's own seller, else the operator. */
  sellerId: id.optional(),
})

export type MarginTableRequest = z.input<typeof request>

export interface MarginTableRow extends RouteWords, MarginPrice {
  /** What the row will be at later instants, the next one first. */
  upcoming: UpcomingPrice[]
}

export interface MarginTable {
  ok: true
  asOf: Date
  /** In words: "customers on plan gold". */
  audience: string
  floorBps: number
  rows: MarginTableRow[]
}

/** Every route with its cost, prices and margins for an audience, computed by the functions that price requests. */
export async function marginTable(
  deps: MarginDeps,
  { actor, ...asked }: MarginTableRequest & { actor: Actor },
): Promise<MarginTable | Invalid | NotFound> {
  const read = request.safeParse(asked)
  if (!read.success) {
    const problems = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
    return { ok: false, reason: 'invalid', problems }
  }
  const { asOf = new Date(deps.clock.now()), accountId, planId, sellerId } = read.data
  const named = [accountId, sellerId, actor.resellerId].filter((value) => typeof value === 'string')
  const { state, floorBps } = await readCatalog(deps, asOf, named)
  const found = findAudience(state, actor, { accountId, planId, sellerId })
  if (!found.ok) return found
  const { audience } = found
  const context = marginContext(state, {
    operatorFeeNano: deps.operatorFeeNano,
    floorBps,
    view: actor.resellerId === null ? 'operator' : 'reseller',
  })
  const rows = state.routes.map((route) => ({
    ...routeWords(state, route),
    ...marginPrice(context, route, audience, asOf),
    upcoming: upcomingPrices(context, route, audience, asOf),
  }))
  rows.sort((a, b) => (a.model < b.model ? -1 : a.model > b.model ? 1 : 0))
  return { ok: true, asOf, audience: audience.name, floorBps: floorFor(actor, floorBps), rows }
}

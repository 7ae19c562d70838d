import type { CatalogState } from '../catalog/catalog-state.ts'
import { type Audience, audiencesOf } from '../catalog/price-audience.ts'
import {
  compiledPrice,
  type MarginContext,
  type MarginPrice,
  marginContext,
  marginPrice,
  type RouteWords,
  routeWords,
} from './margin-row.ts'

/** A page shows no more; the rest is counted. */
export const COMPARED_ROWS_MAX = 500

/** A price that changes. */
export interface ComparedRow extends RouteWords {
  /** In words: "customers on plan gold". */
  audience: string
  before: MarginPrice
  after: MarginPrice
}

export interface Comparison {
  /** At most `COMPARED_ROWS_MAX`, those with a finding first. */
  rows: ComparedRow[]
  rowsTotal: number
  /** Models that nobody of an audience could use any more, one line each. */
  unpriced: string[]
}

export interface Compared {
  before: CatalogState
  after: CatalogState
  routeIds: ReadonlySet<string>
  at: Date
  isAsked: (audience: Audience) => boolean
}

/** Each route whose price changes for an audience that some rule tells apart, before and after, at one instant. */
export function compareMargins(
  rest: Omit<MarginContext, 'state' | 'prices'>,
  { before, after, routeIds, at, isAsked }: Compared,
): Comparison {
  const was = marginContext(before, rest)
  const becomes = marginContext(after, rest)
  const audiences = allAudiences(before, after).filter(isAsked)
  const changed: ComparedRow[] = []
  const unpriced: string[] = []
  for (const route of after.routes.filter((row) => routeIds.has(row.id))) {
    for (const audience of audiences) {
      const old = compiledPrice(was, route, audience, at)
      const next = compiledPrice(becomes, route, audience, at)
      if (!old.ok && !next.ok) continue
      if (old.ok && next.ok && sameVersions(old.plan.versions, next.plan.versions)) continue
      const words = routeWords(after, route)
      if (old.ok && !next.ok && words.isServed) {
        const { model, provider, upstreamModel } = words
        unpriced.push(`model ${model} via ${provider}/${upstreamModel}, ${audience.name}: no price (${next.missing})`)
      }
      changed.push({
        ...words,
        audience: audience.name,
        before: marginPrice(was, route, audience, at),
        after: marginPrice(becomes, route, audience, at),
      })
    }
  }
  changed.sort((a, b) => Number(hasFinding(b)) - Number(hasFinding(a)))
  return { rows: changed.slice(0, COMPARED_ROWS_MAX), rowsTotal: changed.length, unpriced }
}

const hasFinding = ({ after }: ComparedRow) => after.underFloor !== null || after.missing !== null || after.isNegative

/** A rule that is new singles out somebody; one that is retired did. */
function allAudiences(before: CatalogState, after: CatalogState): Audience[] {
  const byName = new Map([...audiencesOf(before), ...audiencesOf(after)].map((each) => [each.name, each]))
  return [...byName.values()]
}

function sameVersions(a: object, b: object): boolean {
  return Object.values(a).join() === Object.values(b).join()
}

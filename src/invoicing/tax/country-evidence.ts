import type { TaxEvidence } from '../document-snapshot.ts'
import { canonicalCountry } from './country-code.ts'
import { type TaxTerritory, territoryOf } from './tax-territory.ts'

/** One piece of evidence, such as `{ source: 'card_issuer', country: 'FR' }`. */
export type CountryEvidence = TaxEvidence['countries'][number]

/** What the address itself counts as (Regulation 282/2011, article 24f(a)). */
export const ADDRESS_SOURCE = 'billing_address'

/** Two that do not contradict each other make the place certain (Regulation 282/2011, article 24b(d)). */
export const EVIDENCE_ITEMS_ENOUGH = 2

export interface ConsumerPlace {
  /** Null = it cannot be said where the consumer is. */
  readonly territory: TaxTerritory | null
  /** What was weighed, the address included; pieces that name no country are left out. */
  readonly countries: readonly CountryEvidence[]
  readonly isContradictory: boolean
  /** Fewer than two pieces speak for the place. */
  readonly isThin: boolean
}

/**
 * Where a consumer is. The billing address decides, unless two or more other pieces agree on another country and outnumber
 * those that agree with it. Without an address two agreeing pieces decide. Parts of a state count for it: an address on
 * Åland and a Finnish card agree.
 */
export function placeOfConsumer(
  address: Parameters<typeof territoryOf>[0],
  evidence: readonly CountryEvidence[],
): ConsumerPlace {
  const home = territoryOf(address)
  const countries = weighedEvidence(address.country, evidence)
  const votes = new Map<string, number>()
  for (const { source, country } of countries) {
    const state = source === ADDRESS_SOURCE && home ? home.state : stateOf(country)
    votes.set(state, (votes.get(state) ?? 0) + 1)
  }
  const isContradictory = votes.size > 1
  const homeVotes = home ? (votes.get(home.state) ?? 0) : 0
  const [best = null, ...others] = [...votes].sort(([, a], [, b]) => b - a)
  const isUndisputed = best !== null && !others.some(([, count]) => count === best[1])
  if (best !== null && isUndisputed && best[1] >= EVIDENCE_ITEMS_ENOUGH && best[1] > homeVotes) {
    const winner = countries.find(({ country }) => stateOf(country) === best[0])!
    const territory = territoryOf({ country: winner.country, region: null, postalCode: null })
    return { territory, countries, isContradictory, isThin: false }
  }
  return { territory: home, countries, isContradictory, isThin: homeVotes < EVIDENCE_ITEMS_ENOUGH }
}

/** The usable pieces, one a source, with the address among them. */
export function weighedEvidence(
  addressCountry: string | null,
  evidence: readonly CountryEvidence[],
): readonly CountryEvidence[] {
  const bySource = new Map<string, CountryEvidence>()
  for (const piece of [{ source: ADDRESS_SOURCE, country: addressCountry }, ...evidence]) {
    const country = canonicalCountry(piece.country)
    if (country !== null && !bySource.has(piece.source)) bySource.set(piece.source, { source: piece.source, country })
  }
  return [...bySource.values()]
}

function stateOf(country: string): string {
  return territoryOf({ country, region: null, postalCode: null })?.state ?? country
}

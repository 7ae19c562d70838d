import type { Nano } from '../money/nano.ts'

/** What a set of requests brings and costs the viewer. */
export interface Take {
  /** Priced requests. One that has no price would be refused. */
  requests: bigint
  /** What the viewer takes: the operator its customers' and resellers' prices, a reseller its customers'. */
  revenueNano: Nano
  /** What the viewer pays: providers' cost, or for a reseller its wholesale price. */
  costNano: Nano
  /** revenue − cost */
  marginNano: Nano
  /** What the end customers pay. */
  priceNano: Nano
}

/** The same requests under three sets of prices. */
export interface SimulatedSums {
  /** As it was really booked. */
  before: Take
  /** At the prices of the simulated instant without the change: differs from `before` where prices have changed since. */
  unchanged: Take
  /** With the change. */
  after: Take
  /** Requests that the change sells for less than they cost the viewer, and by how much in all. */
  negative: { requests: bigint; lossNano: Nano }
}

export function noSums(): SimulatedSums {
  return { before: noTake(), unchanged: noTake(), after: noTake(), negative: { requests: 0n, lossNano: 0n } }
}

function noTake(): Take {
  return { requests: 0n, revenueNano: 0n, costNano: 0n, marginNano: 0n, priceNano: 0n }
}

/** Adds in place. */
export function addSums(to: SimulatedSums, more: SimulatedSums): void {
  addTake(to.before, more.before)
  addTake(to.unchanged, more.unchanged)
  addTake(to.after, more.after)
  to.negative.requests += more.negative.requests
  to.negative.lossNano += more.negative.lossNano
}

function addTake(to: Take, more: Take): void {
  to.requests += more.requests
  to.revenueNano += more.revenueNano
  to.costNano += more.costNano
  to.marginNano += more.marginNano
  to.priceNano += more.priceNano
}

/** Planes of one or of many requests, as a quote or the books have them. */
export interface Planes {
  costNano: Nano
  wholesaleNano: Nano
  priceNano: Nano
}

/** Adds requests of equal figures, in place; says what one of them earns the viewer. */
export function addPlanes(to: Take, planes: Planes, times: bigint, isReseller: boolean): Nano {
  const revenue = isReseller ? planes.priceNano : planes.wholesaleNano
  const cost = isReseller ? planes.wholesaleNano : planes.costNano
  const margin = revenue - cost
  to.revenueNano += revenue * times
  to.costNano += cost * times
  to.marginNano += margin * times
  to.priceNano += planes.priceNano * times
  return margin
}

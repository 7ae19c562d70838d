import type { CatalogState } from '../catalog/catalog-state.ts'
import { losesMoney } from '../pricing/plane-rate.ts'
import { quote } from '../pricing/quote.ts'
import { routeWords } from './margin-row.ts'
import type { PricePair, SimulatedBuyer, SimulationPrices } from './simulation-prices.ts'
import { addPlanes, addSums, noSums, type SimulatedSums } from './simulation-sums.ts'
import type { UsageGroup } from './sql/usage-groups.ts'

/** Cells in memory before they are added up. */
const CELLS_MAX = 20_000

export interface SimulatedRow extends SimulatedSums {
  id: string | null
  name: string
}

/** A route that would sell for less than it costs the viewer. */
export interface NegativeRow {
  model: string
  provider: string
  upstreamModel: string
  /** The slug of the reseller whose customers they are; null = the operator's own. */
  reseller: string | null
  requests: bigint
  lossNano: bigint
  /** The router would leave the route out instead, as it would lose the operator money. Null for a reseller. */
  isSkipped: boolean | null
}

/** One account on one route: its sums, and its prices. */
interface Cell {
  buyer: SimulatedBuyer
  pair: PricePair
  sums: SimulatedSums
}

/** Adds up what requests would have brought, for all that a page groups by. */
export interface SimulationBooks {
  /** Requests of equal figures. `buyer` is asked for a cell that is new. */
  add(group: UsageGroup, buyer: () => SimulatedBuyer): void
  result(): SimulationSums
}

export interface SimulationSums {
  total: SimulatedSums
  /** Each with what brought most first. */
  models: SimulatedRow[]
  customers: SimulatedRow[]
  /** What was sold directly has no id. */
  resellers: SimulatedRow[]
  providers: SimulatedRow[]
  /** The greatest loss first. */
  negative: NegativeRow[]
}

export function simulationBooks(prices: SimulationPrices, state: CatalogState, isReseller: boolean): SimulationBooks {
  const cells = new Map<string, Cell>()
  const total = noSums()
  const by = { models: rowsById(), customers: rowsById(), resellers: rowsById(), providers: rowsById() }
  const negative = new Map<string, NegativeRow>()
  const routes = new Map(state.routes.map((route) => [route.id, { route, words: routeWords(state, route) }]))

  function close(): void {
    for (const cell of cells.values()) {
      const { account, reseller, routeId } = cell.buyer
      const { words } = routes.get(routeId)!
      addSums(total, cell.sums)
      by.models.add(words.modelId, words.model, cell.sums)
      by.providers.add(words.providerId, words.provider, cell.sums)
      by.customers.add(account.id, account.slug, cell.sums)
      by.resellers.add(reseller?.id ?? null, reseller?.slug ?? 'direct', cell.sums)
      if (cell.sums.negative.requests > 0n) addNegative(cell)
    }
    cells.clear()
  }

  function addNegative({ buyer, pair, sums }: Cell): void {
    const { route, words } = routes.get(buyer.routeId)!
    const key = `${buyer.routeId},${buyer.reseller?.id}`
    const skips = pair.after.ok && !route.allow_negative_margin && losesMoney(pair.after.plan)
    const { model, provider, upstreamModel } = words
    const reseller = buyer.reseller?.slug ?? null
    const fresh = { model, provider, upstreamModel, reseller, requests: 0n, lossNano: 0n, isSkipped: false }
    const row = negative.get(key) ?? fresh
    row.requests += sums.negative.requests
    row.lossNano += sums.negative.lossNano
    row.isSkipped = isReseller ? null : row.isSkipped || skips
    negative.set(key, row)
  }

  return {
    add(group, buyer) {
      const key = `${group[0]},${group[1]},${group[2]},${group[3]}`
      let cell = cells.get(key)
      if (cell === undefined) {
        if (cells.size >= CELLS_MAX) close()
        const who = buyer()
        cell = { buyer: who, pair: prices.pairFor(who), sums: noSums() }
        cells.set(key, cell)
      }
      addGroup(cell, group, isReseller)
    },
    result() {
      close()
      const losses = [...negative.values()].sort((a, b) => (a.lossNano > b.lossNano ? -1 : 1))
      return {
        ...{ total, models: by.models.rows(), customers: by.customers.rows() },
        ...{ resellers: by.resellers.rows(), providers: by.providers.rows(), negative: losses },
      }
    },
  }
}

function addGroup({ pair, sums }: Cell, group: UsageGroup, isReseller: boolean): void {
  const usage = {
    inputTokens: group[4],
    cacheReadTokens: group[5],
    cacheWrite5mTokens: group[6],
    cacheWrite1hTokens: group[7],
    outputTokens: group[8],
    reasoningTokens: 0,
  }
  const times = BigInt(group[9])
  const booked = { costNano: BigInt(group[10]), wholesaleNano: BigInt(group[11]), priceNano: BigInt(group[12]) }
  sums.before.requests += times
  addPlanes(sums.before, booked, 1n, isReseller)
  const now = pair.unchanged.ok ? quote(pair.unchanged.plan, usage) : null
  if (now !== null) {
    sums.unchanged.requests += times
    addPlanes(sums.unchanged, now, times, isReseller)
  }
  const then = pair.isSame ? now : pair.after.ok ? quote(pair.after.plan, usage) : null
  if (then === null) return
  sums.after.requests += times
  const margin = addPlanes(sums.after, then, times, isReseller)
  if (margin >= 0n) return
  sums.negative.requests += times
  sums.negative.lossNano -= margin * times
}

function rowsById() {
  const rows = new Map<string | null, SimulatedRow>()
  return {
    add(id: string | null, name: string, sums: SimulatedSums): void {
      let row = rows.get(id)
      if (row === undefined) {
        row = { id, name, ...noSums() }
        rows.set(id, row)
      }
      addSums(row, sums)
    },
    rows: () => [...rows.values()].sort((a, b) => (a.after.revenueNano > b.after.revenueNano ? -1 : 1)),
  }
}

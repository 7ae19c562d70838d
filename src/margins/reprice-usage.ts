import type { PoolClient } from 'pg'
import type { CatalogState } from '../catalog/catalog-state.ts'
import type { Nano } from '../money/nano.ts'
import type { Simulate } from './simulate.ts'
import { type SimulationSums, simulationBooks } from './simulation-books.ts'
import { type SimulatedBuyer, simulationPrices } from './simulation-prices.ts'
import { readSimulatedAccounts, type SimulatedAccount } from './sql/simulated-accounts.ts'
import {
  type IdRange,
  idRange,
  type UsageGroup,
  type UsageScope,
  type UsageWindow,
  usageGroups,
} from './sql/usage-groups.ts'
import { takeTurns } from './take-turns.ts'

/** Each has a row of sums in memory. */
export const SIMULATED_CUSTOMERS_MAX = 100_000

export interface Repricing {
  window: UsageWindow
  scope: UsageScope
  before: CatalogState
  after: CatalogState
  at: Date
  operatorFeeNano: Nano
  isReseller: boolean
  eventsTotal: number
  signal: Simulate['signal']
  onProgress: Simulate['onProgress']
}

/** Reads the window step by step, prices each group of equal requests, and adds up. */
export async function repriceUsage(
  client: PoolClient,
  { window, scope, before, after, at, operatorFeeNano, isReseller, eventsTotal, signal, onProgress }: Repricing,
): Promise<({ ok: true } & SimulationSums) | { ok: false; reason: 'too_many_customers'; customersMax: number }> {
  const prices = simulationPrices(before, after, { at, operatorFeeNano })
  const books = simulationBooks(prices, after, isReseller)
  const accounts = new Map<string, SimulatedAccount>()
  const turns = takeTurns()
  let eventsDone = 0
  for (const step of stepsOf(window, eventsTotal)) {
    for await (const groups of usageGroups(client, window, step, scope)) {
      signal?.throwIfAborted()
      await readUnknown(client, accounts, groups)
      if (accounts.size > SIMULATED_CUSTOMERS_MAX) {
        return { ok: false, reason: 'too_many_customers', customersMax: SIMULATED_CUSTOMERS_MAX }
      }
      for (const group of groups) {
        books.add(group, () => buyerOf(group, accounts))
        eventsDone += Number(group[9])
        if (turns.isDue()) await turns.next()
      }
      onProgress?.({ eventsDone, eventsTotal })
    }
  }
  return { ok: true, ...books.result() }
}

function buyerOf([accountId, resellerId, routeId, ownKey]: UsageGroup, accounts: Map<string, SimulatedAccount>) {
  const buyer: SimulatedBuyer = {
    routeId,
    account: accounts.get(accountId)!,
    reseller: resellerId === null ? null : accounts.get(resellerId)!,
    ownKey,
  }
  return buyer
}

/** Accounts are never deleted, so that each one is found. */
async function readUnknown(
  client: PoolClient,
  known: Map<string, SimulatedAccount>,
  groups: readonly UsageGroup[],
): Promise<void> {
  const named = groups.flatMap(([accountId, resellerId]) =>
    resellerId === null ? [accountId] : [accountId, resellerId],
  )
  const unknown = [...new Set(named)].filter((id) => !known.has(id))
  if (unknown.length === 0) return
  for (const account of await readSimulatedAccounts(client, unknown)) known.set(account.id, account)
}

const HOUR_MS = 3_600_000
/** What PostgreSQL groups at once without writing to disk. */
const EVENTS_PER_STEP = 100_000

/** The whole at once where there is little, else hour by hour or day by day, as much as there is on average. */
function stepsOf(window: UsageWindow, eventsTotal: number): IdRange[] {
  const { idFrom, idTo } = idRange(window)
  const parts = Math.ceil(eventsTotal / EVENTS_PER_STEP)
  if (parts <= 1) return [{ idFrom, idTo }]
  const stepMs = Math.max(HOUR_MS, Math.ceil((idTo - idFrom) / parts))
  const steps: IdRange[] = []
  for (let from = idFrom; from < idTo; from += stepMs) steps.push({ idFrom: from, idTo: Math.min(from + stepMs, idTo) })
  return steps
}

import type { Simulation } from '../../../margins/simulate.ts'
import type { SimulatedRow } from '../../../margins/simulation-books.ts'
import { addSums, noSums, type SimulatedSums } from '../../../margins/simulation-sums.ts'

/** A page shows no more of a kind; all others are one row. */
const ROWS_MAX = 50

export interface SimulatedGroup {
  readonly rows: readonly SimulatedRow[]
  /** All that are not shown, added up; null = all are shown. */
  readonly others: (SimulatedSums & { readonly count: number }) | null
}

/** A simulation as its page shows it: bounded, whatever the number of customers. Its sums still come to the total. */
export function simulationSummary({ models, customers, resellers, providers, negative, ...rest }: Simulation) {
  return {
    ...rest,
    models: grouped(models),
    customers: grouped(customers),
    resellers: grouped(resellers),
    providers: grouped(providers),
    ...{ negative: negative.slice(0, ROWS_MAX), negativeTotal: negative.length },
  }
}

export type SimulationSummary = ReturnType<typeof simulationSummary>

function grouped(all: readonly SimulatedRow[]): SimulatedGroup {
  if (all.length <= ROWS_MAX) return { rows: all, others: null }
  const others = noSums()
  const left = all.slice(ROWS_MAX)
  for (const row of left) addSums(others, row)
  return { rows: all.slice(0, ROWS_MAX), others: { ...others, count: left.length } }
}

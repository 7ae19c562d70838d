import type { Nano } from '../../money/nano.ts'

/** The head of a list of customers by revenue, the most first. Of whoever is not in it, its last revenue is the limit. */
export interface LeadingList {
  /** Whether all of it counts; of a day that lies in the period in part, nobody knows how much does. */
  readonly isWhole: boolean
  /** Whether there are no others. */
  readonly isAll: boolean
  readonly revenueNano: ReadonlyMap<string, Nano>
}

/** What a customer's revenue is at least and at most. */
interface Bounds {
  atLeastNano: Nano
  atMostNano: Nano
}

/**
 * Who can be among the first so many customers of a period, by the heads of its days' lists alone. Nothing earns less than
 * nothing, so that part of a day is no more than the day.
 *
 * @param below only customers with less revenue, or as much, are wanted; null = all
 * @returns the candidates, and the most that anybody else can have whom no list shows
 */
export function boundCustomers(
  lists: readonly LeadingList[],
  limit: number,
  below: Nano | null,
): { candidates: string[]; othersAtMostNano: Nano } {
  const hiddenNano = lists.map(leastOf)
  const othersAtMostNano = hiddenNano.reduce((sum, one) => sum + one, 0n)
  const bounds = new Map<string, Bounds>()
  for (const [index, { isWhole, revenueNano }] of lists.entries()) {
    for (const [key, revenue] of revenueNano) {
      const bound = bounds.get(key) ?? { atLeastNano: 0n, atMostNano: othersAtMostNano }
      bounds.set(key, bound)
      bound.atMostNano += revenue - (hiddenNano[index] ?? 0n)
      if (isWhole) bound.atLeastNano += revenue
    }
  }
  const all = [...bounds]
  const threshold = sureOf(all, limit, below)
  const candidates = all.filter(
    ([, { atLeastNano, atMostNano }]) => atMostNano >= threshold && (below === null || atLeastNano <= below),
  )
  return { candidates: candidates.map(([key]) => key), othersAtMostNano }
}

/** What a customer has at most in a list that does not show it. */
function leastOf({ isAll, revenueNano }: LeadingList): Nano {
  if (isAll) return 0n
  return [...revenueNano.values()].reduce((least, one) => (one < least ? one : least))
}

/** So many customers have this much at least, and are surely wanted: whoever cannot reach it is not among the first. */
function sureOf(all: readonly (readonly [string, Bounds])[], limit: number, below: Nano | null): Nano {
  const sure = all.flatMap(([, bound]) => (below === null || bound.atMostNano < below ? [bound.atLeastNano] : []))
  sure.sort((left, right) => (left === right ? 0 : left > right ? -1 : 1))
  return sure[limit - 1] ?? 0n
}

import type { Actor } from '../../../accounts/actor.ts'
import type { Listed } from '../../../reports/dashboard/listed.ts'
import { NONE } from '../../../reports/sql/usage-figures.ts'

type ListedResource = Listed['resource']
type FilterValue = Listed['filters'][string]

/** The list of the back office that holds the rows of each kind. */
const LISTS: Readonly<Record<ListedResource, string>> = {
  ...{ usageEvent: 'usage', routeAttempt: 'attempts', paymentOrder: 'orders', adjustment: 'adjustments' },
  ...{ autoTopUp: 'top-ups', creditLot: 'lots', dispute: 'disputes' },
}

/** The address of the list of exactly the rows behind a figure, for who looks at it. */
export function listHref({ resource, filters }: Listed, actor: Actor): string {
  const query = [...Object.entries(filters), ...ownersOf(resource, actor)].flatMap(([name, value]) =>
    written(name, value).map(([key, text]) => `filters.${key}=${encodeURIComponent(text)}`),
  )
  return `/admin/resources/${LISTS[resource]}?${query.join('&')}`
}

/** Lists show a reseller itself beside its customers, and the operator its resellers' own adjustments; figures do not. */
function ownersOf(resource: ListedResource, actor: Actor): [string, FilterValue][] {
  if (actor.side === 'RESELLER') return [['resellerId', actor.resellerId]]
  return resource === 'adjustment' ? [['resellerId', NONE]] : []
}

/** Where a list calls a filter otherwise: an order's `received` is an amount there. */
const CALLED: Readonly<Record<string, string>> = { received: 'moneyReceived' }

function written(filter: string, value: FilterValue): [string, string][] {
  const name = CALLED[filter] ?? filter
  if (typeof value === 'boolean') return [[name, String(value)]]
  if (typeof value === 'string') return [[name, value === NONE ? 'none' : value]]
  if ('from' in value) {
    const instant = (at: number) => new Date(at).toISOString()
    return [
      [`${name}~~from`, instant(value.from)],
      [`${name}~~to`, instant(value.to)],
    ]
  }
  return [[name, value.join(',')]]
}

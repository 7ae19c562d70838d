import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObjects } from '../api/list-objects.ts'
import { expandParam, listOf, readParams, text } from '../api/read-params.ts'
import { noSuchResource } from '../api/stripe-refusal.ts'
import type { StoredEvent } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'

/** The event as the API shows it: as it was sent, but for the number of webhooks that still wait for it. */
function shown(account: StripeAccount, event: StoredEvent): object {
  const state = account.deliveries.get(event.id)?.state
  const isPending = state === 'held' || state === 'sending' || state === 'waiting'
  return { ...(JSON.parse(event.body) as object), pending_webhooks: isPending ? 1 : 0 }
}

export function retrieveEvent({ account, ids, params }: ApiCall): object {
  readParams(z.strictObject(expandParam), params)
  const event = account.events.get(ids[0] ?? '')
  if (!event) throw noSuchResource('event', ids[0] ?? '', 'id')
  return shown(account, event)
}

const typesParam = z.object({ types: listOf(text).optional() })

export function listEvents(call: ApiCall): object {
  const { account } = call
  const { types } = readParams(typesParam, call.params)
  const { types: _, ...params } = call.params
  return listObjects({ ...call, params }, account.events, {
    noun: 'event',
    filters: ['type'],
    ...(types ? { matches: (event: StoredEvent) => types.includes(event.type) } : {}),
    render: (event) => shown(account, event),
  })
}

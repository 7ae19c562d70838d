import { z } from 'zod'
import type { ApiCall } from '../api/api-call.ts'
import { listObject, listObjects } from '../api/list-objects.ts'
import { expandParam, readParams, text } from '../api/read-params.ts'
import { invalidRequest, noSuchResource } from '../api/stripe-refusal.ts'
import type { StoredSession } from '../records/stored-objects.ts'
import { expireSession } from './expire-sessions.ts'

function existing({ account, ids }: ApiCall): StoredSession {
  const id = ids[0] ?? ''
  const session = account.sessions.get(id)
  if (!session) throw noSuchResource('checkout.session', id, 'session')
  return session
}

export function retrieveSession(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  return existing(call)
}

export function listSessions(call: ApiCall): object {
  const filters = ['payment_intent', 'customer', 'status', 'setup_intent']
  return listObjects(call, call.account.sessions, { noun: 'checkout.session', filters })
}

export function expireSessionCall(call: ApiCall): object {
  readParams(z.strictObject(expandParam), call.params)
  const session = existing(call)
  if (session.status !== 'open')
    throw invalidRequest(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    )
  expireSession(call.account, session)
  return session
}

export function listLineItems(call: ApiCall): object {
  const params = { limit: text.optional(), starting_after: text.optional(), ...expandParam }
  readParams(z.strictObject(params), call.params)
  const facts = call.account.checkoutFacts.get(existing(call).id)
  return listObject(call.path, facts?.lineItems ?? [])
}

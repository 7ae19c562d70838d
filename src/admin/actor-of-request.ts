import type { Request } from 'express'
import type { Actor } from '../accounts/actor.ts'
import type { Person } from '../accounts/person.ts'
import { personOf } from '../http/person-session.ts'

/** Who stands at the door of the back office. */
export type AdminVisitor =
  | { readonly kind: 'nobody' }
  /** Signed in, but neither staff nor a member of a reseller. */
  | { readonly kind: 'outsider' }
  | { readonly kind: 'actor'; readonly actor: Actor; readonly timeZone: string | null }

export type VisitorOf = (request: Request) => AdminVisitor

/** The signed-in person of a request, as the back office knows them. */
export const visitorOfSession: VisitorOf = (request) => visitorFor(personOf(request), request.ip ?? null)

/**
 * Staff act for the operator, whatever else they are. A member of several resellers acts for the one they joined first.
 */
export function visitorFor(person: Person | null, clientIp: string | null): AdminVisitor {
  if (person === null) return { kind: 'nobody' }
  const { userId, name, email, timeZone, staffRole } = person
  const who = { userId, name, email, clientIp }
  if (staffRole !== null) {
    return { kind: 'actor', timeZone, actor: { ...who, side: 'OPERATOR', role: staffRole, resellerId: null } }
  }
  const membership = person.memberships.find(({ accountKind }) => accountKind === 'RESELLER')
  if (!membership) return { kind: 'outsider' }
  const { role, accountId } = membership
  return { kind: 'actor', timeZone, actor: { ...who, side: 'RESELLER', role, resellerId: accountId } }
}

/** The address of a request's actor, for handlers behind the door. */
const actors = new WeakMap<Request, { actor: Actor; timeZone: string | null }>()

export function rememberActor(request: Request, visitor: { actor: Actor; timeZone: string | null }): void {
  actors.set(request, visitor)
}

/** @throws Error where no door was passed */
export function actorOfRequest(request: Request): { actor: Actor; timeZone: string | null } {
  const found = actors.get(request)
  if (!found) throw new Error('nobody came through the door of the back office')
  return found
}

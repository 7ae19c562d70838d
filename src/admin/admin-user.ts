import type { CurrentAdmin } from 'adminjs'
import type { Actor } from '../accounts/actor.ts'
import { menuOf } from './pages.ts'

/**
 * An actor as AdminJS knows the person who is signed in. What it writes into the page is encoded: it puts that into a
 * script as it is, and a name may be any text.
 */
export class AdminUser implements CurrentAdmin {
  readonly email: string
  readonly id: string
  readonly actor: Actor
  readonly timeZone: string | null
  /** Pages say so. */
  readonly isSandbox: boolean;
  [key: string]: unknown

  constructor(actor: Actor, timeZone: string | null, isSandbox: boolean) {
    this.isSandbox = isSandbox
    this.actor = actor
    this.timeZone = timeZone
    this.id = actor.userId
    this.email = encodeURIComponent(actor.email)
  }

  toJSON(): Record<string, unknown> {
    const { actor } = this
    return {
      ...{ id: this.id, email: this.email, name: encodeURIComponent(actor.name) },
      ...{ role: actor.role, side: actor.side, isSandbox: this.isSandbox, menu: menuOf(actor) },
      timeZone: this.timeZone === null ? null : encodeURIComponent(this.timeZone),
    }
  }
}

/** @throws Error where nobody is signed in: the door in front lets nobody through who is not */
export function actorOf(currentAdmin: CurrentAdmin | undefined): Actor {
  if (!(currentAdmin instanceof AdminUser)) throw new Error('nobody is signed in')
  return currentAdmin.actor
}

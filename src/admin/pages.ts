import type { PageHandler } from 'adminjs'
import type { Actor } from '../accounts/actor.ts'
import { may, type Permission } from '../accounts/permissions.ts'
import type { ComponentName } from './components.ts'
import type { Side } from './definitions-for.ts'
import { ACTING_PAGES } from './pages/acting/acting-pages.ts'
import { MARGINS_PAGE } from './pages/margins/margins-entry.ts'

/** A page of the back office besides its lists. */
export interface AdminPage {
  readonly label: string
  readonly sides: readonly Side[]
  /** Who may open it: asked at the door of each request, and before it is in anybody's menu. */
  readonly may: Permission
  readonly component: ComponentName
  readonly icon: string
  /** What is about one row is led to from elsewhere, and is in no menu. */
  readonly isInMenu?: false
  /** Answers what the page asks for. AdminJS scopes nothing here: call a use case with `actorOf(context.currentAdmin)`. */
  readonly handler: PageHandler
}

/** By their name in the address, `/admin/pages/NAME`. */
export const PAGES: Readonly<Record<string, AdminPage>> = { margins: MARGINS_PAGE, ...ACTING_PAGES }

export interface MenuEntry {
  readonly label: string
  readonly href: string
  readonly icon: string
  /** A page that AdminJS does not know: it is loaded as a whole. */
  readonly isOutside: boolean
}

export function mayOpen({ sides, may: permission }: AdminPage, actor: Actor): boolean {
  return sides.includes(actor.side) && may(actor, permission)
}

/** What stands in somebody's menu besides the lists. */
export function menuOf(actor: Actor): MenuEntry[] {
  const entries = Object.entries(PAGES)
    .filter(([, page]) => page.isInMenu !== false && mayOpen(page, actor))
    .map(([name, { label, icon }]) => ({ label, icon, href: `/admin/pages/${name}`, isOutside: false }))
  if (may(actor, 'look at jobs')) entries.push({ label: 'Jobs', icon: 'Clock', href: '/admin/jobs', isOutside: true })
  return entries
}

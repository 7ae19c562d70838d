import type { MemberRole } from '../accounts/actor.ts'

export interface NavigationItem {
  path: string
  label: string
  /** Other pages that belong to it. */
  also?: readonly string[]
  /** Whom it is shown to; none given = every member. The page itself refuses by `accountOf(request, roles)`. */
  roles?: readonly MemberRole[]
}

/** The portal's pages in the order of the bar. */
export const NAVIGATION: readonly NavigationItem[] = [
  { path: '/', label: 'Overview' },
  { path: '/credits', label: 'Credits', also: ['/add-credits', '/auto-top-up', '/bank-transfers'] },
  { path: '/transactions', label: 'Transactions' },
  { path: '/invoices', label: 'Invoices', roles: ['OWNER', 'BILLING'] },
  { path: '/usage', label: 'Usage' },
  { path: '/requests', label: 'Requests', also: ['/exports'] },
  { path: '/keys', label: 'Keys', also: ['/projects'] },
  { path: '/settings', label: 'Settings' },
]

/** Whether a page belongs below an item: `/usage/models` to `/usage`, and to `/` only itself. */
export function isBelow(path: string, item: NavigationItem): boolean {
  const isIn = (root: string) => path === root || (root !== '/' && path.startsWith(`${root}/`))
  return [item.path, ...(item.also ?? [])].some(isIn)
}

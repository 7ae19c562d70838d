import type { MemberRole } from '../accounts/actor.ts'

/** Who makes and changes keys and projects; the others look. */
export const KEY_ROLES: readonly MemberRole[] = ['OWNER', 'DEVELOPER']

/** Who sees and changes what concerns money: notifications, webhooks, statements. */
export const MONEY_SETTING_ROLES: readonly MemberRole[] = ['OWNER', 'BILLING']

/** Who decides who belongs to the account. */
export const TEAM_ROLES: readonly MemberRole[] = ['OWNER']

/** What each role is, in the words of the page. */
export const ROLE_NAMES: Readonly<Record<MemberRole, string>> = {
  OWNER: 'Owner',
  BILLING: 'Billing',
  DEVELOPER: 'Developer',
  VIEWER: 'Viewer',
}

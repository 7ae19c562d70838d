import type { MemberRole } from '../../accounts/actor.ts'
import type { ChosenAccount } from '../../http/chosen-account.ts'

/**
 * Who buys, and sees what is somebody's own: cards, invoices, addresses, tax ids. All other members look at balances and
 * movements only.
 */
export const MONEY_ROLES = ['OWNER', 'BILLING'] as const satisfies readonly MemberRole[]

export function handlesMoney({ role }: ChosenAccount): boolean {
  return MONEY_ROLES.some((one) => one === role)
}

import type { Actor, MemberRole, StaffRole } from './actor.ts'

interface Granted {
  readonly staff: readonly StaffRole[]
  /** Of a reseller, within its own tree. */
  readonly reseller: readonly MemberRole[]
}

const EVERY_STAFF = ['ADMIN', 'FINANCE', 'SUPPORT'] as const
const MONEY = ['ADMIN', 'FINANCE'] as const
const ADMIN = ['ADMIN'] as const
const EVERY_MEMBER = ['OWNER', 'BILLING', 'DEVELOPER', 'VIEWER'] as const
const RESELLER_MONEY = ['OWNER', 'BILLING'] as const
const OWNER = ['OWNER'] as const
const NOBODY = [] as const

/** Who may do what in the back office: whoever is not named may not. */
const GRANTED = {
  /** To look: accounts, orders, entries, usage, invoices, prices, each within one's own tree. */
  look: { staff: EVERY_STAFF, reseller: EVERY_MEMBER },
  /** What providers charge, and what the operator earns. */
  'look at costs': { staff: EVERY_STAFF, reseller: NOBODY },
  'look at the audit log': { staff: MONEY, reseller: OWNER },
  'look at webhooks': { staff: EVERY_STAFF, reseller: NOBODY },
  'look at jobs': { staff: ADMIN, reseller: NOBODY },
  'write notes': { staff: EVERY_STAFF, reseller: EVERY_MEMBER },
  'open accounts': { staff: ADMIN, reseller: OWNER },
  'open resellers': { staff: ADMIN, reseller: NOBODY },
  'change accounts': { staff: ADMIN, reseller: OWNER },
  'invite people': { staff: ADMIN, reseller: OWNER },
  'manage staff': { staff: ADMIN, reseller: NOBODY },
  'manage keys': { staff: ADMIN, reseller: OWNER },
  'change the catalog': { staff: ADMIN, reseller: NOBODY },
  'change costs': { staff: MONEY, reseller: NOBODY },
  'change prices': { staff: MONEY, reseller: OWNER },
  'create manual orders': { staff: MONEY, reseller: RESELLER_MONEY },
  'record receipts': { staff: MONEY, reseller: RESELLER_MONEY },
  'approve orders': { staff: MONEY, reseller: RESELLER_MONEY },
  'cancel orders': { staff: MONEY, reseller: RESELLER_MONEY },
  'adjust credits': { staff: MONEY, reseller: RESELLER_MONEY },
  'approve adjustments': { staff: MONEY, reseller: RESELLER_MONEY },
  'refund orders': { staff: MONEY, reseller: NOBODY },
  'make codes': { staff: MONEY, reseller: NOBODY },
  'replay webhooks': { staff: ADMIN, reseller: NOBODY },
  'manage jobs': { staff: ADMIN, reseller: NOBODY },
  'change sellers': { staff: MONEY, reseller: OWNER },
  'change tax rates': { staff: MONEY, reseller: NOBODY },
  'change settings': { staff: ADMIN, reseller: NOBODY },
} as const satisfies Record<string, Granted>

export type Permission = keyof typeof GRANTED
export const PERMISSIONS = Object.keys(GRANTED) as Permission[]

/** Whether their role lets them. Whether it is theirs, the use case's scope decides. */
export function may(actor: Actor, permission: Permission): boolean {
  const granted: Granted = GRANTED[permission]
  return actor.side === 'OPERATOR' ? granted.staff.includes(actor.role) : granted.reseller.includes(actor.role)
}

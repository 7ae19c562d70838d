export const STAFF_ROLES = ['ADMIN', 'FINANCE', 'SUPPORT'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]

export const MEMBER_ROLES = ['OWNER', 'BILLING', 'DEVELOPER', 'VIEWER'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

interface Who {
  readonly userId: string
  readonly name: string
  readonly email: string
  /** From where they act; null = the program itself, such as its command line. */
  readonly clientIp: string | null
}

/** Somebody of the operator's staff. */
export interface OperatorActor extends Who {
  readonly side: 'OPERATOR'
  readonly role: StaffRole
  readonly resellerId: null
}

/** A member of a reseller, who acts within its tree: the reseller itself and its customers. */
export interface ResellerActor extends Who {
  readonly side: 'RESELLER'
  readonly role: MemberRole
  readonly resellerId: string
}

/** Who acts in the back office, and for whom. */
export type Actor = OperatorActor | ResellerActor

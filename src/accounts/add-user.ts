import type { MemberRole, StaffRole } from '@prisma/client'
import type { Prisma } from '../db/prisma.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { hashPassword } from './password.ts'

export interface NewUser {
  email: string
  name: string
  password: string
  staffRole: StaffRole | null
  membership: { accountId: string; role: MemberRole } | null
}

/**
 * A person whose address is known to be theirs, with their place in an account or among the staff. A user of this e-mail
 * address is left as they are.
 */
export async function addUser(prisma: Prisma, clock: Clock, user: NewUser): Promise<string> {
  const email = user.email.toLowerCase()
  const known = await prisma.user.findUnique({ where: { email } })
  if (known) return known.id
  const id = uuidV7(clock)
  const createdAt = new Date(clock.now())
  const passwordHash = await hashPassword(user.password)
  await prisma.user.create({
    data: {
      ...{
        id,
        email,
        name: user.name,
        emailVerified: true,
        staffRole: user.staffRole,
        createdAt,
        updatedAt: createdAt,
      },
      signInMethods: {
        create: {
          ...{ id: uuidV7(clock), providerId: 'credential', subjectId: id, passwordHash },
          ...{ createdAt, updatedAt: createdAt },
        },
      },
      ...(user.membership && { memberships: { create: { id: uuidV7(clock), createdAt, ...user.membership } } }),
    },
  })
  return id
}

import type { Prisma } from '../db/prisma.ts'
import { GENESIS_HASH } from '../ledger/entry.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'

export interface NewAccount {
  kind: 'CUSTOMER' | 'RESELLER'
  name: string
  slug: string
  resellerId: string | null
  currency: string
  /** In the sandbox, credits may be granted to it without a payment. */
  development?: boolean
}

/** An account is never without its wallet. Returns its id; an account of this slug is left as it is. */
export async function openAccount(prisma: Prisma, clock: Clock, account: NewAccount): Promise<string> {
  const { currency, ...columns } = account
  const known = await prisma.account.findUnique({ where: { slug: account.slug } })
  if (known) return known.id
  const id = uuidV7(clock)
  await prisma.account.create({
    data: {
      ...columns,
      id,
      createdAt: new Date(clock.now()),
      wallet: { create: { currency, entryHash: Buffer.from(GENESIS_HASH, 'hex') } },
    },
  })
  return id
}

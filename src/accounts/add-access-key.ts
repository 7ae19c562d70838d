import type { Prisma } from '../db/prisma.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import type { AccessKeySecret } from './access-key-secret.ts'

export interface NewAccessKey {
  accountId: string
  projectName: string
  name: string
  secret: AccessKeySecret
  /** What it may do; without it, what a key to call models with needs. */
  scopes?: readonly string[]
}

/** A key to the gateway in a project of the account, which is made where it is missing. A known secret is left as it is. */
export async function addAccessKey(prisma: Prisma, clock: Clock, key: NewAccessKey): Promise<string> {
  const known = await prisma.accessKey.findUnique({ where: { secretHash: key.secret.hash } })
  if (known) return known.id
  const { accountId } = key
  const createdAt = new Date(clock.now())
  const project = await prisma.project.upsert({
    where: { accountId_name: { accountId, name: key.projectName } },
    create: { id: uuidV7(clock), accountId, name: key.projectName, createdAt },
    update: {},
  })
  const id = uuidV7(clock)
  const { prefix, hash: secretHash } = key.secret
  await prisma.accessKey.create({
    data: {
      ...{ id, accountId, projectId: project.id, name: key.name, prefix, secretHash, createdAt },
      ...(key.scopes && { scopes: [...key.scopes] }),
    },
  })
  return id
}

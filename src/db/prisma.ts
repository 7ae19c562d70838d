import { PrismaPg } from '@prisma/adapter-pg'
import prismaClient from '@prisma/client'

export type Prisma = InstanceType<typeof prismaClient.PrismaClient>

/** For everything that is not the spend path. */
export function createPrisma(connectionString: string): Prisma {
  return new prismaClient.PrismaClient({ adapter: new PrismaPg({ connectionString }) })
}

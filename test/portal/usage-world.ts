import type { MemberRole } from '../../src/accounts/actor.ts'
import { addUser } from '../../src/accounts/add-user.ts'
import { createPrisma } from '../../src/db/prisma.ts'
import { PASSWORD, Visitor } from '../sign-in/sign-in-world.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'

let people = 0

export interface Member {
  userId: string
  email: string
  visitor: Visitor
}

export interface PortalWorld {
  readonly farebox: Farebox
  /** Somebody of that account, signed in. */
  member(accountId: string, role: MemberRole, name?: string): Promise<Member>
  /** One request through the gateway, to its end. */
  ask(customer: Customer, options?: { stream?: boolean; userAgent?: string }): Promise<void>
  close(): Promise<void>
}

/** A Farebox with people who look at its pages. */
export async function startPortalWorld(options: { workers?: boolean } = {}): Promise<PortalWorld> {
  const farebox = await startFarebox(options)
  const prisma = createPrisma(farebox.database.connectionString)
  return {
    farebox,
    async member(accountId, role, name = `${role} person`) {
      people += 1
      const email = `member-${people}@example.test`
      const membership = { accountId, role }
      const userId = await addUser(prisma, farebox.clock, {
        email,
        name,
        password: PASSWORD,
        staffRole: null,
        membership,
      })
      const visitor = new Visitor(farebox.url)
      const answer = await visitor.signIn(email)
      if (answer.status !== 303) throw new Error(`${email} could not sign in: ${answer.status}`)
      return { userId, email, visitor }
    },
    async ask({ client }, { stream = false, userAgent } = {}) {
      const headers = userAgent === undefined ? {} : { 'user-agent': userAgent }
      const body = { model: 'priced', messages: [{ role: 'user' as const, content: 'Hello' }] }
      if (stream) for await (const _ of await client.chat.completions.create({ ...body, stream: true }, { headers }));
      else await client.chat.completions.create(body, { headers })
    },
    async close() {
      await prisma.$disconnect()
      await farebox.close()
    },
  }
}

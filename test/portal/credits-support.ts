import type { MemberRole } from '../../src/accounts/actor.ts'
import { addUser } from '../../src/accounts/add-user.ts'
import { createPrisma } from '../../src/db/prisma.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import type { NewSeller } from '../../src/invoicing/seller-schema.ts'
import { DEMO_OPERATOR } from '../../src/sandbox/demo/demo-sellers.ts'
import { PASSWORD, Visitor } from '../sign-in/sign-in-world.ts'
import type { Customer, Farebox } from '../support/farebox.ts'

/** Somebody who is signed in and belongs to a customer's account. */
export interface Member {
  visitor: Visitor
  email: string
  userId: string
}

/** The one who sells in these tests: in Berlin, with a bank account. */
export function setUpSeller(farebox: Farebox, changes: Partial<NewSeller> = {}) {
  return writeSeller(farebox.pool, farebox.clock, null, { ...DEMO_OPERATOR, ...changes })
}

/** A person of an account, not signed in yet. */
export async function addMember(
  farebox: Farebox,
  { accountId }: Pick<Customer, 'accountId'>,
  role: MemberRole,
): Promise<{ email: string; userId: string }> {
  const prisma = createPrisma(farebox.database.connectionString)
  try {
    const email = `${crypto.randomUUID()}@example.test`
    const person = { email, name: 'Petra Person', password: PASSWORD, staffRole: null, membership: { accountId, role } }
    return { email, userId: await addUser(prisma, farebox.clock, person) }
  } finally {
    await prisma.$disconnect()
  }
}

/** The same, signed in by a browser without script. */
export async function memberOf(
  farebox: Farebox,
  customer: Pick<Customer, 'accountId'>,
  role: MemberRole = 'OWNER',
): Promise<Member> {
  const person = await addMember(farebox, customer, role)
  const visitor = new Visitor(farebox.url)
  const answer = await visitor.signIn(person.email)
  if (answer.status !== 303) throw new Error(`signing in was answered with ${answer.status}`)
  return { visitor, ...person }
}

/** What a hidden field of a page holds. */
export function hiddenField(html: string, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1]
  if (value === undefined) throw new Error(`there is no field '${name}'`)
  return value
}

/** A page as text: what is read of it, with single spaces. */
export function textOf(html: string): string {
  return html
    .replace(/<head>.*?<\/head>/s, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
}

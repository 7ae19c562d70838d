import type { Pool } from 'pg'
import { describeSecret } from '../../accounts/access-key-secret.ts'
import { addAccessKey } from '../../accounts/add-access-key.ts'
import { addUser } from '../../accounts/add-user.ts'
import { openAccount } from '../../accounts/open-account.ts'
import type { Prisma } from '../../db/prisma.ts'
import { addExchangeRate, exchangeRateOn } from '../../invoicing/exchange-rate.ts'
import { writeSeller } from '../../invoicing/seller.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Clock } from '../../lib/clock.ts'
import { NANO_PER_UNIT } from '../../money/nano.ts'
import type { DemoLogins } from './demo-logins.ts'
import { seedProfiles } from './demo-profiles.ts'
import { DEMO_OPERATOR, DEMO_RESELLER_SELLER } from './demo-sellers.ts'

/** Credits of one source expire a year after they came. */
const CREDITS_LAST_MS = 365 * 24 * 3_600_000

export const DEMO_RESELLER = 'northwind'

/** The sources of the demo's credits: fixed, so that seeding twice credits once. */
const CUSTOMER_GRANT = '019aa000-0000-7000-8000-000000000001'
const RESELLER_GRANT = '019aa000-0000-7000-8000-000000000002'
const RESELLER_CUSTOMER_GRANT = '019aa000-0000-7000-8000-000000000003'

export interface SeedDeps {
  pool: Pool
  prisma: Prisma
  ledger: Ledger
  clock: Clock
  currency: string
}

/** Accounts, people, keys and credits to try everything with. Each step finds what is there: it can run again. */
export async function seedDemo(deps: SeedDeps, logins: DemoLogins): Promise<void> {
  const { prisma, clock, currency } = deps
  const account = (kind: 'CUSTOMER' | 'RESELLER', name: string, slug: string, resellerId: string | null) =>
    openAccount(prisma, clock, { kind, name, slug, resellerId, currency, development: kind === 'CUSTOMER' })
  const customerId = await account('CUSTOMER', 'Acme Robotics', 'acme', null)
  const resellerId = await account('RESELLER', 'Northwind Cloud', DEMO_RESELLER, null)
  const resellerCustomerId = await account('CUSTOMER', 'Tailspin Toys', 'tailspin', resellerId)

  const owner = (accountId: string) => ({ accountId, role: 'OWNER' as const })
  const people = [
    { ...logins.operator, name: 'Olivia Operator', staffRole: 'ADMIN' as const, membership: null },
    { ...logins.finance, name: 'Felix Finance', staffRole: 'FINANCE' as const, membership: null },
    { ...logins.finance2, name: 'Frieda Finance', staffRole: 'FINANCE' as const, membership: null },
    { ...logins.support, name: 'Samuel Support', staffRole: 'SUPPORT' as const, membership: null },
    { ...logins.reseller, name: 'Rita Reseller', staffRole: null, membership: owner(resellerId) },
    { ...logins.customer, name: 'Carla Customer', staffRole: null, membership: owner(customerId) },
    { ...logins.resellerCustomer, name: 'Theo Tailspin', staffRole: null, membership: owner(resellerCustomerId) },
  ]
  for (const { email, password, name, staffRole, membership } of people) {
    await addUser(prisma, clock, { email, password, name, staffRole, membership })
  }

  const key = (accountId: string, secret: string) =>
    addAccessKey(prisma, clock, {
      accountId,
      projectName: 'Default',
      name: 'Demo key',
      secret: describeSecret(secret),
      scopes: ['inference', 'balance', 'purchase', 'billing'],
    })
  await key(customerId, logins.customer.accessKey)
  await key(resellerCustomerId, logins.resellerCustomer.accessKey)

  await writeSeller(deps.pool, clock, null, DEMO_OPERATOR)
  await writeSeller(deps.pool, clock, resellerId, DEMO_RESELLER_SELLER)

  await seedExchangeRate(deps)

  await seedProfiles(deps.pool, clock)

  await grant(deps, customerId, CUSTOMER_GRANT, 25n)
  await grant(deps, resellerId, RESELLER_GRANT, 100n)
  await grant(deps, resellerCustomerId, RESELLER_CUSTOMER_GRANT, 10n)
}

/** Both sellers owe their tax in euros: what the default currency is worth in it, so that their invoices say so. */
async function seedExchangeRate({ pool, clock, currency }: SeedDeps): Promise<void> {
  const date = new Date(clock.now()).toISOString().slice(0, 10)
  if (currency !== 'USD' || (await exchangeRateOn(pool, 'USD', 'EUR', date)) !== null) return
  await addExchangeRate(pool, clock, { from: 'USD', to: 'EUR', rate: '0.92310', date, source: 'demonstration' })
}

async function grant({ ledger, clock }: SeedDeps, accountId: string, sourceId: string, units: bigint): Promise<void> {
  await ledger.credit({
    accountId,
    amountNano: units * NANO_PER_UNIT,
    kind: 'GRANT',
    sourceId,
    promotional: true,
    expiresAt: clock.now() + CREDITS_LAST_MS,
    actorId: null,
    reason: 'Welcome credits',
  })
}

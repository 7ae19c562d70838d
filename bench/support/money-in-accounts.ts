import type pg from 'pg'
import { createAccessKeySecret } from '../../src/accounts/access-key-secret.ts'
import { addAccessKey } from '../../src/accounts/add-access-key.ts'
import { createPrisma } from '../../src/db/prisma.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { bookWithin } from '../../src/ledger/book-within.ts'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { NANO_PER_CENT } from '../../src/money/nano.ts'
import { ensureCustomer } from '../../src/orders/stripe/customer.ts'
import { savePaymentMethod } from '../../src/orders/stripe/payment-methods.ts'
import { enableTopUp } from '../../src/orders/top-up/change-top-up.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { inParallel } from './money-in-load.ts'
import type { Simulator } from './money-in-simulator.ts'

/** Accounts with a wallet and an owner, who is mailed to. */
export async function createAccounts(pool: pg.Pool, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidV7(systemClock))
  await pool.query(
    `INSERT INTO account (id, kind, name, slug, created_at)
     SELECT id, 'CUSTOMER', 'Bench', id::text, now() FROM unnest($1::uuid[]) AS id`,
    [ids],
  )
  await pool.query(
    `INSERT INTO wallet (account_id, entry_hash) SELECT id, decode($2, 'hex') FROM unnest($1::uuid[]) AS id`,
    [ids, GENESIS_HASH],
  )
  await pool.query(
    `WITH person AS (
       INSERT INTO "user" (id, email, name, created_at)
       SELECT gen_random_uuid(), id || '@example.test', 'Owner', now() FROM unnest($1::uuid[]) AS id RETURNING id, email
     )
     INSERT INTO membership (id, user_id, account_id, role, created_at)
     SELECT gen_random_uuid(), id, split_part(email, '@', 1)::uuid, 'OWNER', now() FROM person`,
    [ids],
  )
  return ids
}

/** An account that is charged as soon as it spends anything. */
export interface ToppedUpAccount {
  accountId: string
  accessKey: string
}

/** Its balance is the threshold itself, so that the first paid request takes it below. */
const THRESHOLD_MINOR = 1_000n
const TOP_UP_MINOR = 2_000n
const SET_UP_AT_ONCE = 8

/** Accounts with credit, a saved card that pays, automatic top-up and an access key. */
export async function createToppedUpAccounts(
  pool: pg.Pool,
  simulator: Simulator,
  connectionString: string,
  count: number,
): Promise<ToppedUpAccount[]> {
  const prisma = createPrisma(connectionString)
  const accounts: ToppedUpAccount[] = []
  try {
    await inParallel(await createAccounts(pool, count), SET_UP_AT_ONCE, async (accountId) => {
      const secret = createAccessKeySecret()
      await addAccessKey(prisma, systemClock, { accountId, projectName: 'Default', name: 'Bench', secret })
      await setUpTopUp(pool, simulator, accountId)
      accounts.push({ accountId, accessKey: secret.secret })
    })
  } finally {
    await prisma.$disconnect()
  }
  return accounts
}

async function setUpTopUp(pool: pg.Pool, { account: stripe }: Simulator, accountId: string): Promise<void> {
  const customer = await ensureCustomer({ pool, clock: systemClock, stripe }, accountId)
  const method = await stripe.api.paymentMethods.attach('pm_card_visa', { customer })
  await inTransaction(pool, async (client) => {
    await savePaymentMethod(client, systemClock, method)
    const amountNano = THRESHOLD_MINOR * NANO_PER_CENT
    const request = { kind: 'GRANT', promotional: false, expiresAt: null, actorId: null, reason: null } as const
    await bookWithin(client, systemClock, [
      { kind: 'credit', request: { ...request, accountId, amountNano, sourceId: uuidV7(systemClock) } },
    ])
  })
  await enableTopUp(
    {
      ...{ pool, clock: systemClock, nudge: () => undefined, currency: 'USD' },
      limits: { currency: 'USD', minimumMinor: 500n, maximumMinor: 1_000_000n },
    },
    {
      ...{ accountId, thresholdMinor: THRESHOLD_MINOR, amountMinor: TOP_UP_MINOR, paymentMethodId: method.id },
      ...{ dailyCapMinor: null, monthlyCapMinor: null, consentVersion: CONSENT_VERSION },
      actor: { actorId: accountId, actorKind: 'user', clientIp: null },
    },
  )
}

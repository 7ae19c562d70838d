import type pg from 'pg'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createAccounts } from './money-in-accounts.ts'

/** The operator as a German seller: what most documents look like. */
export async function setUpSeller(pool: pg.Pool): Promise<void> {
  await writeSeller(pool, systemClock, null, {
    legalName: 'Farebox Operations GmbH',
    address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
    vatId: 'DE136695976',
    email: 'billing@farebox.example',
    bank: { holder: 'Farebox Operations GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
    timeZone: 'Europe/Berlin',
  })
}

/** Accounts that have told where they are: every other in the seller's country, the rest in another member state. */
export async function createBuyers(pool: pg.Pool, count: number): Promise<string[]> {
  const accountIds = await createAccounts(pool, count)
  await pool.query(
    `INSERT INTO billing_profile (id, account_id, version, name, email, line1, city, postal_code, country, source, created_at)
     SELECT gen_random_uuid(), id, 1, 'Buyer ' || n, 'buyer' || n || '@example.test', 'Hauptstraße ' || n,
       CASE n % 2 WHEN 0 THEN 'Berlin' ELSE 'Paris' END, CASE n % 2 WHEN 0 THEN '10115' ELSE '75002' END,
       CASE n % 2 WHEN 0 THEN 'DE' ELSE 'FR' END, 'checkout', now()
     FROM unnest($1::uuid[]) WITH ORDINALITY AS account (id, n)`,
    [accountIds],
  )
  // Statistics as a database has them that was not filled a second ago.
  await pool.query('VACUUM ANALYZE')
  return accountIds
}

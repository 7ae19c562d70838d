import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import { OfficeError } from '../../../back-office/office-error.ts'
import { findAccountWithin } from '../../../back-office/scope.ts'
import { readSeller } from '../../../invoicing/seller.ts'
import type { View } from './acting.ts'

const RESELLERS_SHOWN_MAX = 500

/** Who issues invoices, with the numbers that they take: the operator, or a reseller. */
export const sellers: View = {
  may: 'change sellers',
  async read({ pool }, actor, { reseller }) {
    const resellerId = await whose(pool, actor, reseller)
    const seller = await readSeller(pool, resellerId)
    return {
      resellerId,
      seller,
      series: seller ? await seriesOf(pool, seller.id) : [],
      choices: await choices(pool, actor),
    }
  },
}

/**
 * Which seller is meant: a reseller's people mean their own.
 * @returns null = the operator
 * @throws OfficeError `seller_not_found`
 */
export async function whose(pool: Pool, actor: Actor, reseller: string | null | undefined): Promise<string | null> {
  if (actor.side === 'RESELLER') return actor.resellerId
  if (!reseller) return null
  const account = await findAccountWithin(pool, actor, reseller)
  if (account?.kind !== 'RESELLER') throw new OfficeError('seller_not_found')
  return account.id
}

async function seriesOf(pool: Pool, sellerId: string) {
  const { rows } = await pool.query(
    `SELECT kind, pattern, reset, year, last_number AS "lastNumber" FROM invoice_series WHERE seller_id = $1 ORDER BY kind`,
    [sellerId],
  )
  return rows
}

async function choices(pool: Pool, actor: Actor) {
  if (actor.side === 'RESELLER') return []
  const { rows } = await pool.query(
    `SELECT account.id, account.name, seller.id IS NOT NULL AS "isSetUp"
     FROM account LEFT JOIN seller ON seller.account_id = account.id
     WHERE account.kind = 'RESELLER' ORDER BY account.name, account.id LIMIT ${RESELLERS_SHOWN_MAX}`,
  )
  return rows
}

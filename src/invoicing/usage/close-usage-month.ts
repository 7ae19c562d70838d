import type { ClientBase } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { issueDocument } from '../issue-document.ts'
import { type Seller, sellerById } from '../seller.ts'
import { considerationOf } from './consideration.ts'
import { draftUsageInvoice } from './draft-usage-invoice.ts'
import { endOf } from './due-usage-months.ts'
import { startOf, type UsageMonth } from './usage-month.ts'

/** Whose month it is, and whose invoice. */
export interface MonthOfUse {
  readonly accountId: string
  readonly sellerId: string
  readonly month: UsageMonth
}

/** One order's vouchers until the month's end. Amounts in minor units and nano. */
interface UsedOrder {
  orderId: string
  lotId: string
  currency: string
  consumedNano: bigint
  amountMinor: bigint
}

interface UsedRow {
  order_id: string
  lot_id: string
  currency: string
  total_minor: string
  credit_nano: string
  consumed_nano: string
  told_nano: string
  invoiced_minor: string
}

const USED = `
  SELECT sold.id AS order_id, sold.lot_id, sold.currency, sold.total_minor, sold.credit_nano, used.nano AS consumed_nano,
         coalesce(told.nano, 0) AS told_nano, coalesce(told.minor, 0) AS invoiced_minor
  FROM (
    SELECT order_id, sum(consumed_nano) AS nano FROM voucher_use
    WHERE account_id = $1 AND seller_id = $2 AND at < $3 GROUP BY order_id
  ) used
  JOIN payment_order sold ON sold.id = used.order_id
  LEFT JOIN (
    SELECT order_id, max(consumed_nano) AS nano, sum(amount_minor) AS minor FROM usage_consideration
    WHERE account_id = $1 AND seller_id = $2 GROUP BY order_id
  ) told ON told.order_id = sold.id
  ORDER BY sold.paid_at DESC, sold.id DESC`

const REQUESTS = `
  SELECT count(DISTINCT request_id) AS requests FROM voucher_use
  WHERE account_id = $1 AND seller_id = $2 AND at >= $3 AND at < $4`

/**
 * Closes a month of an account in the caller's transaction: writes what its vouchers were used for and issues the invoice, which
 * takes its number last. A month that was closed before is left as it is; one without any use is closed without an invoice. The
 * months before it must be closed.
 * @throws InvoiceXmlError where the seller lacks what an e-invoice must say.
 */
export async function closeUsageMonth(
  client: ClientBase,
  clock: Clock,
  { accountId, sellerId, month }: MonthOfUse,
): Promise<'closed_before' | 'nothing_used' | 'invoiced'> {
  const whose = [accountId, sellerId]
  // Of two who close it at once, the second finds it closed.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('usage_period ' || $1 || $2, 0))`, whose)
  const known = await client.query(
    'SELECT FROM usage_period WHERE account_id = $1 AND seller_id = $2 AND month >= $3',
    [...whose, month],
  )
  if (known.rowCount !== 0) return 'closed_before'
  const seller = (await sellerById(client, sellerId)) as Seller
  const endedAt = endOf(seller.timeZone, month)
  const used = await usedUntil(client, accountId, sellerId, endedAt)
  const requests = await requestsWithin(client, whose, startOf(seller.timeZone, month), endedAt)
  const totalMinor = used.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  const currency = await currencyOf(client, accountId, used)
  await client.query(
    `INSERT INTO usage_period (account_id, seller_id, month, ended_at, currency, total_minor, requests, closed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [...whose, month, new Date(endedAt), currency, totalMinor, requests, new Date(clock.now())],
  )
  for (const { orderId, lotId, consumedNano, amountMinor } of used) {
    await client.query(
      `INSERT INTO usage_consideration (order_id, month, account_id, seller_id, lot_id, consumed_nano, amount_minor)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [orderId, month, ...whose, lotId, consumedNano, amountMinor],
    )
  }
  if (totalMinor === 0n) return 'nothing_used'
  const orderIds = used.map(({ orderId }) => orderId)
  const draft = await draftUsageInvoice(client, clock, {
    ...{ accountId, seller, month, currency, totalMinor, requests, orderIds },
  })
  const subject = { orderId: null, usageMonth: month, refundId: null, originalId: null }
  await issueDocument(client, clock, { sellerId, accountId, ...subject, draft })
  return 'invoiced'
}

/** The orders whose vouchers were used since they were last told of, those paid last first. */
async function usedUntil(client: ClientBase, accountId: string, sellerId: string, end: number): Promise<UsedOrder[]> {
  const { rows } = await client.query<UsedRow>(USED, [accountId, sellerId, new Date(end)])
  return rows
    .filter((row) => BigInt(row.consumed_nano) > BigInt(row.told_nano))
    .map((row) => {
      const sold = { paidMinor: BigInt(row.total_minor), creditNano: BigInt(row.credit_nano) }
      const consumedNano = BigInt(row.consumed_nano)
      const amountMinor = considerationOf(sold, consumedNano) - BigInt(row.invoiced_minor)
      return { orderId: row.order_id, lotId: row.lot_id, currency: row.currency, consumedNano, amountMinor }
    })
}

async function requestsWithin(client: ClientBase, whose: string[], from: number, to: number): Promise<bigint> {
  const { rows } = await client.query<{ requests: string }>(REQUESTS, [...whose, new Date(from), new Date(to)])
  return BigInt(rows[0]?.requests ?? 0)
}

/** Credits are in the currency of their wallet, and so is what was paid for them. */
async function currencyOf(client: ClientBase, accountId: string, used: readonly UsedOrder[]): Promise<string> {
  const { rows } = await client.query<{ currency: string }>('SELECT currency FROM wallet WHERE account_id = $1', [
    accountId,
  ])
  const currency = rows[0]?.currency
  if (currency === undefined || used.some((order) => order.currency !== currency)) {
    throw new Error(`account ${accountId} has vouchers in another currency than its wallet`)
  }
  return currency
}

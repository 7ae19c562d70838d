import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientBase } from 'pg'
import { type BillingProfile, recordBillingProfile } from '../../src/accounts/billing-profile.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { openDocumentStorage } from '../../src/invoicing/document-storage.ts'
import { type Seller, writeSeller } from '../../src/invoicing/seller.ts'
import type { NewSeller } from '../../src/invoicing/seller-schema.ts'
import { readSnapshot } from '../../src/invoicing/snapshot-json.ts'
import { issueUsageInvoices } from '../../src/invoicing/usage/issue-usage-invoices.ts'
import { formatInvoiceReport, verifyInvoices } from '../../src/invoicing/verify/verify-invoices.ts'
import { formatVerifyReport } from '../../src/ledger/verify/verify-ledger.ts'
import { openOrder } from '../../src/orders/open-order.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { taxOnOrder } from '../../src/orders/order-tax.ts'
import { payOrder } from '../../src/orders/pay-order.ts'
import { verifyBooks } from '../../src/verify-books.ts'
import { CENT, DAY_MS, openRefundWorld, type Purchase } from '../orders/refund-world.ts'

export const HOUR_MS = 3_600_000

export const SELLER: NewSeller = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  vatId: 'DE136695976',
  email: 'billing@farebox.example',
  timeZone: 'Europe/Berlin',
}

export const BERLIN: BillingProfile = {
  ...{ name: 'Erika Muster', email: 'erika@example.test', line1: 'Hauptstr. 1', line2: null, city: 'Berlin' },
  ...{ region: null, postalCode: '10115', country: 'DE', taxIdType: null, taxIdValue: null },
}

export type VoucherWorld = Awaited<ReturnType<typeof openVoucherWorld>>

/** A ledger with orders, refunds and disputes, and a seller whose credits are vouchers. */
export async function openVoucherWorld() {
  const world = await openRefundWorld()
  const { pool, clock, account, ledger } = world
  const directory = await mkdtemp(join(tmpdir(), 'farebox-vouchers-'))
  const storage = openDocumentStorage({ location: directory, credentials: null })
  const sell = (more: Partial<NewSeller> = {}, accountId: string | null = null): Promise<Seller> =>
    writeSeller(pool, clock, accountId, { ...SELLER, taxPoint: 'USAGE', ...more })
  await sell()

  const customer = async (profile: Partial<BillingProfile> | null = {}, resellerId?: string): Promise<string> => {
    const id = await account(0n, resellerId === undefined ? {} : { resellerId })
    if (profile !== null) await live(id, profile)
    return id
  }
  /** Where the account is from now on. */
  const live = (accountId: string, profile: Partial<BillingProfile>) =>
    inTransaction(pool, (client) =>
      recordBillingProfile(client, clock, accountId, { ...BERLIN, ...profile }, { source: 'portal', actorId: null }),
    )
  const inBooks = async <Result>(work: (client: ClientBase) => Promise<Result>) => {
    const client = await pool.connect()
    try {
      return await work(client)
    } finally {
      client.release()
    }
  }

  return {
    ...world,
    ...{ storage, sell, customer, live },

    /** An order as a face opens it, paid. */
    async buy(accountId: string, asked: Partial<Purchase> = {}): Promise<PaymentOrder> {
      const netMinor = asked.netMinor ?? 10_000n
      const { creditNano = netMinor * CENT, bonusNano = 0n } = asked
      return inTransaction(pool, async (client) => {
        const nothing = { packageId: null, planId: null, paymentMethodId: null, createdById: null, note: null }
        const opened = await openOrder(client, clock, {
          ...{ accountId, kind: 'CHECKOUT', state: 'AWAITING_PAYMENT', provider: 'STRIPE', livemode: false },
          ...{
            currency: 'USD',
            netMinor,
            ...(await taxOnOrder(client, clock, { accountId, currency: 'USD', netMinor })),
          },
          ...{ creditNano, bonusNano, ...nothing, expiresAt: null, cause: 'test' },
        })
        const cause = { cause: 'test', actorId: null }
        return payOrder(client, clock, opened, cause, { paymentIntentId: `pi_${opened.id}` })
      })
    },

    /** Lets time pass until more than an hour after the end of the running month, in Berlin as in UTC. */
    endMonth(): void {
      // Berlin is no more than two hours ahead.
      const now = new Date(clock.now() + 2 * HOUR_MS)
      clock.advance(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1, 2) - clock.now())
    },

    invoice: () => issueUsageInvoices({ pool, clock }),

    async documents(accountId: string): Promise<(DocumentSnapshot & { id: string })[]> {
      const { rows } = await pool.query<{ id: string; snapshot: unknown }>(
        'SELECT id, snapshot FROM tax_document WHERE account_id = $1 ORDER BY created_at, sequence',
        [accountId],
      )
      return rows.map(({ id, snapshot }) => ({ ...readSnapshot(snapshot), id }))
    },

    /** What of an order's vouchers was invoiced, a row a month. */
    async considerations(orderId: string): Promise<{ month: string; minor: bigint }[]> {
      const { rows } = await pool.query<{ month: string; minor: string }>(
        `SELECT to_char(month, 'YYYY-MM') AS month, amount_minor AS minor FROM usage_consideration WHERE order_id = $1 ORDER BY month`,
        [orderId],
      )
      return rows.map(({ month, minor }) => ({ month, minor: BigInt(minor) }))
    },

    async invoicedOf(orderId: string): Promise<bigint> {
      return (await this.considerations(orderId)).reduce((sum, { minor }) => sum + minor, 0n)
    },

    /** The verdicts of `ledger verify` and `invoices verify` together. */
    async verdict(): Promise<string> {
      const books = await inBooks((client) => verifyBooks(client))
      const invoices = await verifyInvoices({ pool, storage, clock })
      if (books.ok && invoices.ok) return 'clean'
      return [...(books.ok ? [] : [formatVerifyReport(books)]), ...formatInvoiceReport(invoices)].join('\n')
    },

    /** What an account of the general ledger comes to, credits above zero, in nano. */
    async journal(code: string, accountId: string): Promise<bigint> {
      const { rows } = await pool.query<{ nano: string }>(
        'SELECT coalesce(sum(credit_nano - debit_nano), 0) AS nano FROM journal_line WHERE account_code = $1 AND account_id = $2',
        [code, accountId],
      )
      return BigInt(rows[0]?.nano ?? 0)
    },

    async close(): Promise<void> {
      await world.close()
      await rm(directory, { recursive: true, force: true })
    },
    ...{ ledger, DAY_MS },
  }
}

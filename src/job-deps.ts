import type { JobDeps } from '../jobs/job-deps.ts'
import { dueExports, runExport } from './exports/run-export.ts'
import { askAboutDue } from './invoicing/ask-vat-register.ts'
import { documentFile, documentsToRender } from './invoicing/document-file.ts'
import { issueUsageInvoices } from './invoicing/usage/issue-usage-invoices.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Mailer } from './mail/mailer.ts'
import { deliverWebhook, dueDeliveries } from './notifications/deliver-webhook.ts'
import { gatherEvents } from './notifications/gather-events.ts'
import { tellLowBalances } from './notifications/low-balance.ts'
import type { PublicAgent } from './notifications/public-agent.ts'
import type { CashDesk } from './orders/cash-desk.ts'
import { queueExpiryNotices } from './orders/expiry-notices.ts'
import { invoiceLater } from './orders/invoice-later.ts'
import { expireManualOrders } from './orders/manual/expire-manual-orders.ts'
import { createRefundRuns } from './orders/refunds/run-refund.ts'
import { formatReconciliation, reconcile } from './orders/stripe/reconcile.ts'
import { stripeRefunds } from './orders/stripe/refund-provider.ts'
import { ordersToAsk, syncOrder } from './orders/stripe/sync-order.ts'
import { dueTopUps, runTopUp } from './orders/top-up/run-top-up.ts'
import { rollUpUsage } from './reports/usage-rollup.ts'

/** How webhooks are sent: what opens their secrets, and what they go through. */
export interface WebhookSending {
  secret: string
  agent: PublicAgent
}

/** The use cases that the jobs call, on what this process has. */
export function createJobDeps(desk: CashDesk, ledger: Ledger, mailer: Mailer, sending: WebhookSending): JobDeps {
  const { pool, clock, logger } = desk
  const report = (error: Error): void => logger.warn({ err: error }, 'a refund is tried again later')
  return {
    clock,
    logger,
    ledger,
    autoTopUp: { run: (accountId) => runTopUp(desk, accountId), due: (limit) => dueTopUps(desk, limit) },
    mail: mailer,
    refunds: createRefundRuns({ pool, clock, provider: stripeRefunds(desk.stripe), report }),
    orders: { sync: (orderId) => syncOrder(desk, orderId), due: (limit) => ordersToAsk(desk, limit) },
    documents: {
      render: (documentId) => documentFile(desk, documentId, 'pdf', null),
      due: (limit) => documentsToRender(desk, limit),
      issueMissing: () => invoiceLater({ pool, clock }),
    },
    exports: { run: (exportId) => runExport(desk, exportId), due: (limit) => dueExports(desk, limit) },
    notices: {
      // Hourly, which is how soon a register that could not answer is asked again.
      async queueExpiryNotices() {
        const queued = await queueExpiryNotices({ pool, clock })
        await askAboutDue(desk)
        return queued
      },
    },
    notifications: {
      tell: async () => [...(await tellLowBalances({ pool, clock })), ...(await gatherEvents({ pool, clock }))],
    },
    webhooks: {
      deliver: (deliveryId) => deliverWebhook({ pool, clock, ...sending }, deliveryId),
      due: (limit) => dueDeliveries({ pool, clock }, limit),
    },
    payments: {
      async reconcile() {
        await expireManualOrders({ pool, clock })
        const found = await reconcile(desk)
        for (const { subject, message } of found.unresolved) logger.error({ subject }, `reconciliation: ${message}`)
        logger.info(formatReconciliation(found)[0])
      },
    },
    rollup: { run: () => rollUpUsage({ pool, clock }) },
    usageInvoices: { issue: () => issueUsageInvoices({ pool, clock }) },
  }
}

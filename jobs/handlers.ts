import { runAutoTopUp, sweepAutoTopUps } from './auto-top-up.ts'
import { runDocument, sweepDocuments } from './document.ts'
import { queueExpiryNotices } from './expiry-notices.ts'
import { sweepExpiredCredits } from './expiry-sweep.ts'
import { runExportJob, sweepExports } from './export.ts'
import { reapHolds } from './hold-reaper.ts'
import type { JobHandlers } from './job-deps.ts'
import { runMail, sweepMails } from './mail.ts'
import { tellNotifications } from './notifications.ts'
import { runOrder } from './order.ts'
import { reconcilePayments } from './payment-reconciliation.ts'
import type { JobKind } from './queues.ts'
import { runRefund, sweepRefunds } from './refund.ts'
import { invoiceUsage } from './usage-invoices.ts'
import { rollUpUsage } from './usage-rollup.ts'
import { runWebhookDelivery, sweepWebhookDeliveries } from './webhook-delivery.ts'

/** Who does what, by kind. */
export const HANDLERS: Readonly<Record<JobKind, JobHandlers>> = {
  'auto-top-up': { row: runAutoTopUp, sweep: sweepAutoTopUps },
  mail: { row: runMail, sweep: sweepMails },
  refund: { row: runRefund, sweep: sweepRefunds },
  order: { row: runOrder },
  document: { row: runDocument, sweep: sweepDocuments },
  export: { row: runExportJob, sweep: sweepExports },
  'webhook-delivery': { row: runWebhookDelivery, sweep: sweepWebhookDeliveries },
  'hold-reaper': { sweep: reapHolds },
  'expiry-sweep': { sweep: sweepExpiredCredits },
  'expiry-notices': { sweep: queueExpiryNotices },
  notifications: { sweep: tellNotifications },
  'payment-reconciliation': { sweep: reconcilePayments },
  'usage-rollup': { sweep: rollUpUsage },
  'usage-invoices': { sweep: invoiceUsage },
}

import { runAutoTopUp, sweepAutoTopUps } from './auto-top-up.ts'
import { runDocument, sweepDocuments } from './document.ts'
import { queueExpiryNotices } from './expiry-notices.ts'
import { sweepExpiredCredits } from './expiry-sweep.ts'
import { runExportJob, sweepExports } from './export.ts'
import { reapHolds } from './hold-reaper.ts'
import type { JobHandlers } from './job-deps.ts'
import { runMail, sweepMails } from './mail.ts'
import { runOrder } from './order.ts'
import { reconcilePayments } from './payment-reconciliation.ts'
import type { JobKind } from './queues.ts'
import { runRefund, sweepRefunds } from './refund.ts'
import { rollUpUsage } from './usage-rollup.ts'

/** Who does what, by kind. */
export const HANDLERS: Readonly<Record<JobKind, JobHandlers>> = {
  'auto-top-up': { row: runAutoTopUp, sweep: sweepAutoTopUps },
  mail: { row: runMail, sweep: sweepMails },
  refund: { row: runRefund, sweep: sweepRefunds },
  order: { row: runOrder },
  document: { row: runDocument, sweep: sweepDocuments },
  export: { row: runExportJob, sweep: sweepExports },
  'hold-reaper': { sweep: reapHolds },
  'expiry-sweep': { sweep: sweepExpiredCredits },
  'expiry-notices': { sweep: queueExpiryNotices },
  'payment-reconciliation': { sweep: reconcilePayments },
  'usage-rollup': { sweep: rollUpUsage },
}

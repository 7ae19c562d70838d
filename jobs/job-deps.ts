import type { Ledger } from '../src/ledger/ledger.ts'
import type { Clock } from '../src/lib/clock.ts'
import type { Logger } from '../src/lib/logger.ts'
import type { Nudge } from '../src/lib/nudge.ts'

/**
 * The use cases that the jobs call. Each is safe to run twice, also at once in two processes: the row says what is
 * still to do. `due(limit)` names the rows that have something to do now, at most `limit` of them, most urgent first.
 */
export interface JobDeps {
  clock: Clock
  logger: Logger
  ledger: Pick<Ledger, 'reap' | 'sweepExpired'>
  autoTopUp: { run(accountId: string): Promise<unknown>; due(limit: number): Promise<string[]> }
  mail: { send(mailId: string): Promise<unknown>; due(limit: number): Promise<string[]> }
  refunds: { run(refundId: string): Promise<unknown>; due(limit: number): Promise<string[]> }
  /** Due are the open orders that the payment provider should be asked about. */
  orders: { sync(orderId: string): Promise<unknown>; due(limit: number): Promise<string[]> }
  /** `issueMissing` invoices what was paid before its seller was set up. */
  documents: {
    render(documentId: string): Promise<unknown>
    due(limit: number): Promise<string[]>
    issueMissing(): Promise<number>
  }
  /** Due are also the files whose time is over. */
  exports: { run(exportId: string): Promise<unknown>; due(limit: number): Promise<string[]> }
  notices: { queueExpiryNotices(): Promise<number> }
  /** Tells of low balances and writes events down; what it returns are deliveries to be made. */
  notifications: { tell(): Promise<string[]> }
  webhooks: { deliver(deliveryId: string): Promise<unknown>; due(limit: number): Promise<string[]> }
  payments: { reconcile(): Promise<unknown> }
  rollup: { run(): Promise<number> }
  /** Invoices the months of use that are over; what cannot be invoiced fails it once all else is done. */
  usageInvoices: { issue(): Promise<number> }
}

/** What a running job has in hand. */
export interface JobContext {
  deps: JobDeps
  nudge: Nudge
}

/** One kind's work: on one row, where it has rows, and its sweep, where it has one. */
export interface JobHandlers {
  row?(data: unknown, context: JobContext): Promise<void>
  sweep?(data: unknown, context: JobContext): Promise<void>
}

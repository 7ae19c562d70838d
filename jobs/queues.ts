import { z } from 'zod'
import type { Nudged } from '../src/lib/nudge.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A sweep's job asks for no second try: the next tick is one. */
const SWEEP_ATTEMPTS = 1

/** When a sweep runs: at every whole multiple of `everyMs` since 1970 (UTC), plus `offsetMs`. */
export interface SweepSchedule {
  /** Unique within the kind. */
  name: string
  everyMs: number
  /** Above 0, so that all processes agree on the instants; different ones, so that not all sweeps run at once. */
  offsetMs: number
  payload: object
}

export interface JobDefinition {
  /** What the job of one row is told; null for a kind that only sweeps. */
  payload: z.ZodType<Record<string, string>> | null
  /** What a sweep is told. */
  sweepPayload: z.ZodType
  /** Tries of one job, the first one included. */
  attempts: number
  /** The wait before the second try, doubled before each further one. */
  backoffMs: number
  /** Jobs of this kind at once in one process. */
  concurrency: number
  sweeps: readonly SweepSchedule[]
}

export const autoTopUpPayload = z.strictObject({ accountId: z.uuid() })
export const mailPayload = z.strictObject({ mailId: z.uuid() })
export const refundPayload = z.strictObject({ refundId: z.uuid() })
export const orderPayload = z.strictObject({ orderId: z.uuid() })
export const documentPayload = z.strictObject({ documentId: z.uuid() })
export const exportPayload = z.strictObject({ exportId: z.uuid() })
export const webhookDeliveryPayload = z.strictObject({ deliveryId: z.uuid() })
export const noPayload = z.strictObject({})
/** All payments of late, or only the orders that are still open. */
export const reconciliationPayload = z.strictObject({ scope: z.enum(['open', 'all']) })

/** A kind that works on one row at a time, and sweeps for what a lost nudge left undone: every minute, if not said otherwise. */
function ofRows(
  payload: z.ZodType<Record<string, string>>,
  numbers: { attempts: number; backoffMs: number; concurrency: number; sweepOffsetMs: number; sweepEveryMs?: number },
): JobDefinition {
  const { sweepOffsetMs, sweepEveryMs = MINUTE_MS, ...rest } = numbers
  return {
    ...rest,
    payload,
    sweepPayload: noPayload,
    sweeps: [{ name: 'sweep', everyMs: sweepEveryMs, offsetMs: sweepOffsetMs, payload: {} }],
  }
}

/** A kind without rows of its own: one at a time, on its schedule. */
function onlySweeping(everyMs: number, offsetMs: number): JobDefinition {
  return {
    payload: null,
    sweepPayload: noPayload,
    attempts: SWEEP_ATTEMPTS,
    backoffMs: SECOND_MS,
    concurrency: 1,
    sweeps: [{ name: 'sweep', everyMs, offsetMs, payload: {} }],
  }
}

export const JOB_KINDS = [
  'auto-top-up',
  'mail',
  'refund',
  'order',
  'document',
  'export',
  'webhook-delivery',
  'hold-reaper',
  'expiry-sweep',
  'expiry-notices',
  'notifications',
  'payment-reconciliation',
  'usage-rollup',
  'usage-invoices',
] as const
export type JobKind = (typeof JOB_KINDS)[number]

/**
 * All there is to know about each kind of job. A kind is a queue of its own, so that slow mail never holds up a top-up.
 * Tries are few and soon over: while a job waits for its next try, nudges for its row wait with it. Patience of hours is
 * the row's own business, which the sweep comes back to.
 */
export const JOBS: Readonly<Record<JobKind, JobDefinition>> = {
  'auto-top-up': ofRows(autoTopUpPayload, { attempts: 4, backoffMs: SECOND_MS, concurrency: 4, sweepOffsetMs: 5_000 }),
  // Mails and documents are written within the transactions that they tell of, which nudge nobody: their sweeps are quick.
  mail: ofRows(mailPayload, {
    ...{ attempts: 5, backoffMs: 2 * SECOND_MS, concurrency: 4 },
    ...{ sweepOffsetMs: 1_000, sweepEveryMs: 5 * SECOND_MS },
  }),
  document: ofRows(documentPayload, {
    ...{ attempts: 3, backoffMs: 2 * SECOND_MS, concurrency: 1 },
    ...{ sweepOffsetMs: 2_000, sweepEveryMs: 5 * SECOND_MS },
  }),
  export: ofRows(exportPayload, { attempts: 3, backoffMs: 2 * SECOND_MS, concurrency: 1, sweepOffsetMs: 47_000 }),
  // Its patience with receivers is the row's: only what is wrong on our side is tried again by the queue.
  'webhook-delivery': ofRows(webhookDeliveryPayload, {
    ...{ attempts: 3, backoffMs: 2 * SECOND_MS, concurrency: 8 },
    ...{ sweepOffsetMs: 3_500, sweepEveryMs: 5 * SECOND_MS },
  }),
  refund: ofRows(refundPayload, { attempts: 4, backoffMs: SECOND_MS, concurrency: 2, sweepOffsetMs: 17_000 }),
  order: {
    // Its sweep is the payment reconciliation of open orders.
    ...ofRows(orderPayload, { attempts: 4, backoffMs: SECOND_MS, concurrency: 4, sweepOffsetMs: 23_000 }),
    sweeps: [],
  },
  'hold-reaper': onlySweeping(10 * SECOND_MS, 3_000),
  'expiry-sweep': onlySweeping(MINUTE_MS, 29_000),
  'expiry-notices': onlySweeping(HOUR_MS, 7 * MINUTE_MS),
  // A balance that runs low is to be known while there is still some of it.
  notifications: onlySweeping(10 * SECOND_MS, 7_500),
  'payment-reconciliation': {
    ...onlySweeping(MINUTE_MS, 0),
    sweepPayload: reconciliationPayload,
    sweeps: [
      { name: 'open', everyMs: MINUTE_MS, offsetMs: 35_000, payload: { scope: 'open' } },
      // At night for most of Europe, and off the full hour, when everybody's reconciliations run.
      { name: 'all', everyMs: DAY_MS, offsetMs: 3 * HOUR_MS + 17 * MINUTE_MS, payload: { scope: 'all' } },
    ],
  },
  // It sums whole hours anew while requests of theirs may be under way: work that grows with the traffic.
  'usage-rollup': onlySweeping(10 * MINUTE_MS, 41_000),
  // A month is closed an hour after its end, in the zone of its seller: there is one somewhere at most full hours.
  'usage-invoices': onlySweeping(HOUR_MS, 11 * MINUTE_MS),
}

/** The two things that a job can be, by its name in the queue: the work on one row, or a sweep. */
export const ROW_JOB = 'row'
export const SWEEP_JOB = 'sweep'

/** Ids that one sweep takes up; what is beyond them is found by the next one. */
export const SWEPT_IDS_MAX = 500

/** Kept for people to see in the back office; older ones go. */
const FAILED_JOBS_KEPT_MAX = 500
const COMPLETED_JOBS_KEPT_MAX = 50

const RETENTION = {
  removeOnComplete: { count: COMPLETED_JOBS_KEPT_MAX },
  removeOnFail: { count: FAILED_JOBS_KEPT_MAX },
} as const

/**
 * Deduplication is by the row's id, and ends with the job: a nudge for a row whose job waits (or waits for its next try)
 * joins it; one that comes while the job runs leads to one more run after it; one after a failed job starts anew.
 */
export function rowJobOptions(kind: JobKind, rowId: string, jobId: string) {
  return {
    // Given by us, because numbers start anew in a queue that was lost, and PostgreSQL would need the right to create sequences.
    jobId,
    ...RETENTION,
    attempts: JOBS[kind].attempts,
    backoff: { type: 'exponential', delay: JOBS[kind].backoffMs },
    deduplication: { id: rowId, keepLastIfActive: true },
  }
}

export const SWEEP_JOB_OPTIONS = { ...RETENTION, attempts: SWEEP_ATTEMPTS } as const

/** The row that a nudge is about. */
export function nudgedRow(nudged: Nudged): { rowId: string; payload: Record<string, string> } {
  const { job: _, ...payload } = nudged
  return { rowId: Object.values(payload)[0] as string, payload }
}

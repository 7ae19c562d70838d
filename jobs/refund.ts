import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload, refundPayload, SWEPT_IDS_MAX } from './queues.ts'

/** Brings one refund to its end. */
export async function runRefund(data: unknown, { deps }: JobContext): Promise<void> {
  const { refundId } = parsePayload('refund', refundPayload, data)
  await deps.refunds.run(refundId)
}

/** Finds refunds that were asked for and not brought to their end. */
export async function sweepRefunds(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('refund', noPayload, data)
  for (const refundId of await deps.refunds.due(SWEPT_IDS_MAX)) nudge({ job: 'refund', refundId })
}

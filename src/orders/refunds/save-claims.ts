import type { ClientBase } from 'pg'
import { saveDispute } from '../disputes/dispute.ts'
import type { Claims } from './order-claims.ts'
import { saveRefund } from './refund.ts'

/** Writes every claim that is not as it was read. */
export async function saveClaims(client: ClientBase, before: Claims, after: Claims): Promise<void> {
  for (const refund of after.refunds) if (!before.refunds.includes(refund)) await saveRefund(client, refund)
  for (const dispute of after.disputes) if (!before.disputes.includes(dispute)) await saveDispute(client, dispute)
}

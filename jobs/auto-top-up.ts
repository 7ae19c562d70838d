import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { autoTopUpPayload, noPayload, SWEPT_IDS_MAX } from './queues.ts'

/** Tops up one account, if it still has to be. */
export async function runAutoTopUp(data: unknown, { deps }: JobContext): Promise<void> {
  const { accountId } = parsePayload('auto-top-up', autoTopUpPayload, data)
  await deps.autoTopUp.run(accountId)
}

/** Finds accounts under their threshold whose nudge was lost, or whose back-off is over. */
export async function sweepAutoTopUps(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('auto-top-up', noPayload, data)
  for (const accountId of await deps.autoTopUp.due(SWEPT_IDS_MAX)) nudge({ job: 'auto-top-up', accountId })
}

import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload } from './queues.ts'

/** Gives back the holds of dead processes and those past their deadline. */
export async function reapHolds(data: unknown, { deps }: JobContext): Promise<void> {
  parsePayload('hold-reaper', noPayload, data)
  await deps.ledger.reap()
}

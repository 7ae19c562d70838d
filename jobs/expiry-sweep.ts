import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload } from './queues.ts'

/** A sweep books a thousand wallets a round; more rounds than this are the next tick's. */
const ROUNDS_MAX = 200

/** Books the expiry of due credits in idle wallets. (A wallet that is spent from books its own.) */
export async function sweepExpiredCredits(data: unknown, { deps }: JobContext): Promise<void> {
  parsePayload('expiry-sweep', noPayload, data)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if ((await deps.ledger.sweepExpired()) === 0) return
  }
}

import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload } from './queues.ts'

/** Brings the rollups of usage up to date. */
export async function rollUpUsage(data: unknown, { deps }: JobContext): Promise<void> {
  parsePayload('usage-rollup', noPayload, data)
  await deps.rollup.run()
}

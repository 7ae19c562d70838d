import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { noPayload } from './queues.ts'

/** Writes the mails that say which credits expire soon; the mail job sends them. */
export async function queueExpiryNotices(data: unknown, { deps }: JobContext): Promise<void> {
  parsePayload('expiry-notices', noPayload, data)
  await deps.notices.queueExpiryNotices()
}

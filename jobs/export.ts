import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { exportPayload, noPayload, SWEPT_IDS_MAX } from './queues.ts'

/** Makes the file of one export, or removes it when its time is over. */
export async function runExportJob(data: unknown, { deps }: JobContext): Promise<void> {
  const { exportId } = parsePayload('export', exportPayload, data)
  await deps.exports.run(exportId)
}

/** Finds exports that wait, those whose worker died, and files whose time is over. */
export async function sweepExports(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('export', noPayload, data)
  for (const exportId of await deps.exports.due(SWEPT_IDS_MAX)) nudge({ job: 'export', exportId })
}

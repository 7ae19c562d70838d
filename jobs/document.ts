import type { JobContext } from './job-deps.ts'
import { parsePayload } from './parse-payload.ts'
import { documentPayload, noPayload, SWEPT_IDS_MAX } from './queues.ts'

/** Renders one invoice or credit note and keeps it. */
export async function runDocument(data: unknown, { deps }: JobContext): Promise<void> {
  const { documentId } = parsePayload('document', documentPayload, data)
  await deps.documents.render(documentId)
}

/** Finds documents that were not rendered yet, then issues what could not be issued when it was paid. */
export async function sweepDocuments(data: unknown, { deps, nudge }: JobContext): Promise<void> {
  parsePayload('document', noPayload, data)
  for (const documentId of await deps.documents.due(SWEPT_IDS_MAX)) nudge({ job: 'document', documentId })
  // Last: an order that cannot be invoiced fails this job, for people to see, and must not hold up the rendering.
  await deps.documents.issueMissing()
}

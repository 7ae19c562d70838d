import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../db/transaction.ts'
import type { Clock } from '../lib/clock.ts'
import type { Nudge } from '../lib/nudge.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { oncePerKey } from '../orders/idempotency.ts'
import { ExportError } from '../reports/export-error.ts'
import { accountId, rangeFields, readRange } from '../reports/export-range.ts'
import { USAGE_EXPORT_FORMATS } from '../reports/export-usage.ts'
import { eventFilters } from '../reports/usage/event-filters.ts'
import { ExportRefusal } from './export-refusal.ts'
import { EXPORT_KINDS, type ExportRequest, readExport } from './export-request.ts'

const DAY_MS = 86_400_000
/** A year with its leap day: whoever needs more asks twice. */
const RANGE_DAYS_MAX = 366
/** Of one account at once, so that nobody keeps the workers from everybody else. */
const OPEN_EXPORTS_MAX = 10

const request = z.strictObject({
  accountId,
  kind: z.enum(EXPORT_KINDS, { error: `must be one of ${EXPORT_KINDS.join(', ')}` }),
  format: z.enum(USAGE_EXPORT_FORMATS, { error: `must be one of ${USAGE_EXPORT_FORMATS.join(', ')}` }),
  ...rangeFields,
  /** Of a usage export. */
  filters: eventFilters.default({}),
  requestedBy: z.uuid(),
})
type Asked = z.output<typeof request>

export type NewExport = z.input<typeof request> & {
  /** Null = each call stands for itself. */
  idempotencyKey: string | null
}

export interface RequestDeps {
  pool: Pool
  clock: Clock
  nudge: Nudge
}

/**
 * Writes down that an account wants a file, and nudges the job that makes it. Times in milliseconds since the epoch, the
 * range half-open.
 *
 * @throws ExportError `invalid_request`; ExportRefusal `too_many_exports`; OrderError `idempotency_conflict`
 */
export async function requestExport(
  { pool, clock, nudge }: RequestDeps,
  { idempotencyKey: key, ...input }: NewExport,
): Promise<ExportRequest> {
  const asked = readRange(request, input)
  if (asked.to - asked.from > RANGE_DAYS_MAX * DAY_MS) {
    throw new ExportError('invalid_request', `to may be at most ${RANGE_DAYS_MAX} days after from.`, 'to')
  }
  if (asked.kind === 'STATEMENT' && asked.format !== 'csv') {
    throw new ExportError('invalid_request', 'format must be csv for a statement.', 'format')
  }
  if (asked.kind === 'STATEMENT' && Object.keys(asked.filters).length > 0) {
    throw new ExportError('invalid_request', 'filters must be left out for a statement.', 'filters')
  }
  const written = await inTransaction(pool, async (client) => {
    const { accountId: scopeId, requestedBy: _, ...body } = asked
    const call = { scopeId, verb: 'requestExport', key, body }
    const { resultId } = await oncePerKey(client, clock, call, () => open(client, clock, asked))
    return readExport(client, resultId)
  })
  if (written === null) throw new Error('an export that was just written is gone')
  if (written.state === 'PENDING') nudge({ job: 'export', exportId: written.id })
  return written
}

async function open(client: ClientBase, clock: Clock, asked: Asked): Promise<string> {
  // Two requests at once must not both find the last free place.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('export_request ' || $1, 0))`, [asked.accountId])
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM export_request WHERE account_id = $1 AND state IN ('PENDING', 'RUNNING')`,
    [asked.accountId],
  )
  if ((rows[0]?.count ?? 0) >= OPEN_EXPORTS_MAX) {
    const message = `${OPEN_EXPORTS_MAX} exports are being made for this account; wait until one of them is done.`
    throw new ExportRefusal('too_many_exports', message)
  }
  const id = uuidV7(clock)
  const range = [new Date(asked.from), new Date(asked.to)]
  await client.query(
    `INSERT INTO export_request (id, account_id, kind, format, range_from, range_to, state, requested_by, created_at, filters)
     VALUES ($1, $2, $3, $4, $5, $6, 'PENDING', $7, $8, $9)`,
    [id, asked.accountId, asked.kind, asked.format, ...range, asked.requestedBy, new Date(clock.now()), asked.filters],
  )
  return id
}

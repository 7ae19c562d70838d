import { Readable } from 'node:stream'
import type { ClientBase, Pool } from 'pg'
import { inTransaction } from '../db/transaction.ts'
import type { DocumentStorage } from '../invoicing/document-storage.ts'
import type { Clock } from '../lib/clock.ts'
import type { MailData } from '../mail/mail-templates.ts'
import { queueMail, queueMailToAccount } from '../mail/queue-mail.ts'
import { ExportError } from '../reports/export-error.ts'
import { EXPORT_CONTENT_TYPES } from './export-file.ts'
import { type ExportRequest, type ExportRow, exportOf, readExport } from './export-request.ts'
import { openExportSource } from './export-source.ts'
import { createRowMeter, type FileFigures } from './row-meter.ts'

const DAY_MS = 86_400_000
const KEPT_MS = 7 * DAY_MS
/** A run speaks every few thousand rows, which is seconds at worst; one that says nothing for so long is dead. */
export const SILENT_RUN_MS = 2 * 60_000
/** Some minutes of tries by the job and its sweep; or as many workers that died of it. */
const ATTEMPTS_MAX = 10

export interface ExportDeps {
  pool: Pool
  clock: Clock
  storage: DocumentStorage
}

/**
 * Brings one export to its next state. Safe to run twice, also at once:
 *
 * ```
 * PENDING ──run──▶ RUNNING ──▶ DONE ──7 days──▶ EXPIRED
 *    ▲                │  └───▶ FAILED  refused, or begun ten times in vain
 *    └── could not ───┘
 * ```
 *
 * A run is numbered when it begins, writes a file of its own, and may speak for the export only while its number is the
 * latest: a run that was given up for dead and still lives changes nothing.
 */
export async function runExport(deps: ExportDeps, exportId: string): Promise<void> {
  const taken = await takeRun(deps, exportId)
  if (!taken) return removeIfExpired(deps, exportId)
  if (taken.attempts > ATTEMPTS_MAX) return fail(deps, taken, 'The file could not be made. Please ask for it again.')
  try {
    await makeFile(deps, taken)
  } catch (error) {
    if (error instanceof ExportError) return fail(deps, taken, error.message)
    // Whoever else has it now, or has ended it, needs nothing from this run.
    if (!(await giveBack(deps, taken))) return
    await deps.storage.remove(keyOf(taken, taken.attempts))
    throw error
  }
  await removeFiles(deps, taken, taken.attempts - 1)
}

/** Exports that have something to do now: to be made, to be taken over from a dead run, or to be removed. */
export async function dueExports(
  { pool, clock }: Pick<ExportDeps, 'pool' | 'clock'>,
  limit: number,
): Promise<string[]> {
  const now = clock.now()
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM export_request
     WHERE state = 'PENDING' OR (state = 'RUNNING' AND heartbeat_at <= $2) OR (state = 'DONE' AND expires_at <= $1)
     ORDER BY created_at LIMIT $3`,
    [new Date(now), new Date(now - SILENT_RUN_MS), limit],
  )
  return rows.map(({ id }) => id)
}

/** Null = there is nothing to make, or somebody makes it. */
async function takeRun({ pool, clock }: ExportDeps, exportId: string): Promise<ExportRequest | null> {
  const now = clock.now()
  const { rows } = await pool.query<ExportRow>(
    `UPDATE export_request SET state = 'RUNNING', attempts = attempts + 1, heartbeat_at = $2, rows_done = 0, rows_total = NULL
     WHERE id = $1 AND (state = 'PENDING' OR (state = 'RUNNING' AND heartbeat_at <= $3)) RETURNING *`,
    [exportId, new Date(now), new Date(now - SILENT_RUN_MS)],
  )
  return rows[0] ? exportOf(rows[0]) : null
}

async function makeFile(deps: ExportDeps, taken: ExportRequest): Promise<void> {
  const { rowsTotal, content, close } = await openExportSource(deps.pool, taken)
  const meter = createRowMeter(taken.format, (rows) => sayAlive(deps, taken, rows, rowsTotal))
  const key = keyOf(taken, taken.attempts)
  try {
    await sayAlive(deps, taken, 0, rowsTotal)
    const file = Readable.from(meter.pass(content), { objectMode: false })
    await deps.storage.writeStream(key, file, EXPORT_CONTENT_TYPES[taken.format])
  } finally {
    close()
  }
  await finish(deps, taken, key, meter.figures())
}

/** Condition of every statement of a run: it is the latest one, and has not ended. */
const OWN_RUN = `id = $1 AND state = 'RUNNING' AND attempts = $2`

async function sayAlive(
  { pool, clock }: ExportDeps,
  { id, attempts }: ExportRequest,
  rows: number,
  rowsTotal: number,
): Promise<void> {
  const { rowCount } = await pool.query(
    `UPDATE export_request SET heartbeat_at = $3, rows_done = $4, rows_total = greatest($5::bigint, $4::bigint) WHERE ${OWN_RUN}`,
    [id, attempts, new Date(clock.now()), rows, rowsTotal],
  )
  if (rowCount !== 1) throw lost(id)
}

/** The file and the mail that tells of it are one fact. */
async function finish(
  { pool, clock }: ExportDeps,
  taken: ExportRequest,
  key: string,
  { rows, sizeBytes, sha256 }: FileFigures,
): Promise<void> {
  const { id, attempts, kind } = taken
  const finishedAt = clock.now()
  const expiresAt = new Date(finishedAt + KEPT_MS)
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE export_request SET state = 'DONE', rows_done = $3, rows_total = $3, size_bytes = $4, sha256 = $5, storage_key = $6,
         finished_at = $7, expires_at = $8 WHERE ${OWN_RUN}`,
      [id, attempts, rows, sizeBytes, sha256, key, new Date(finishedAt), expiresAt],
    )
    if (rowCount !== 1) throw lost(id)
    const what = kind === 'USAGE' ? 'usage export' : 'statement'
    await tellWhoAsked(client, clock, taken, { what, rows, expiresAt: expiresAt.toISOString(), path: `/exports/${id}` })
  })
}

/** Whoever asked, if they are still of the account; where a program asked, those who own the account or pay its bills. */
async function tellWhoAsked(
  client: ClientBase,
  clock: Clock,
  { id, accountId, requestedBy }: ExportRequest,
  data: MailData<'export-ready'>,
): Promise<void> {
  const dedupeKey = `export-ready:${id}`
  const { rows } = await client.query<{ email: string }>(
    `SELECT "user".email FROM membership JOIN "user" ON "user".id = user_id WHERE account_id = $1 AND user_id = $2`,
    [accountId, requestedBy],
  )
  const [person] = rows
  if (!person) return void (await queueMailToAccount(client, clock, accountId, 'export-ready', data, dedupeKey))
  await queueMail(client, clock, { accountId, recipient: person.email, template: 'export-ready', data, dedupeKey })
}

const lost = (id: string) => new Error(`export ${id} was taken over by another run`)

async function fail(deps: ExportDeps, taken: ExportRequest, message: string): Promise<void> {
  await deps.pool.query(`UPDATE export_request SET state = 'FAILED', error = $3, finished_at = $4 WHERE ${OWN_RUN}`, [
    taken.id,
    taken.attempts,
    message,
    new Date(deps.clock.now()),
  ])
  await removeFiles(deps, taken, taken.attempts)
}

/** So that the next try need not wait until this run counts as dead; false = it is not this run's any more. */
async function giveBack({ pool }: ExportDeps, { id, attempts }: ExportRequest): Promise<boolean> {
  const { rowCount } = await pool.query(`UPDATE export_request SET state = 'PENDING' WHERE ${OWN_RUN}`, [id, attempts])
  return rowCount === 1
}

/** The files go first: a crash between the two leaves a row that is still due. */
async function removeIfExpired(deps: ExportDeps, exportId: string): Promise<void> {
  const now = deps.clock.now()
  const found = await readExport(deps.pool, exportId)
  if (found?.state !== 'DONE' || found.expiresAt === null || found.expiresAt > now) return
  await removeFiles(deps, found, found.attempts)
  await deps.pool.query(
    `UPDATE export_request SET state = 'EXPIRED', storage_key = NULL WHERE id = $1 AND state = 'DONE'`,
    [exportId],
  )
}

/** One file a run, so that no run ever writes where another one reads. */
function keyOf({ accountId, id, format }: ExportRequest, attempt: number): string {
  return `exports/${accountId}/${id}.${attempt}.${format}`
}

async function removeFiles({ storage }: ExportDeps, of: ExportRequest, attempts: number): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) await storage.remove(keyOf(of, attempt))
}

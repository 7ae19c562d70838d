import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify/sync'
import { type Response, Router } from 'express'
import pg from 'pg'
import { PageError } from '../http/page-error.ts'
import { actorOfRequest } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import type { BackOffice } from './back-office.ts'
import { csvCells, csvHeader } from './csv-row.ts'
import { LinkReader } from './link-titles.ts'
import { readListAddress } from './list-address.ts'
import type { ListShape } from './list-shape.ts'
import { plainRow, type Row } from './read-rows.ts'
import { FilterError } from './sql/filter-condition.ts'
import { type Looking, mayLook, type Statement, wholeStatement } from './sql/list-query.ts'

/** Rows in memory at once. */
const ROWS_PER_FETCH = 1_000
/** A download of a million rows takes a while; one that hangs forever holds a connection and old row versions. */
const EXPORT_TIMEOUT_MS = 30 * 60_000
/** Exports of a process at once: each has a connection of its own. */
const EXPORTS_MAX = 3

/** Any list as CSV, with the filters of its address and what its reader may see: streamed, however long it is. */
export function exportRouter(offices: Record<string, BackOffice>, deps: AdminDeps): Router {
  const router = Router()
  let running = 0
  router.get('/data/export/:resource', async (request, response) => {
    const { actor } = actorOfRequest(request)
    const office = offices[actor.side]
    const list = office?.lists.get(request.params.resource.replace(/\.csv$/, ''))
    if (!office || !list || !mayLook(list, actor)) throw new PageError('not found')
    const looking = { actor, now: deps.clock.now() }
    let statement: Statement
    try {
      const { filters, sort } = readListAddress(list, looking, request.query)
      statement = wholeStatement(list, looking, filters, sort)
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      return void response.status(400).json({ message: error.message })
    }
    if (running >= EXPORTS_MAX) {
      return void response
        .status(503)
        .set('retry-after', '30')
        .json({ message: 'Other exports are running. Try again soon.' })
    }
    running += 1
    try {
      await sendCsv(response, { list, office, looking, statement, deps })
    } finally {
      running -= 1
    }
  })
  return router
}

interface CsvExport {
  list: ListShape
  office: BackOffice
  looking: Looking
  statement: Statement
  deps: AdminDeps
}

async function sendCsv(response: Response, { list, office, looking, statement, deps }: CsvExport): Promise<void> {
  const client = new pg.Client({
    ...{ connectionString: deps.connectionString, application_name: 'farebox export' },
    statement_timeout: EXPORT_TIMEOUT_MS,
  })
  // A lost connection fails the statement under way; unheard, it would end the process.
  client.on('error', (error) => deps.logger.warn({ error: error.message }, 'an export lost its connection'))
  await client.connect()
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(`DECLARE exported NO SCROLL CURSOR FOR ${statement.text}`, statement.values)
    const rows = await fetchRows(client)
    const day = new Date(looking.now).toISOString().slice(0, 10)
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${list.definition.id}-${day}.csv"`,
    })
    // Half a file must not look like a whole one: what fails on the way ends the connection.
    await pipeline(
      Readable.from(csvText({ list, office, looking, statement, deps }, client, rows), { objectMode: false }),
      response,
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function fetchRows(client: pg.Client): Promise<Row[]> {
  const { rows } = await client.query<Record<string, unknown>>(`FETCH FORWARD ${ROWS_PER_FETCH} FROM exported`)
  return rows.map(plainRow)
}

/** @param first rows that were fetched before anything was sent, so that a refusal of the database is one */
async function* csvText(
  { list, office, looking, deps }: CsvExport,
  client: pg.Client,
  first: Row[],
): AsyncGenerator<string> {
  const links = new LinkReader(client, office, looking)
  yield stringify([csvHeader(list, looking.actor)])
  for (let rows = first; rows.length > 0; rows = rows.length < ROWS_PER_FETCH ? [] : await fetchRows(client)) {
    const titles = await links.titles(list, rows)
    yield stringify(rows.map((row) => csvCells(list, looking.actor, row, titles, deps.currency)))
  }
}

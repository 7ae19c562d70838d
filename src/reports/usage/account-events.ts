import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { accountId, rangeFields } from '../export-range.ts'
import { readAsked, uuid } from '../report-request.ts'
import { bindValues } from '../sql/bind-values.ts'
import { inSnapshot } from '../statement-read.ts'
import { ID_SLACK_MS, idFloor } from '../usage-extent.ts'
import { eventFilters } from './event-filters.ts'
import { END_OF_IDS, findRanges } from './event-ranges.ts'
import { type Generation, type GenerationRow, generationOf } from './generation.ts'
import { eventsWithin, type IdRange, ONE_EVENT } from './sql/read-events.ts'

/** More are for exports. */
const EVENTS_MAX = 1_000
/** Searches for one page: each looks at as many hours as may hold a page; what is rarer still comes with the next page. */
const SEARCHES_MAX = 10

const request = z.strictObject({
  accountId,
  filters: eventFilters
    .extend({ from: rangeFields.from.optional(), to: rangeFields.to.optional() })
    .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
      path: ['to'],
      error: 'must be later than from',
    })
    .default({}),
  cursor: z.guid({ error: 'must be a cursor that was given' }).toLowerCase().nullable().default(null),
  limit: z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(EVENTS_MAX, { error: `must be at most ${EVENTS_MAX}` }),
})

export interface EventPage {
  /** The newest first, by the time in their ids. */
  readonly events: readonly Generation[]
  /** Where the next page begins; null = this is the last. A page may be short, or empty, and still not be the last. */
  readonly next: string | null
}

/**
 * The requests of one account, page by page: whatever arrives meanwhile neither repeats nor hides a row. The caller has to
 * see to it that the reader may read this account.
 *
 * @throws ExportError `invalid_request`, naming the field at fault
 */
export async function accountEvents({ pool }: { pool: Pool }, input: z.input<typeof request>): Promise<EventPage> {
  const asked = readAsked(request, input)
  return inSnapshot(pool, async (client) => {
    await client.query('SET LOCAL jit = off')
    const rows: GenerationRow[] = []
    const wanted = asked.limit + 1
    const whole = wholeOf(asked)
    let to: string | null = whole.to
    for (let search = 0; search < SEARCHES_MAX && to !== null && rows.length < wanted; search += 1) {
      const { ranges, downTo } = await findRanges(
        client,
        asked.accountId,
        asked.filters,
        { from: whole.from, to },
        wanted,
      )
      rows.push(...(await readRows(client, asked, ranges, wanted - rows.length)))
      to = downTo
    }
    const events = rows.slice(0, asked.limit).map(generationOf)
    return { events, next: rows.length > asked.limit ? (events.at(-1)?.id ?? null) : to }
  })
}

/**
 * One request of an account; null = there is none that this account may see.
 * @throws ExportError `invalid_request`, for an account that is no id
 */
export async function readGeneration(
  { pool }: { pool: Pool },
  account: string,
  id: string,
): Promise<Generation | null> {
  const { accountId: of } = readAsked(z.strictObject({ accountId }), { accountId: account })
  const asked = uuid.safeParse(id)
  if (!asked.success) return null
  const { rows } = await pool.query<GenerationRow>(ONE_EVENT, [of, asked.data])
  return rows[0] ? generationOf(rows[0]) : null
}

type Asked = z.output<typeof request>

/** The ids that requests of the asked time can have, below the cursor. */
function wholeOf({ filters: { from, to }, cursor }: Asked): IdRange {
  const end = to === undefined ? END_OF_IDS : idFloor(to + ID_SLACK_MS)
  return {
    from: idFloor(from === undefined ? 0 : from - ID_SLACK_MS),
    to: cursor !== null && cursor < end ? cursor : end,
  }
}

async function readRows(
  client: ClientBase,
  asked: Asked,
  ranges: readonly IdRange[],
  limit: number,
): Promise<GenerationRow[]> {
  if (ranges.length === 0) return []
  const values = bindValues()
  const statement = eventsWithin(asked.accountId, asked.filters, ranges, limit, values)
  const { rows } = await client.query<GenerationRow>(statement, values.values)
  return rows
}

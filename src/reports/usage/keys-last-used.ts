import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { HOUR_MS } from '../hours.ts'
import { readMark } from '../rollup-mark.ts'
import { inSnapshot } from '../statement-read.ts'
import { ID_SLACK_MS, idFloor } from '../usage-extent.ts'

/** Sums are made every ten minutes; what is younger is looked for among the events themselves. */
const UNSUMMED_MS = 30 * 60_000

/** `$1` the account, `$2` the keys. */
const LAST_HOURS = `SELECT access_key_id AS id, max(hour) AS hour FROM usage_rollup
  WHERE account_id = $1 AND access_key_id = ANY ($2::uuid[]) GROUP BY access_key_id`

/** `$1` the account, `$2` keys, `$3` from which id on, `$4` and up to which, a stretch for each key. */
const NEWEST = `
  SELECT one.id, newest.created_at AS at FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS one (id, first, after) CROSS JOIN LATERAL (
    SELECT created_at FROM usage_event u
    WHERE u.account_id = $1 AND u.id >= one.first AND u.id < one.after AND u.access_key_id = one.id ORDER BY u.id DESC LIMIT 1
  ) newest`

/**
 * When some keys of an account made their last request, in milliseconds since the epoch; keys that never did are left out.
 * One that came just now may be missing for as long as it is under way.
 */
export async function keysLastUsed(
  { pool, clock }: { pool: Pool; clock: Clock },
  accountId: string,
  keyIds: readonly string[],
): Promise<Map<string, number>> {
  if (keyIds.length === 0) return new Map()
  return inSnapshot(pool, async (client) => {
    const { mark, isCurrent } = await readMark(client)
    const now = clock.now()
    // Where sums are behind, everything that they do not hold is looked through.
    const openFrom = mark && isCurrent ? idFloor(now - UNSUMMED_MS) : (mark?.floor ?? idFloor(0))
    return lastOf(client, accountId, keyIds, openFrom, idFloor(now + ID_SLACK_MS))
  })
}

async function lastOf(
  client: ClientBase,
  accountId: string,
  keyIds: readonly string[],
  openFrom: string,
  openTo: string,
): Promise<Map<string, number>> {
  const { rows: hours } = await client.query<{ id: string; hour: Date }>(LAST_HOURS, [accountId, keyIds])
  const stretches = [
    ...keyIds.map((id) => ({ id, from: openFrom, to: openTo })),
    ...hours.map(({ id, hour }) => ({
      id,
      from: idFloor(hour.getTime() - ID_SLACK_MS),
      to: idFloor(hour.getTime() + HOUR_MS + ID_SLACK_MS),
    })),
  ]
  const { rows } = await client.query<{ id: string; at: Date }>(NEWEST, [
    accountId,
    stretches.map(({ id }) => id),
    ...[stretches.map(({ from }) => from), stretches.map(({ to }) => to)],
  ])
  const last = new Map<string, number>()
  for (const { id, at } of rows) last.set(id, Math.max(last.get(id) ?? 0, at.getTime()))
  return last
}

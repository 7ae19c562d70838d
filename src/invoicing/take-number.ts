import type { ClientBase } from 'pg'
import { writeNumber } from './document-number.ts'
import type { DocumentKind } from './document-snapshot.ts'

export interface TakenNumber {
  seriesId: string
  year: number
  sequence: bigint
  number: string
}

/** One statement takes the number: the row stays locked until the caller commits, and a rollback gives the number back. */
const TAKE = `
  UPDATE invoice_series SET
    year = greatest(year, $3),
    last_number = CASE WHEN reset = 'YEARLY' AND year < $3 THEN 1 ELSE last_number + 1 END
  WHERE seller_id = $1 AND kind = $2
  RETURNING id, pattern, year, last_number`

/**
 * Takes the next number of a series in the caller's transaction, without a gap: take it last, with nothing slow after it,
 * for everybody else who issues waits.
 * @param year of the issue date; never before that of the last number
 */
export async function takeNumber(
  client: ClientBase,
  sellerId: string,
  kind: DocumentKind,
  year: number,
): Promise<TakenNumber> {
  const { rows } = await client.query<{ id: string; pattern: string; year: number; last_number: string }>({
    name: 'take_number',
    text: TAKE,
    values: [sellerId, kind, year],
  })
  const [row] = rows
  if (!row) throw new Error(`seller ${sellerId} has no series of ${kind}`)
  const sequence = BigInt(row.last_number)
  return { seriesId: row.id, year: row.year, sequence, number: writeNumber(row.pattern, row.year, sequence) }
}

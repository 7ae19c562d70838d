import type { ClientBase, Pool } from 'pg'
import { BROKEN_BALANCES } from './sql/read-statement.ts'
import type { Statement } from './statement.ts'
import { inSnapshot, readStatementWithin, type StatementFrame } from './statement-read.ts'

/** Enough to see what is wrong; the first is where it began. */
const BROKEN_ENTRIES_MAX = 20

/** Two figures that must be the same and are not, in nano. */
export interface StatementDifference {
  /** Which promise is broken, and where. */
  readonly what: string
  readonly expectedNano: bigint
  readonly foundNano: bigint
}

/**
 * Proves a statement, however long ago it was read, in itself and against the ledger of now: nothing is returned while it
 * opens with the entry before it, adds up line by line, says what the entries say, closes with its last entry, and, where
 * nothing was booked since, closes with the wallet.
 *
 * @throws ExportError `account_not_found`, `too_many_lines`
 */
export function checkStatement({ pool }: { pool: Pool }, statement: Statement): Promise<StatementDifference[]> {
  const { accountId, from, to, timeZone } = statement
  return inSnapshot(pool, async (client) => {
    const { statement: now, frame } = await readStatementWithin(client, { accountId, from, to, timeZone })
    return [
      ...againstItself(statement),
      ...againstEntries(statement, now),
      ...againstBalances(statement, frame),
      ...(await brokenBalances(client, accountId, frame)),
    ]
  })
}

function differing(what: string, expectedNano: bigint, foundNano: bigint): StatementDifference[] {
  return expectedNano === foundNano ? [] : [{ what, expectedNano, foundNano }]
}

function againstItself({ openingNano, lines, closingNano, totals }: Statement): StatementDifference[] {
  let balanceNano = openingNano
  const differences = lines.flatMap((line, index) => {
    balanceNano += line.amountNano
    return differing(
      `the balance after line ${index + 1} (${line.day}, ${line.type})`,
      balanceNano,
      line.balanceAfterNano,
    )
  })
  const summedNano = totals.reduce((sum, { amountNano }) => sum + amountNano, openingNano)
  return [
    ...differences,
    ...differing('the closing balance is the opening balance and the lines', balanceNano, closingNano),
    ...differing('the closing balance is the opening balance and the totals', summedNano, closingNano),
  ]
}

function againstEntries(statement: Statement, now: Statement): StatementDifference[] {
  const count = Math.max(statement.lines.length, now.lines.length)
  return Array.from({ length: count }, (_, index) => {
    const [said, booked] = [statement.lines[index], now.lines[index]]
    const what = `line ${index + 1} (${(said ?? booked)?.day}, ${(said ?? booked)?.type})`
    return differing(`${what} is what was booked`, booked?.amountNano ?? 0n, said?.amountNano ?? 0n)
  }).flat()
}

function againstBalances({ openingNano, closingNano }: Statement, frame: StatementFrame): StatementDifference[] {
  const { beforeSeq, lastSeq, headSeq } = frame
  return [
    ...differing(`the opening balance is that after entry ${beforeSeq}`, frame.openingNano, openingNano),
    ...differing(`the closing balance is that after entry ${lastSeq}`, frame.closingNano, closingNano),
    ...(lastSeq === headSeq
      ? differing('the closing balance is that of the wallet', frame.walletNano, closingNano)
      : []),
  ]
}

async function brokenBalances(
  client: ClientBase,
  accountId: string,
  { beforeSeq, lastSeq }: StatementFrame,
): Promise<StatementDifference[]> {
  const { rows } = await client.query<{ seq: string; expected_nano: string; found_nano: string }>(BROKEN_BALANCES, [
    ...[accountId, beforeSeq, lastSeq, BROKEN_ENTRIES_MAX],
  ])
  return rows.map((row) => ({
    what: `the balance after entry ${row.seq} is that before it and its amount`,
    expectedNano: BigInt(row.expected_nano),
    foundNano: BigInt(row.found_nano),
  }))
}

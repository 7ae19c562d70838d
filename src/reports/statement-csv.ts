import { centsFloor, type Nano } from '../money/nano.ts'
import { csvChunks, fixedDecimal, neutral } from './csv.ts'
import type { Statement, StatementLine } from './statement.ts'

const HEADER = [
  ...['date', 'time', 'type', 'description', 'requests', 'order_reference', 'document_number'],
  ...['amount', 'balance_after', 'balance_after_2_digits', 'currency'],
]

/**
 * The statement as CSV in UTF-8: the opening balance, a line a movement, the closing balance. Dates are of the statement's
 * zone, times in UTC (ISO 8601). Amounts are exact decimals of nine digits; the balance also comes with two, rounded down.
 */
export function writeStatementCsv(statement: Statement): AsyncIterable<Buffer> {
  return csvChunks(HEADER, rows(statement))
}

function* rows(statement: Statement): Generator<string[]> {
  const { currency, from, to, openingNano, closingNano, lines } = statement
  yield balanceRow('Opening balance', from, from, openingNano, statement)
  for (const line of lines) yield lineRow(line, currency)
  yield balanceRow('Closing balance', to - 1, to, closingNano, statement)
}

function lineRow(line: StatementLine, currency: string): string[] {
  const { at, day, type, description, requests, orderReference, documentNumber, amountNano, balanceAfterNano } = line
  return [
    ...[day, new Date(at).toISOString(), type, neutral(description), requests?.toString() ?? ''],
    ...[neutral(orderReference), neutral(documentNumber)],
    ...[fixedDecimal(amountNano), fixedDecimal(balanceAfterNano), twoDigits(balanceAfterNano), currency],
  ]
}

/** @param within an instant of the day that it is dated with: the end of a period is no longer in it */
function balanceRow(
  type: string,
  within: number,
  at: number,
  balanceNano: Nano,
  { currency, timeZone }: Statement,
): string[] {
  const figures = ['', fixedDecimal(balanceNano), twoDigits(balanceNano), currency]
  return [dayIn(timeZone, within), new Date(at).toISOString(), type, '', '', '', '', ...figures]
}

/** Whole cents, rounded down, so that nobody reads credit that is not there. */
function twoDigits(nano: Nano): string {
  const cents = centsFloor(nano)
  const magnitude = cents < 0n ? -cents : cents
  return `${cents < 0n ? '-' : ''}${magnitude / 100n}.${(magnitude % 100n).toString().padStart(2, '0')}`
}

/** The date of an instant in a zone, such as 2026-11-21. */
export function dayIn(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

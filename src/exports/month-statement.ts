import type { ClientBase, Pool } from 'pg'
import { readBillingProfile } from '../accounts/billing-profile.ts'
import { InvoicingError } from '../invoicing/invoicing-error.ts'
import { sellerTo } from '../invoicing/seller.ts'
import type { Clock } from '../lib/clock.ts'
import { ExportError } from '../reports/export-error.ts'
import type { Statement } from '../reports/statement.ts'
import { writeStatementCsv } from '../reports/statement-csv.ts'
import type { StatementParty } from '../reports/statement-pdf.ts'
import { monthPeriod } from '../reports/statement-period.ts'
import { readStatement } from '../reports/statement-read.ts'
import { ExportRefusal } from './export-refusal.ts'

export const STATEMENT_FORMATS = ['csv', 'pdf'] as const
export type StatementFormat = (typeof STATEMENT_FORMATS)[number]

const CONTENT_TYPES: Readonly<Record<StatementFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  pdf: 'application/pdf',
}
const MONTH = /^(20\d\d|21\d\d)-(0[1-9]|1[0-2])$/

export interface StatementFile {
  content: AsyncIterable<Buffer>
  contentType: string
  /** Such as `statement-2026-11.pdf`. */
  name: string
}

export interface StatementDeps {
  pool: Pool
  clock: Clock
}

/**
 * The statement of one account for a calendar month in UTC, such as `2026-11`. The month that runs is stated as far as it
 * has come.
 *
 * @throws ExportError `invalid_request`, `account_not_found`, `too_many_lines`; ExportRefusal `month_not_found`;
 *   InvoicingError `seller_not_set_up` for a PDF, which says who it is from
 */
export async function monthStatement(
  { pool, clock }: StatementDeps,
  accountId: string,
  month: string,
  format: StatementFormat,
): Promise<StatementFile> {
  const period = await periodOf(pool, clock, accountId, month)
  const statement = await readStatement({ pool }, { accountId, ...period })
  const content = format === 'csv' ? writeStatementCsv(statement) : [await asPdf(pool, statement)]
  return { content: streamed(content), contentType: CONTENT_TYPES[format], name: `statement-${month}.${format}` }
}

async function periodOf(pool: Pool, clock: Clock, accountId: string, month: string) {
  const [, year, number] = MONTH.exec(month) ?? []
  if (year === undefined || number === undefined) {
    throw new ExportError(
      'invalid_request',
      `'${month.slice(0, 20)}' is no month: expected one such as 2026-11.`,
      'month',
    )
  }
  const period = monthPeriod(Number(year), Number(number))
  if (period.from > clock.now()) {
    throw new ExportRefusal('month_not_found', `${month} has not begun yet.`, 'month')
  }
  const { rows } = await pool.query<{ created_at: Date }>('SELECT created_at FROM account WHERE id = $1', [accountId])
  const openedAt = rows[0]?.created_at
  if (!openedAt) throw new ExportError('account_not_found', 'There is no such account.', 'accountId')
  if (period.to <= openedAt.getTime()) {
    const first = openedAt.toISOString().slice(0, 7)
    throw new ExportRefusal(
      'month_not_found',
      `The account was opened in ${first}: there is no earlier statement.`,
      'month',
    )
  }
  return period
}

async function* streamed(content: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* content
}

async function asPdf(pool: Pool, statement: Statement): Promise<Buffer> {
  const { accountId, accountName } = statement
  const { renderStatementPdf } = await import('../reports/statement-pdf.ts')
  return renderStatementPdf(
    statement,
    await sellerParty(pool, accountId),
    await buyerParty(pool, accountId, accountName),
  )
}

async function sellerParty(client: ClientBase | Pool, accountId: string): Promise<StatementParty> {
  const seller = await sellerTo(client, accountId)
  if (!seller) {
    const message = 'No seller is set up yet, whose name a PDF bears; the CSV needs none.'
    throw new InvoicingError('seller_not_set_up', message)
  }
  const { legalName, address, vatId, taxNumber, email } = seller
  return {
    name: legalName,
    addressLines: addressLines(address),
    taxId: vatId ?? taxNumber ?? null,
    email: email ?? null,
  }
}

async function buyerParty(client: ClientBase | Pool, accountId: string, accountName: string): Promise<StatementParty> {
  const profile = await readBillingProfile(client, accountId)
  if (!profile) return { name: accountName, addressLines: [], taxId: null, email: null }
  const { name, taxIdValue: taxId, email } = profile
  return { name: name ?? accountName, addressLines: addressLines(profile), taxId, email }
}

interface Address {
  line1?: string | null
  line2?: string | null
  postalCode?: string | null
  city?: string | null
  region?: string | null
  country?: string | null
}

function addressLines({ line1, line2, postalCode, city, region, country }: Address): string[] {
  const place = [postalCode, city].filter(Boolean).join(' ')
  return [line1, line2, place, region, country].filter((line): line is string => !!line)
}

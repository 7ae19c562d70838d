import { expect, test } from 'vitest'
import { type Movement, type Statement, statementLines, statementTotals } from '../../src/reports/statement.ts'
import { renderStatementPdf, type StatementParty } from '../../src/reports/statement-pdf.ts'

const SELLER: StatementParty = {
  name: 'Farebox Operations GmbH',
  addressLines: ['Torstraße 1', '10119 Berlin', 'Germany'],
  taxId: 'DE123456789',
  email: 'billing@farebox.example',
}
const BUYER: StatementParty = {
  name: 'Łódź & Söhne <b>',
  addressLines: ['ул. Ленина 1', 'Αθήνα'],
  taxId: null,
  email: null,
}

function statementOf(lines: number): Statement {
  const from = Date.UTC(2026, 0, 1)
  const movements = Array.from({ length: lines }, (_, index): Movement => {
    const at = from + index * 3_600_000
    const isUsage = index > 0
    return {
      ...{ at, day: new Date(at).toISOString().slice(0, 10), kind: isUsage ? 'USAGE_DEBIT' : 'PURCHASE' },
      ...{ orderReference: isUsage ? null : 'RF12000123', documentNumber: isUsage ? null : 'FB-2026-000001' },
      ...{ requests: isUsage ? 12n : null, amountNano: isUsage ? -123_456_789n : 1_000_000_000_000n },
      ...{ reason: isUsage ? null : 'Order RF12000123, $1,000.00', isOfOrder: false },
    }
  })
  const openingNano = 5_000_000_001n
  const booked = statementLines(openingNano, movements)
  return {
    ...{
      accountId: '01980000-0000-7000-8000-000000000001',
      accountName: 'Test',
      currency: 'USD',
      timeZone: 'Europe/Berlin',
    },
    ...{ from, to: Date.UTC(2026, 1, 1), openingNano, lines: booked, totals: statementTotals(booked) },
    closingNano: booked.at(-1)?.balanceAfterNano ?? openingNano,
  }
}

const pages = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length

test('the same statement gives the same bytes, and another one others', async () => {
  const [first, again, other] = await Promise.all([
    renderStatementPdf(statementOf(40), SELLER, BUYER),
    renderStatementPdf(statementOf(40), SELLER, BUYER),
    renderStatementPdf(statementOf(41), SELLER, BUYER),
  ])
  expect(again.equals(first)).toBe(true)
  expect(other.equals(first)).toBe(false)
  expect(first.subarray(0, 8).toString()).toBe('%PDF-1.7')
})

test.each([
  [0, 1],
  [20, 1],
  [40, 2],
  [500, 12],
])('a statement of %i lines has %i pages', async (lines, count) => {
  expect(pages(await renderStatementPdf(statementOf(lines), SELLER, BUYER))).toBe(count)
})

test('names of any length and address lines of any number leave the table on the first page', async () => {
  const endless = {
    ...BUYER,
    name: 'x'.repeat(10_000),
    addressLines: Array.from({ length: 400 }, () => 'y'.repeat(300)),
  }
  expect(pages(await renderStatementPdf(statementOf(5), SELLER, endless))).toBe(1)
})

test('a statement of more lines than anybody prints is refused as a PDF', async () => {
  await expect(renderStatementPdf(statementOf(2_001), SELLER, BUYER)).rejects.toMatchObject({ code: 'too_many_lines' })
})

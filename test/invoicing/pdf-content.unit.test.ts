import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { renderDocument } from '../../src/invoicing/pdf/render-document.ts'
import { createFormats } from '../../templates/invoice/v1/formats.ts'
import { WORDS } from '../../templates/invoice/v1/words.ts'
import { DOCUMENTS, documentOf, lineOf } from './document-fixtures.ts'

// The first use of a font reads it from disk, and a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const hasPdftotext = spawnSync('pdftotext', ['-v']).error === undefined
if (!hasPdftotext)
  console.warn('SKIPPED: pdftotext (poppler-utils) is not on this machine; nobody read what the pages say.')

const folder = mkdtempSync(path.join(tmpdir(), 'farebox-pdf-'))
afterAll(() => rmSync(folder, { recursive: true }))

const render = (snapshot: DocumentSnapshot) => renderDocument({ snapshot, xml: '<x/>', logo: null })

/** What each page says, in the order of the eye; all spaces are one. */
async function pagesOf(snapshot: DocumentSnapshot): Promise<string[]> {
  const file = path.join(folder, 'document.pdf')
  writeFileSync(file, await render(snapshot))
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8', maxBuffer: 10_000_000 })
  return text.split('\f').slice(0, -1).map(oneSpaced)
}

const oneSpaced = (text: string) => text.replace(/\s+/g, ' ')
const wholeOf = async (snapshot: DocumentSnapshot) => (await pagesOf(snapshot)).join(' ')

describe.skipIf(!hasPdftotext)('what is on the page', () => {
  test.each(Object.entries(DOCUMENTS))('%s says what it is, its sums and its rates', async (_name, snapshot) => {
    const { language, currency, kind, number, issueDate, seller, taxes } = snapshot
    const words = WORDS[language]
    const formats = createFormats(language, currency)
    const text = await wholeOf(snapshot)
    const sums = [snapshot.netMinor, snapshot.taxMinor, snapshot.totalMinor].map(formats.money)
    const groups = taxes.flatMap((group) => [formats.amount(group.netMinor), formats.amount(group.taxMinor)])
    for (const part of [words.title[kind], number, formats.day(issueDate), seller.legalName, ...sums, ...groups]) {
      expect(text).toContain(oneSpaced(part))
    }
    for (const { exemptionReason } of taxes) if (exemptionReason !== null) expect(text).toContain(exemptionReason)
  })

  test('a paid invoice is its own receipt, and asks for nothing', async () => {
    const text = await wholeOf(DOCUMENTS.domesticByTransfer)
    expect(text).toContain('Bezahlt · 20. November 2026')
    expect(text).toContain('Per Überweisung bezahlt am 20. November 2026.')
    expect(text).not.toContain('IBAN')
  })

  test('an unpaid invoice says where to pay how much, and does not call itself paid', async () => {
    const text = await wholeOf(DOCUMENTS.partlyPaid)
    expect(text).toContain('DE89 3704 0044 0532 0130 00')
    expect(text).toContain('69,00 €')
    expect(text).toContain(DOCUMENTS.partlyPaid.payment.reference)
    expect(text).not.toContain('Pagado ·')
  })

  test('a credit note names the invoice that it corrects and asks for no payment', async () => {
    const text = await wholeOf(DOCUMENTS.creditNoteToPay)
    expect(text).toMatch(/Corrects .*FB-2026-000042.*dated .*21 November 2026/)
    expect(text).toContain('Still to refund')
    expect(text).not.toContain('IBAN')
  })

  test('an amount of any size is there to the last digit', async () => {
    const lines = [lineOf({ quantity: 1_000_000n, unitNetMinor: 987_654_321_99n })]
    const text = await wholeOf(documentOf({ lines, currency: 'USD', language: 'de' }))
    expect(text).toContain('987.654.321.990.000,00')
    expect(text).toContain('−1.175.308.643.168.100,00 USD')
    expect(text).not.toContain('…')
  })

  test('both parties are there with the ids that the tax office asks for', async () => {
    const text = await wholeOf(DOCUMENTS.reverseCharge)
    for (const part of ['DE136695976', 'FR40303265045', '75002 Paris', 'France', 'HRB 123456 B', 'Reverse charge']) {
      expect(text).toContain(part)
    }
  })

  test('a paid document without VAT id, bank or address leaves no gaps behind labels', async () => {
    const text = await wholeOf(DOCUMENTS.bare)
    expect(text).not.toMatch(/null|undefined|NaN|Your reference|Register/)
  })

  test('500 lines are all there, once, under the heads of their columns, on numbered pages', async () => {
    const pages = await pagesOf(DOCUMENTS.manyLines)
    expect(pages.length).toBeGreaterThan(10)
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`)
      expect(page).toContain('Amount (EUR)')
      expect(page).toContain('FB-2026-000042')
    }
    const numbers = [...pages.join(' ').matchAll(/Usage of model (\d+)/g)].map(([, number]) => Number(number))
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1))
  })

  test('markup, controls and letters of other scripts are shown as the text that they are', async () => {
    const text = await wholeOf(DOCUMENTS.strangeTexts)
    for (const part of [
      '<Müller> & "Söhne" \'KG\' ]]>',
      '<!-- -->',
      '東京都渋谷区',
      'API 额度 ? ?',
      'Bell, null, escape and',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toContain('one two three four')
    expect((text.match(/L/g) ?? []).length).toBeGreaterThanOrEqual(300)
  })

  test.each([
    ['Ελληνική Εταιρεία ΑΕ'],
    ['ТОВ «Київ-Їжак» Ґрунт'],
    ['Công ty Trách nhiệm Hữu hạn Việt Nam'],
    ['Žluťoučký kůň, Łódź, Þórr, Øresund, Ĳssel, Ștefan'],
    ['株式会社さくら東京'],
    ['주식회사 한국전자'],
  ])('a name such as %s can be found in the file', async (name) => {
    const text = await wholeOf({ ...DOCUMENTS.domestic, buyer: { ...DOCUMENTS.domestic.buyer, name } })
    expect(text.replaceAll(' ', '')).toContain(name.normalize('NFC').split(' ')[0])
  })

  test('a text longer than a page goes on, under the heads of the columns', async () => {
    const description = Array.from({ length: 900 }, (_, index) => `w${index}`).join(' ')
    const pages = await pagesOf(documentOf({ lines: [lineOf({ description })] }))
    expect(pages.length).toBeGreaterThan(1)
    expect(pages[1]).toContain('Amount (EUR)')
    const found = [...pages.join(' ').matchAll(/\bw(\d+)\b/g)].map(([, number]) => Number(number))
    expect(found).toEqual(Array.from({ length: 900 }, (_, index) => index))
  })
})

test('every language has every word', () => {
  for (const words of Object.values(WORDS)) expect(JSON.stringify(words)).not.toMatch(/:""/)
  expect(new Set(Object.values(WORDS).map((words) => Object.keys(words.units).join())).size).toBe(1)
})

test('no text can stop a document, whatever its fields hold', async () => {
  const anything = fc.string({ unit: 'binary', maxLength: 400 })
  await fc.assert(
    fc.asyncProperty(anything, anything, anything, async (name, description, reference) => {
      const { buyer } = DOCUMENTS.domestic
      const address = { ...buyer.address, line1: description, city: reference }
      const lines = [lineOf({ name, description })]
      const pdf = await render(documentOf({ lines, notes: [reference], buyer: { ...buyer, name, reference, address } }))
      expect(pdf.toString('latin1', 0, 8)).toBe('%PDF-1.7')
      expect(pdf.toString('latin1').trimEnd().endsWith('%%EOF')).toBe(true)
    }),
    { numRuns: 25 },
  )
})

import { execFileSync } from 'node:child_process'
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { DOCUMENT_LANGUAGES } from '../../src/invoicing/document-snapshot.ts'
import { type ProFormaDocument, renderProFormaDocument } from '../../src/invoicing/pdf/render-pro-forma.ts'
import { PRO_FORMA_WORDS } from '../../templates/invoice/v1/pro-forma-words.ts'
import { GERMAN_BUYER, GERMAN_SELLER } from '../invoicing/document-fixtures.ts'
import { textOfPdf } from './manual-pdf-text.ts'

const BANK = {
  holder: 'Farebox Operations GmbH',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  name: 'Commerzbank',
}
const PAYLOAD = 'BCD\n002\n1\nSCT\n\nFarebox\nDE89370400440532013000\nEUR1190.00\n\nRF73FB00000042'

const ASKED: ProFormaDocument = {
  ...{ language: 'en', orderNumber: 42n, status: 'open', createdAt: Date.UTC(2026, 10, 21, 9) },
  ...{ issuedOn: '2026-11-21', dueOn: '2026-12-21', seller: GERMAN_SELLER, bank: BANK, logo: null },
  ...{ buyer: GERMAN_BUYER, currency: 'EUR' },
  lines: [{ kind: 'CREDITS', creditMinor: 100_000n, packageName: null, netMinor: 100_000n }],
  tax: { category: 'S', rateBps: 1_900, exemptionReason: null, notes: [] },
  ...{ netMinor: 100_000n, taxMinor: 19_000n, totalMinor: 119_000n, receivedMinor: 0n, openMinor: 119_000n },
  ...{ printedReference: 'RF73 FB00 0000 42', epcPayload: PAYLOAD },
}
const render = (more: Partial<ProFormaDocument> = {}) => renderProFormaDocument({ ...ASKED, ...more })
/** All spaces, and the ends of lines, are one. */
const read = async (more: Partial<ProFormaDocument>) => textOfPdf(await render(more)).replace(/\s+/g, ' ')

/** Everything that is drawn on the pages, as the file has it. */
function drawingsOf(pdf: Buffer): string {
  const streams = pdf.toString('latin1').matchAll(/stream\n([\s\S]*?)\nendstream/g)
  const packed = [...streams].flatMap(([, data = '']) => (data.startsWith('x') ? [Buffer.from(data, 'latin1')] : []))
  return packed.map((data) => inflateSync(data).toString('latin1')).join('\n')
}
const shapesOf = (pdf: Buffer) => drawingsOf(pdf).match(/ re$/gm)?.length ?? 0

describe('a pro-forma in PDF', () => {
  test.each(DOCUMENT_LANGUAGES)(
    'says in %s what it is and is not, by when to pay, and its tax rate',
    async (language) => {
      const words = PRO_FORMA_WORDS[language]
      const text = await read({ language })
      for (const part of [words.title, words.notAnInvoice, words.statement, words.whatFollows, words.scan]) {
        expect(text).toContain(part.replace(/\s+/g, ' '))
      }
      expect(text).toContain(
        { en: '21 December 2026', de: '21. Dezember 2026', fr: '21 décembre 2026', es: '21 de diciembre de 2026' }[
          language
        ],
      )
      expect(text).toContain({ en: 'VAT 19%', de: 'USt. 19 %', fr: 'TVA 19 %', es: 'IVA 19 %' }[language])
      expect(text).toContain(
        { en: 'Page 1 of 1', de: 'Seite 1 von 1', fr: 'Page 1 sur 1', es: 'Página 1 de 1' }[language],
      )
      expect(text).toContain('RF73 FB00 0000 42')
    },
  )

  test('is an archive file that holds no e-invoice, as it is no invoice', async () => {
    const file = (await render()).toString('latin1')
    expect(file).toContain('<pdfaid:part>3</pdfaid:part>')
    expect(file).toContain('<pdfaid:conformance>B</pdfaid:conformance>')
    expect(file).toContain('/Type /OutputIntent')
    for (const absent of ['factur-x', '/EmbeddedFile', '/AF ', 'fx:DocumentType']) expect(file).not.toContain(absent)
  })

  test('shows its code as shapes, and none where there is nothing to scan', async () => {
    const [scanned, bare] = [await render(), await render({ epcPayload: null })]
    expect(shapesOf(scanned) - shapesOf(bare)).toBeGreaterThan(200)
    expect(scanned.toString('latin1')).not.toContain('/Subtype /Image')
    const changed = await render({ epcPayload: PAYLOAD.replace('1190.00', '1190.01') })
    expect(drawingsOf(changed)).not.toBe(drawingsOf(scanned))
  })

  test('gives the same bytes in another process, in another time zone', async () => {
    const renderer = new URL('../../src/invoicing/pdf/render-pro-forma.ts', import.meta.url).href
    const json = JSON.stringify(ASKED, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
    const script = `
      const { renderProFormaDocument } = await import('${renderer}')
      const proForma = JSON.parse(${JSON.stringify(json)}, (_key, value) => /^\\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value)
      process.stdout.write(await renderProFormaDocument(proForma))`
    const options = { env: { ...process.env, TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8' }, maxBuffer: 10_000_000 }
    const there = execFileSync(process.execPath, ['--input-type=module', '-e', script], options)
    expect(there.equals(await render())).toBe(true)
  })

  test('names what came in and what is left, and asks for the rest alone', async () => {
    const text = await read({ receivedMinor: 19_000n, openMinor: 100_000n })
    expect(text).toMatch(/Received/)
    expect(text).toMatch(/Still to pay/)
    expect(text).toContain('Amount €1,000.00')
  })

  test('whose tax is known by its amount alone names no rate', async () => {
    const text = await read({ tax: null })
    expect(text).not.toContain('%')
    expect(text).toContain('€190.00')
  })

  test('with nothing left to pay names no bank, and promises no credits', async () => {
    for (const status of ['paid', 'canceled'] as const) {
      const text = await read({ language: 'de', status, openMinor: 0n, epcPayload: null })
      expect(text).toContain(PRO_FORMA_WORDS.de.nothingToPay[status])
      expect(text).not.toContain('IBAN')
      expect(text).not.toContain(PRO_FORMA_WORDS.de.whatFollows)
    }
  })

  test('loses none of what the law has it say, however long, and numbers its pages then', async () => {
    const notes = Array.from(
      { length: 12 },
      (_, index) => `Note ${index}: ${'a sentence of the law '.repeat(8)}ends ${index}.`,
    )
    const text = await read({ tax: { category: 'AE', rateBps: 0, exemptionReason: 'Reverse charge applies.', notes } })
    expect(text).toContain('Reverse charge applies.')
    for (const index of notes.keys()) expect(text).toContain(`ends ${index}.`)
    expect(text).toContain('Page 2 of 2')
  })

  test('shows people as they write themselves, from right to left and in Chinese characters', async () => {
    const pdf = await render({
      buyer: { ...GERMAN_BUYER, name: '株式会社サンプル', address: { ...GERMAN_BUYER.address, line1: 'שלום' } },
    })
    const text = textOfPdf(pdf).replace(/\s+/g, '')
    expect(text).toContain('株式会社サンプル')
    expect(text).toMatch(/שלום|םולש/)
  })
})

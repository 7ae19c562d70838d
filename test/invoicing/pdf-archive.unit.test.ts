import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inflateSync } from 'node:zlib'
import { zlibSync } from 'fflate'
import { describe, expect, test, vi } from 'vitest'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { renderDocument } from '../../src/invoicing/pdf/render-document.ts'
import { DOCUMENTS } from './document-fixtures.ts'

// The first use of a font reads it from disk, and a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n<rsm:CrossIndustryInvoice>Köln & 東京</rsm:CrossIndustryInvoice>'
const render = (snapshot: DocumentSnapshot) => renderDocument({ snapshot, xml: XML, logo: null })

interface PdfObject {
  readonly dictionary: string
  readonly stream: Buffer | null
  /** The stream as it is in the file, where it is packed. */
  readonly packed: Buffer | null
}

/** The objects of a file that has no object streams, with what their streams hold. */
function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const objects = new Map<string, PdfObject>()
  const text = pdf.toString('latin1')
  for (const match of text.matchAll(/(?<=^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [, id = '', body = ''] = match
    const [dictionary = '', ...rest] = body.split('\nstream\n')
    const data = Buffer.from(rest.join('\nstream\n').replace(/\nendstream$/, ''), 'latin1')
    const isPacked = dictionary.includes('/FlateDecode')
    objects.set(id, {
      dictionary,
      stream: rest.length === 0 ? null : isPacked ? inflateSync(data) : data,
      packed: isPacked ? data : null,
    })
  }
  return objects
}

const named = (objects: Map<string, PdfObject>, pattern: RegExp) =>
  [...objects.values()].filter(({ dictionary }) => pattern.test(dictionary))

function referred(objects: Map<string, PdfObject>, dictionary: string, key: string): PdfObject {
  const id = new RegExp(`/${key} \\[?(\\d+) 0 R`).exec(dictionary)?.[1] ?? ''
  const object = objects.get(id)
  if (object === undefined) throw new Error(`No /${key} in ${dictionary}`)
  return object
}

/** The glyphs that a page shows, as numbers in its fonts. */
function glyphsShown(objects: Map<string, PdfObject>): number[] {
  const pages = named(objects, /\/Type \/Page\b/).map(({ dictionary }) => referred(objects, dictionary, 'Contents'))
  const strings = pages.flatMap(({ stream }) => [...(stream?.toString('latin1') ?? '').matchAll(/<([0-9a-f]+)>/g)])
  return strings.flatMap(([, hex = '']) => (hex.match(/.{4}/g) ?? []).map((digits) => Number.parseInt(digits, 16)))
}

const TRUE_TYPE = ['\u0000\u0001\u0000\u0000', 'true']

/** The advance of each glyph of a TrueType program, in thousandths of an em. */
function widthsIn(program: Buffer): number[] {
  const tables = new Map<string, number>()
  for (let index = 0; index < program.readUInt16BE(4); index += 1) {
    const record = 12 + index * 16
    tables.set(program.toString('latin1', record, record + 4), program.readUInt32BE(record + 8))
  }
  const at = (tag: string) => tables.get(tag) ?? Number.NaN
  const unitsPerEm = program.readUInt16BE(at('head') + 18)
  const count = program.readUInt16BE(at('hhea') + 34)
  const advances = Array.from({ length: count }, (_, index) => program.readUInt16BE(at('hmtx') + index * 4))
  return advances.map((advance) => (advance * 1000) / unitsPerEm)
}

describe.each(Object.entries(DOCUMENTS))('the PDF/A-3b file of %s', (_name, snapshot) => {
  const file = render(snapshot)

  test('names its part and conformance, and its profile, in metadata that is not packed', async () => {
    const [metadata] = named(objectsOf(await file), /\/Type \/Metadata/)
    const xmp = metadata?.stream?.toString('utf8') ?? ''
    expect(metadata?.dictionary).not.toContain('/Filter')
    expect(xmp).toContain('<pdfaid:part>3</pdfaid:part>')
    expect(xmp).toContain('<pdfaid:conformance>B</pdfaid:conformance>')
    for (const [name, value] of [
      ['DocumentType', 'INVOICE'],
      ['DocumentFileName', 'factur-x.xml'],
      ['Version', '1.0'],
      ['ConformanceLevel', 'EN 16931'],
    ]) {
      expect(xmp).toContain(`<fx:${name}>${value}</fx:${name}>`)
      expect(xmp).toContain(`<pdfaProperty:name>${name}</pdfaProperty:name>`)
    }
  })

  test('has the XML inside, unchanged, as an alternative to what is shown', async () => {
    const objects = objectsOf(await file)
    const [catalog] = named(objects, /\/Type \/Catalog/)
    const specification = referred(objects, catalog?.dictionary ?? '', 'AF').dictionary
    expect(specification).toContain('/AFRelationship /Alternative')
    expect(specification).toContain('/UF (factur-x.xml)')
    const embedded = referred(objects, specification, 'F')
    expect(embedded.dictionary).toContain('/Subtype /text#2Fxml')
    expect(embedded.dictionary).toContain('/ModDate')
    expect(embedded.stream?.toString('utf8')).toBe(XML)
  })

  test('says which colours it means', async () => {
    const objects = objectsOf(await file)
    const [intent] = named(objects, /\/Type \/OutputIntent/)
    const profile = referred(objects, intent?.dictionary ?? '', 'DestOutputProfile')
    expect(intent?.dictionary).toContain('/S /GTS_PDFA1')
    expect(profile.stream?.toString('latin1', 36, 40)).toBe('acsp')
    expect(profile.stream?.toString('latin1', 16, 20)).toBe('RGB ')
  })

  test('carries every font that it uses, and shows no glyph that stands for a missing one', async () => {
    const objects = objectsOf(await file)
    const fonts = named(objects, /\/Type \/Font\n/)
    const whole = fonts.filter(({ dictionary }) => dictionary.includes('/Subtype /Type0'))
    const parts = fonts.filter(({ dictionary }) => dictionary.includes('/Subtype /CIDFontType2'))
    expect(whole.length).toBeGreaterThan(0)
    expect(parts.length).toBe(whole.length)
    expect(fonts.length).toBe(2 * whole.length)
    for (const { dictionary } of parts) {
      const descriptor = referred(objects, dictionary, 'FontDescriptor').dictionary
      const program = referred(objects, descriptor, 'FontFile2').stream ?? Buffer.alloc(0)
      expect(TRUE_TYPE).toContain(program.toString('latin1', 0, 4))
      // ISO 19005-3, 6.2.11.5: the widths in the file are those of the font.
      const stated = (/\/W \[0 \[([\d. ]+)\]\]/.exec(dictionary)?.[1] ?? '').trim().split(/\s+/).map(Number)
      const own = widthsIn(program)
      // Parts of which other glyphs are made have no width of their own.
      expect(stated.length).toBeGreaterThan(1)
      expect(stated.length).toBeLessThanOrEqual(own.length)
      // Glyph 0 stands for missing ones and is never shown.
      for (const [index, width] of [...stated.entries()].slice(1))
        expect(Math.abs(width - (own[index] ?? Number.NaN))).toBeLessThan(1)
    }
    const shown = glyphsShown(objects)
    expect(shown.length).toBeGreaterThan(100)
    expect(shown).not.toContain(0)
  })

  test('has an id, and neither encryption, nor scripts, nor anything outside of itself', async () => {
    const objects = objectsOf(await file)
    const text = (await file).toString('latin1')
    expect(text.startsWith('%PDF-1.7\n%')).toBe(true)
    expect(text).toMatch(/trailer[\s\S]*\/ID \[<([0-9a-f]{32})> <\1>\]/)
    expect(text.slice(text.lastIndexOf('trailer'))).not.toContain('/Encrypt')
    const forbidden = /\/(JavaScript|JS|Launch|URI|GoToR|SubmitForm|OpenAction|AA|RichMedia|XFA)\b/
    expect(named(objects, forbidden)).toEqual([])
    expect(named(objects, /LZWDecode/)).toEqual([])
  })
})

describe('the same document', () => {
  test('gives the same bytes each time, whatever was drawn before it', async () => {
    const first = await render(DOCUMENTS.strangeTexts)
    for (const other of [DOCUMENTS.domestic, DOCUMENTS.unpaid, DOCUMENTS.severalRates]) await render(other)
    expect((await render(DOCUMENTS.strangeTexts)).equals(first)).toBe(true)
  })

  test('gives the same bytes in another process, in another time zone', async () => {
    const fixtures = new URL('./document-fixtures.ts', import.meta.url).href
    const renderer = new URL('../../src/invoicing/pdf/render-document.ts', import.meta.url).href
    const script = `
      const { DOCUMENTS } = await import('${fixtures}')
      const { renderDocument } = await import('${renderer}')
      process.stdout.write(await renderDocument({ snapshot: DOCUMENTS.unpaid, xml: ${JSON.stringify(XML)}, logo: null }))`
    const options = { env: { ...process.env, TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8' }, maxBuffer: 10_000_000 }
    const there = execFileSync(process.execPath, ['--input-type=module', '-e', script], options)
    expect(there.equals(await render(DOCUMENTS.unpaid))).toBe(true)
  })

  test('is packed by a library whose version is fixed, not by that of the machine', async () => {
    const packed = [...objectsOf(await render(DOCUMENTS.severalRates)).values()].filter(
      (object) => object.packed !== null,
    )
    expect(packed.length).toBeGreaterThan(4)
    for (const { stream, packed: bytes } of packed)
      expect(bytes?.equals(zlibSync(stream ?? Buffer.alloc(0)))).toBe(true)
  })

  test('under another number has another id', async () => {
    const idOf = async (snapshot: DocumentSnapshot) =>
      /\/ID \[<(\w+)>/.exec((await render(snapshot)).toString('latin1'))?.[1]
    expect(await idOf({ ...DOCUMENTS.domestic, number: 'FB-2026-000043' })).not.toBe(await idOf(DOCUMENTS.domestic))
  })
})

test('a number with markup in it cannot break the metadata', async () => {
  const objects = objectsOf(await render({ ...DOCUMENTS.domestic, number: 'A&B</rdf:li><x>"1"' }))
  const xmp = named(objects, /\/Type \/Metadata/)[0]?.stream?.toString('utf8') ?? ''
  expect(xmp).not.toContain('A&B')
  expect(xmp).not.toContain('<x>')
})

test('a design that does not exist is refused', async () => {
  await expect(render({ ...DOCUMENTS.domestic, templateVersion: 99 })).rejects.toMatchObject({ code: 'design_unknown' })
})

test('a day that does not exist is refused', async () => {
  await expect(render({ ...DOCUMENTS.domestic, issueDate: 'soon' })).rejects.toMatchObject({ code: 'date_not_valid' })
})

const hasPdfdetach = spawnSync('pdfdetach', ['-v']).error === undefined
if (!hasPdfdetach)
  console.warn('SKIPPED: pdfdetach (poppler-utils) is not on this machine; no other program read the XML.')

test.skipIf(!hasPdfdetach)('another program finds the XML under its name', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'farebox-pdf-'))
  try {
    const pdf = path.join(folder, 'invoice.pdf')
    writeFileSync(pdf, await render(DOCUMENTS.domestic))
    execFileSync('pdfdetach', ['-savefile', 'factur-x.xml', '-o', path.join(folder, 'out.xml'), pdf])
    expect(readFileSync(path.join(folder, 'out.xml'), 'utf8')).toBe(XML)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

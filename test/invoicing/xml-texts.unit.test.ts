import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { writeXml } from '../../src/invoicing/xml/xml-writer.ts'
import { DOCUMENTS, documentOf, EXEMPTIONS, FRENCH_BUSINESS, GERMAN_SELLER, lineOf } from './document-fixtures.ts'
import { type ReadInvoice, readInvoice } from './en16931-model.ts'
import { brokenRules } from './en16931-rules.ts'
import { parseXml } from './xml-tree.ts'

/** Production 2 of XML 1.0, character by character. */
function withoutForbidden(text: string): string {
  return [...text]
    .filter((character) => {
      const code = character.codePointAt(0) ?? 0
      if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
      return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000
    })
    .join('')
}

function readable(text: string): string | null {
  const allowed = withoutForbidden(text)
  return allowed.trim() === '' ? null : allowed
}

/** Everything that can be typed or sent: whole characters, halves of pairs, controls, markup, white space. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '<!--',
        '&amp;',
        '&#0;',
        '$&',
        '\r\n',
        '\t',
        ' ',
        '🚀',
        'שלום',
        '額',
        '#',
        '#AB#',
        '#REG#',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** What must be there begins with a letter, so that something is always left of it. */
const anyName = anyText.map((text) => `N${text}`)

interface Texts {
  number: string
  sellerName: string
  registrationNumber: string
  footer: string
  holder: string
  street: string
  buyerName: string
  city: string
  reference: string
  paymentReference: string
  note: string
  reason: string
  lineId: string
  lineName: string
  description: string
}

const everyText: fc.Arbitrary<Texts> = fc.record({
  ...{ number: anyName, sellerName: anyName, registrationNumber: anyText, footer: anyText, holder: anyText },
  ...{ street: anyText, buyerName: anyName, city: anyText, reference: anyText, paymentReference: anyText },
  ...{ note: anyText, reason: anyText, lineId: anyName, lineName: anyName, description: anyText },
})

function documentWith(texts: Texts): DocumentSnapshot {
  const { address, bank } = GERMAN_SELLER
  const { payment } = DOCUMENTS.domesticByTransfer
  return documentOf({
    number: texts.number,
    seller: {
      ...GERMAN_SELLER,
      legalName: texts.sellerName,
      registrationNumber: texts.registrationNumber,
      footer: texts.footer,
      address: { ...address, line1: texts.street },
      bank: bank && { ...bank, holder: texts.holder },
    },
    buyer: {
      ...FRENCH_BUSINESS,
      name: texts.buyerName,
      reference: texts.reference,
      address: { ...FRENCH_BUSINESS.address, city: texts.city },
    },
    payment: { ...payment, reference: texts.paymentReference },
    lines: [
      lineOf({ id: texts.lineId, name: texts.lineName, description: texts.description, category: 'AE', rateBps: 0 }),
    ],
    exemption: { ...EXEMPTIONS.reverseCharge, reason: texts.reason },
    notes: [texts.note],
  })
}

function textsIn({ number, seller, buyer, notes, lines, taxes, payments, buyerReference }: ReadInvoice) {
  return {
    ...{ number, sellerName: seller.name, registrationNumber: seller.registrationNumber, notes },
    ...{ holder: payments[0]?.holder, street: seller.address?.line1, buyerName: buyer.name, city: buyer.address?.city },
    ...{ reference: buyerReference, paymentReference: payments[0]?.reference, reason: taxes[0]?.exemptionReason },
    ...{ lineId: lines[0]?.id, lineName: lines[0]?.name, description: lines[0]?.description },
  }
}

describe('texts', { timeout: 30_000 }, () => {
  test.each([
    ['CII', ciiXml],
    ['UBL', ublXml],
  ])(
    'whatever is written in any field, %s is well formed, breaks no rule and gives the text back',
    (_syntax, write) => {
      fc.assert(
        fc.property(everyText, (texts) => {
          const xml = write(documentWith(texts))
          const { note, footer, ...others } = texts
          const expected = Object.fromEntries(Object.entries(others).map(([field, text]) => [field, readable(text)]))
          expect(textsIn(readInvoice(xml))).toEqual({
            ...expected,
            notes: [note, footer].map(readable).filter((text) => text !== null),
          })
          expect(brokenRules(xml)).toEqual([])
        }),
        { numRuns: 300 },
      )
    },
  )

  test.each([
    ['markup', `<Müller> & "Söhne" 'KG' ]]> <!-- -->`, `<Müller> & "Söhne" 'KG' ]]> <!-- -->`],
    ['right to left', 'شارع ١٢ — שדרות', 'شارع ١٢ — שדרות'],
    ['Chinese and joined emoji', '额度 🚀 👩‍👩‍👧', '额度 🚀 👩‍👩‍👧'],
    ['controls, halves of pairs and non-characters', 'a\u0000b\u0007c\u001bd\ud83de\ufffff', 'abcdef'],
    ['every kind of line end', 'a\r\nb\rc\nd\te', 'a\r\nb\rc\nd\te'],
    ['300 characters', 'x'.repeat(300), 'x'.repeat(300)],
  ])('%s: comes back as it was, without what XML cannot say', (_what, written, expected) => {
    const document = documentOf({ lines: [lineOf({ name: written })] })
    expect(readInvoice(ciiXml(document)).lines[0]?.name).toBe(expected)
    expect(readInvoice(ublXml(document)).lines[0]?.name).toBe(expected)
  })

  test.each([
    ['three characters between two #', 'Rooms #1, #2 and #3', '#AAI#Rooms #1, #2 and #3'],
    ['three characters that are six in JavaScript', '#🚀🚀🚀#', '#AAI##🚀🚀🚀#'],
    ['what is a code, by chance', '#REG#HRB 1', '#AAI##REG#HRB 1'],
    ['fewer than three', 'Plan #A# and #BB#', 'Plan #A# and #BB#'],
    ['more than three', 'Room #1001#', 'Room #1001#'],
    ['one # alone', 'Room #204', 'Room #204'],
  ])('a note is not mistaken for one with a subject: %s', (_what, note, written) => {
    const document = documentOf({ notes: [note] })
    expect(ublXml(document)).toContain(`<cbc:Note>${written}</cbc:Note>`)
    expect(ciiXml(document)).toContain(`<ram:Content>${note}</ram:Content>`)
    for (const xml of [ublXml(document), ciiXml(document)]) {
      expect(readInvoice(xml).notes[0]).toBe(note)
      expect(brokenRules(xml)).toEqual([])
    }
  })

  test('a quotation mark in an attribute does not end it', () => {
    const xml = ublXml(documentOf({ seller: { ...GERMAN_SELLER, email: '"a&b"@example.test' } }))
    expect(readInvoice(xml).seller.endpoint).toEqual({ value: '"a&b"@example.test', scheme: 'EM' })
  })

  test('white space in an attribute is not flattened', () => {
    const value = 'a\tb\nc\rd <"&\'>'
    const xml = writeXml({ name: 'a', attributes: { value }, content: 'text' })
    expect(parseXml(xml).attributes).toEqual({ value })
  })
})

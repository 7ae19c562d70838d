import { InvoiceService, invoiceSchema } from '@e-invoice-eu/core'
import { describe, expect, test } from 'vitest'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { DOCUMENTS, type DocumentName } from './document-fixtures.ts'
import { parseXml, type XmlNode } from './xml-tree.ts'

/**
 * Another implementation, made independently, writes the same documents: from our UBL, read as its JSON, it makes its
 * own UBL and its own CII, which must be ours, leaf by leaf and in the same order, but for the differences below.
 */
const service = new InvoiceService({ log() {}, warn() {}, error() {} })

/** It puts the process of Peppol into what is not sent by Peppol (BT-23). */
const ORACLE_ALONE = /ExchangedDocumentContext\/ram:BusinessProcess|\/cbc:ProfileID/

/**
 * What it leaves out of CII though EN 16931 has a place for it: the tax point (BT-7), the seller's number without a
 * scheme (BT-29), and the invoice that a credit note corrects (BG-3).
 */
const CII_OURS_ALONE =
  /ApplicableTradeTax\/ram:TaxPointDate|SellerTradeParty\/ram:ID |ApplicableHeaderTradeSettlement\/ram:InvoiceReferencedDocument/

/** It knows the order of UBL's Invoice alone; in a CreditNote the tax point stands before the type. */
const CREDIT_NOTE_TAX_POINT = /\/CreditNote\/cbc:TaxPointDate/

/** It validates by a schema that it compiles anew for each document: on a busy machine that takes long. */
const SLOW_MS = 30_000

interface Schema {
  readonly type?: string
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}
type Json = string | Json[] | { [key: string]: Json }

const root = invoiceSchema as unknown as Schema

function resolved(schema: Schema | undefined, name: string): Schema {
  if (schema === undefined) throw new RangeError(`${name} is unknown to EN 16931.`)
  if (schema.$ref === undefined) return schema
  const path = schema.$ref.split('/').slice(1)
  return resolved(path.reduce((at: unknown, key) => (at as Record<string, unknown>)[key], root) as Schema, name)
}

/** The JSON of the other implementation: UBL's names, `name@attribute` for attributes. An unknown element throws. */
function asJson(node: XmlNode, schema: Schema): Json {
  if (node.children.length === 0) return node.text
  const json: Record<string, Json> = {}
  for (const child of node.children) {
    const name = invoiceName(child.name)
    const property = resolved(schema.properties?.[name], name)
    for (const [attribute, value] of Object.entries(child.attributes)) json[`${name}@${attribute}`] = value
    if (property.type !== 'array') json[name] = asJson(child, property)
    else json[name] = [...((json[name] as Json[] | undefined) ?? []), asJson(child, resolved(property.items, name))]
  }
  return json
}

/** It takes credit notes as invoices of the type 381. */
function invoiceName(name: string): string {
  return name
    .replace('CreditNoteLine', 'InvoiceLine')
    .replace('Credited', 'Invoiced')
    .replace('CreditNoteType', 'InvoiceType')
}

function leavesOf({ name, attributes, children, text }: XmlNode, path = ''): string[] {
  if (children.length > 0) return children.flatMap((child) => leavesOf(child, `${path}/${name}`))
  return [`${path}/${name} ${JSON.stringify(attributes)} ${text}`]
}

async function oracle(name: DocumentName, format: 'CII' | 'UBL'): Promise<string[]> {
  const ubl = asJson(parseXml(ublXml(DOCUMENTS[name])), resolved(root.properties?.['ubl:Invoice'], 'ubl:Invoice'))
  const input = { 'ubl:Invoice': ubl } as unknown as Parameters<InvoiceService['generate']>[0]
  const written = (await service.generate(input, { format, lang: 'en' })) as string
  return leavesOf(parseXml(written.replace('encoding="utf-8"', 'encoding="UTF-8"')))
}

/** It writes a carriage return as it is, which a parser then reads as a line feed: the text is not what it was. */
const names = (Object.keys(DOCUMENTS) as DocumentName[]).filter((name) => name !== 'strangeTexts')
/** It wants an electronic address of both parties, as Peppol does; EN 16931 does not. */
const withAddresses = names.filter((name) => name !== 'bare')

describe('another implementation agrees', { timeout: SLOW_MS }, () => {
  test.each(names)('%s in CII', async (name) => {
    const theirs = (await oracle(name, 'CII')).filter((leaf) => !ORACLE_ALONE.test(leaf))
    const ours = leavesOf(parseXml(ciiXml(DOCUMENTS[name]))).filter((leaf) => !CII_OURS_ALONE.test(leaf))
    expect(ours).toEqual(theirs)
  })

  test.each(withAddresses)('%s in UBL', async (name) => {
    const isElsewhere = (leaf: string) => ORACLE_ALONE.test(leaf) || CREDIT_NOTE_TAX_POINT.test(leaf)
    const theirs = (await oracle(name, 'UBL')).filter((leaf) => !isElsewhere(leaf))
    const ours = leavesOf(parseXml(ublXml(DOCUMENTS[name]))).filter((leaf) => !isElsewhere(leaf))
    expect(ours.length).toBeGreaterThan(20)
    expect(ours).toEqual(theirs)
  })
})

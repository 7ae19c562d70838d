import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { cancelOrder } from '../../src/orders/manual/cancel-order.ts'
import { type ProForma, proForma } from '../../src/orders/manual/pro-forma.ts'
import { renderProForma } from '../../src/orders/manual/render-pro-forma.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { textOfPdf } from './manual-pdf-text.ts'
import { type ManualWorld, openManualWorld, refusal, SELLER } from './manual-world.ts'

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)

let world: ManualWorld

beforeEach(async () => {
  world = await openManualWorld('EUR')
})
afterEach(() => world.close())

const of = (order: PaymentOrder) => proForma(world.deps, order.id, order.accountId)
const pagesOf = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length

async function profile(order: PaymentOrder, version: number, columns: Record<string, string>): Promise<void> {
  const all = {
    id: uuidV7(world.clock),
    account_id: order.accountId,
    version,
    source: 'test',
    created_at: new Date(),
    ...columns,
  }
  const values = Object.keys(all).map((_, index) => `$${index + 1}`)
  await world.pool.query(`INSERT INTO billing_profile (${Object.keys(all)}) VALUES (${values})`, Object.values(all))
}

describe('a pro-forma', () => {
  test('tells who pays whom how much by when, in what way, under which reference', async () => {
    const order = await world.order({ bonusNano: 50n * 10n ** 9n })
    const shown = await of(order)
    expect(shown).toMatchObject({
      ...{ orderId: order.id, orderNumber: order.number, status: 'open', currency: 'EUR' },
      issuedOn: new Date(world.clock.now()).toISOString().slice(0, 10),
      dueOn: new Date(world.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10),
      seller: {
        legalName: 'Farebox Operations GmbH',
        address: { line1: 'Torstraße 1', city: 'Berlin', country: 'DE' },
      },
      bank: {
        holder: 'Farebox Operations GmbH',
        iban: 'DE89370400440532013000',
        bic: 'COBADEFFXXX',
        name: 'Commerzbank',
      },
      buyer: { name: 'Blue & Sons', address: { line1: null, country: null }, vatId: null, taxId: null, email: null },
      ...{ language: 'en', tax: null, logo: null },
      ...{ netMinor: 100_000n, taxMinor: 19_000n, totalMinor: 119_000n, receivedMinor: 0n, openMinor: 119_000n },
      lines: [
        { kind: 'CREDITS', creditMinor: 100_000n, packageName: null, netMinor: 100_000n },
        { kind: 'BONUS', creditMinor: 5_000n, packageName: null, netMinor: 0n },
      ],
    })
    expect(shown.printedReference.replaceAll(' ', '')).toBe(order.reference)
    expect(shown.epcPayload?.split('\n').slice(4)).toEqual([
      ...['COBADEFFXXX', 'Farebox Operations GmbH', 'DE89370400440532013000', 'EUR1190.00', '', order.reference],
    ])
  })

  test('names the buyer as the latest billing profile does', async () => {
    const order = await world.order()
    await profile(order, 1, { name: 'Old Name' })
    await profile(order, 2, {
      name: 'Blue & Sons Ltd',
      line1: '1 High Street',
      city: 'Leeds',
      postal_code: 'LS1 1AA',
      country: 'GB',
    })
    expect((await of(order)).buyer).toEqual({
      name: 'Blue & Sons Ltd',
      address: {
        line1: '1 High Street',
        line2: null,
        city: 'Leeds',
        region: null,
        postalCode: 'LS1 1AA',
        country: 'GB',
      },
      ...{ vatId: null, taxId: null, email: null, reference: null },
    })
  })

  test("is in the language of the buyer's country, with the tax as it was decided for the order", async () => {
    const buyer = await world.order()
    await profile(buyer, 1, {
      ...{ name: 'Société Exemple SARL', line1: '12 rue de la Paix', city: 'Paris', postal_code: '75002' },
      ...{ country: 'FR', tax_id_type: 'eu_vat', tax_id_value: 'FR40303265045' },
    })
    const shown = await of(await world.order({ accountId: buyer.accountId, taxMinor: undefined }))
    expect(shown).toMatchObject({
      language: 'fr',
      taxMinor: 0n,
      totalMinor: 100_000n,
      tax: { category: 'AE', rateBps: 0 },
    })
    expect(shown.tax?.exemptionReason).toContain('Autoliquidation')
    const text = textOfPdf(await renderProForma(shown))
    for (const part of ['Facture pro forma', 'TVA (Autoliquidation)', shown.tax?.exemptionReason])
      expect(text).toContain(part)
    // The tax of the first order was given by the staff, so that only its amount is known.
    expect(await of(buyer)).toMatchObject({ language: 'fr', tax: null, taxMinor: 19_000n })
  })

  test("carries the seller's logo, and shows it in the place of the name", async () => {
    const order = await world.order()
    const without = await renderProForma(await of(order))
    await writeSeller(world.pool, world.clock, null, { ...SELLER, logo: PIXEL })
    const shown = await of(order)
    expect(shown.logo?.equals(PIXEL)).toBe(true)
    const pdf = await renderProForma(shown)
    expect(pdf.toString('latin1')).toContain('/Subtype /Image')
    expect(without.toString('latin1')).not.toContain('/Subtype /Image')
  })

  test('asks for what is still open only, and for nothing once all is there, paid or cancelled', async () => {
    const order = await world.order()
    await world.receive(order, 19_000n)
    const partly = await of(order)
    expect(partly).toMatchObject({ status: 'open', receivedMinor: 19_000n, openMinor: 100_000n })
    expect(partly.epcPayload).toContain('EUR1000.00')
    await world.receive(order, 100_000n)
    expect(await of(order)).toMatchObject({ status: 'open', openMinor: 0n, epcPayload: null })
    await world.approve(order, 'EXACT')
    expect(await of(order)).toMatchObject({ status: 'paid', openMinor: 0n, epcPayload: null })
    const given = await world.order()
    await cancelOrder(world.deps, {
      orderId: given.id,
      reason: 'Ordered twice',
      actorId: world.opener,
      idempotencyKey: null,
    })
    expect(await of(given)).toMatchObject({ status: 'canceled', openMinor: 0n, epcPayload: null })
  })

  test("is not shown to another account, nor for an order that does not exist; the staff see everybody's", async () => {
    const [order, other] = [await world.order(), await world.order()]
    const notFound = { code: 'order_not_found', field: 'orderId' }
    expect(await refusal(proForma(world.deps, order.id, other.accountId))).toEqual(notFound)
    expect(await refusal(proForma(world.deps, uuidV7(world.clock), order.accountId))).toEqual(notFound)
    expect((await proForma(world.deps, order.id, null)).reference).toBe(order.reference)
  })
})

describe('its document', () => {
  test('has the same bytes each time', async () => {
    const shown = await of(await world.order())
    const first = await renderProForma(shown)
    expect(first.subarray(0, 8).toString()).toBe('%PDF-1.7')
    expect((await renderProForma(shown)).equals(first)).toBe(true)
    const later = { ...shown, openMinor: shown.openMinor - 1n }
    expect((await renderProForma(later)).equals(first)).toBe(false)
  })

  test('says what it is, and has the reference, the amounts and the bank details on one page', async () => {
    const order = await world.order()
    const pdf = await renderProForma(await of(order))
    const lines = textOfPdf(pdf).split('\n')
    const shown = await of(order)
    for (const line of [
      'Pro-forma invoice',
      'Not a tax invoice',
      shown.printedReference,
      '€1,000.00',
      '€190.00',
      '€1,190.00',
    ]) {
      expect(lines).toContain(line)
    }
    for (const value of ['DE89 3704 0044 0532 0130 00', 'COBADEFFXXX', 'Commerzbank']) expect(lines).toContain(value)
    expect(lines.join(' ')).toContain('Scan with a European banking app')
    expect(pagesOf(pdf)).toBe(1)
  })

  test('in another currency than euro it has no code to scan, and the same reference', async () => {
    const shown: ProForma = { ...(await of(await world.order())), currency: 'USD', epcPayload: null }
    const lines = textOfPdf(await renderProForma(shown)).split('\n')
    expect(lines).toContain(shown.printedReference)
    expect(lines).toContain('USD\u00a01,190.00')
    expect(lines.join()).not.toContain('Scan')
  })

  test('once nothing is left to pay it says so, and names no bank', async () => {
    const shown = await of(await world.order())
    const words = { canceled: 'This order was canceled', paid: 'This order is paid', open: 'The total has arrived' }
    for (const status of ['canceled', 'paid', 'open'] as const) {
      const text = textOfPdf(await renderProForma({ ...shown, status, openMinor: 0n, epcPayload: null }))
      expect(text).toContain(words[status])
      expect(text).not.toContain('IBAN')
    }
  })

  test('names of other scripts are written in them, and what has no letter here is marked', async () => {
    const shown = await of(await world.order())
    const name = 'Łódź Ελλάδα Дмитрий 株 ไทย'
    const text = textOfPdf(await renderProForma({ ...shown, buyer: { ...shown.buyer, name } }))
    for (const word of ['Łódź', 'Ελλάδα', 'Дмитрий', '株', '?']) expect(text.replaceAll('\n', '')).toContain(word)
  })

  test('nothing that a customer is called makes a second page, or stands in the properties of the file', async () => {
    const shown = await of(await world.order())
    const long = `<b>&${'x'.repeat(2_000)}\n\u202e\u0000(\\)`
    const address = { line1: long, line2: long, city: long, region: long, postalCode: long, country: 'DE' }
    const bank = { ...shown.bank, holder: long, name: long }
    const ids = { vatId: long, taxNumber: long, registrationNumber: long, email: long, footer: long }
    const seller = { ...shown.seller, ...ids, legalName: long, address, bank }
    const buyer = {
      name: long,
      address,
      vatId: long,
      taxId: { type: 'us_ein', value: long },
      email: long,
      reference: long,
    }
    const lines = (['CREDITS', 'BONUS'] as const).map((kind) => ({
      ...{ kind, creditMinor: 1n, packageName: long, netMinor: 1n },
    }))
    const pdf = await renderProForma({ ...shown, seller, bank, buyer, lines, receivedMinor: 1n })
    expect(pagesOf(pdf)).toBe(1)
    expect(textOfPdf(pdf)).toContain(shown.printedReference)
    expect(pdf.toString('latin1')).not.toContain('xxx')
  })
})

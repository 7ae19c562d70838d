import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addExchangeRate, exchangeRateOn } from '../../src/invoicing/exchange-rate.ts'
import { InvoicingError } from '../../src/invoicing/invoicing-error.ts'
import { formatInvoiceReport, verifyInvoices } from '../../src/invoicing/verify/verify-invoices.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { DAY_MS, refundFact } from '../orders/refund-world.ts'
import { brokenRules } from './en16931-rules.ts'
import { openVoucherWorld, type VoucherWorld } from './voucher-world.ts'

let world: VoucherWorld
beforeAll(async () => {
  world = await openVoucherWorld()
  await world.sell({ taxPoint: 'PURCHASE' })
})
afterAll(() => world.close())

const RATE = { from: 'USD', to: 'EUR', rate: '0.92310', date: '2026-11-20', source: 'ECB' }
const added = (more: Record<string, unknown>) => addExchangeRate(world.pool, world.clock, { ...RATE, ...more })
const today = () => new Date(world.clock.now()).toISOString().slice(0, 10)
const dayBefore = (days: number) => new Date(world.clock.now() - days * DAY_MS).toISOString().slice(0, 10)

describe('an exchange rate', () => {
  test.each([
    ['from', { from: 'usd' }],
    ['from', { from: 'BGN' }],
    ['to', { to: 'Euro' }],
    ['to', { to: 'USD' }],
    ['rate', { rate: '0' }],
    ['rate', { rate: '0.00' }],
    ['rate', { rate: '-1' }],
    ['rate', { rate: '0,92' }],
    ['rate', { rate: '1e3' }],
    ['rate', { rate: '0.12345678901' }],
    ['rate', { rate: 0.9231 }],
    ['date', { date: '2026-02-30' }],
    ['source', { source: ' ' }],
    ['source', { source: 'ECB\nfoo' }],
  ])('with a wrong %s is refused by that name: %o', async (field, change) => {
    const refusal = await added(change).then(
      () => null,
      (error: unknown) => error,
    )
    expect(refusal).toBeInstanceOf(InvoicingError)
    expect((refusal as InvoicingError).field).toBe(field)
  })

  test('is the latest of the pair at or before a day, as it was written, and the one added last for that day', async () => {
    await added({ from: 'GBP', rate: '1.1', date: '2026-10-01' })
    await added({ from: 'GBP', rate: '1.20000', date: '2026-10-05' })
    const on = async (day: string) => (await exchangeRateOn(world.pool, 'GBP', 'EUR', day))?.rate ?? null
    expect([await on('2026-09-30'), await on('2026-10-04'), await on('2026-10-05'), await on('2027-01-01')]).toEqual([
      null,
      '1.1',
      '1.20000',
      '1.20000',
    ])
    world.clock.advance(1)
    await added({ from: 'GBP', rate: '1.21', date: '2026-10-05' })
    expect(await on('2026-10-05')).toBe('1.21')
    expect(await exchangeRateOn(world.pool, 'EUR', 'GBP', '2026-10-05')).toBeNull()
  })

  test('is never changed or removed', async () => {
    await expect(world.pool.query('UPDATE exchange_rate SET rate = 2')).rejects.toThrow('append-only')
    await expect(world.pool.query('DELETE FROM exchange_rate')).rejects.toThrow('append-only')
  })
})

const warnings = async () =>
  (await verifyInvoices({ pool: world.pool, storage: world.storage, clock: world.clock })).warnings

describe('the tax of an invoice in another currency than that of its country', () => {
  test('is left out while no rate is known, which invoices verify warns of, naming the pair', async () => {
    const account = await world.customer()
    await world.buy(account, { netMinor: 10_000n })
    const [invoice] = await world.documents(account)
    expect(invoice).toMatchObject({ currency: 'USD', taxMinor: 1_900n })
    expect(invoice).not.toHaveProperty('nationalTax')
    const report = await verifyInvoices({ pool: world.pool, storage: world.storage, clock: world.clock })
    expect(report).toMatchObject({ ok: true, warnings: [{ row: 'USD to EUR' }] })
    const lines = formatInvoiceReport(report)
    expect(lines.join('\n')).toContain(`! USD to EUR: 1 document, ${invoice?.number}: tax not stated in EUR`)
    expect(lines.at(-1)).toBe('invoices are clean')
  })

  test('is stated at the rate of its tax point, frozen with the day and source of the rate', async () => {
    await added({ rate: '0.5', date: dayBefore(30), source: 'too old' })
    await added({ date: dayBefore(1) })
    await added({
      rate: '0.7',
      date: new Date(world.clock.now() + DAY_MS).toISOString().slice(0, 10),
      source: 'too new',
    })
    const account = await world.customer()
    await world.buy(account, { netMinor: 10_000n })
    world.clock.advance(1)
    await added({ rate: '0.6', date: today(), source: 'came later' })
    const [invoice] = await world.documents(account)
    const expected = { currency: 'EUR', taxMinor: 1_754n, rate: '0.92310', rateDate: dayBefore(1), rateSource: 'ECB' }
    expect(invoice?.nationalTax).toEqual(expected)
    if (invoice) for (const xml of [ciiXml(invoice), ublXml(invoice)]) expect(brokenRules(xml)).toEqual([])
    expect(await warnings()).toHaveLength(1)
    expect(await world.verdict()).toBe('clean')
  })

  test('is taken back by a credit note at the rate of the invoice', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 10_000n })
    const [before] = await world.documents(account)
    world.clock.advance(DAY_MS)
    await added({ rate: '2', date: today(), source: 'of the day of the refund' })
    await world.refund(order.id, refundFact('re_national', 5_950n))
    const [invoice, note] = await world.documents(account)
    expect(invoice).toEqual(before)
    expect(note).toMatchObject({ kind: 'CREDIT_NOTE', taxMinor: 950n })
    const { rate, rateDate, rateSource } = invoice?.nationalTax ?? {}
    const taxMinor = (950n * 60n) / 100n
    expect(note?.nationalTax).toEqual({ currency: 'EUR', taxMinor, rate, rateDate, rateSource })
    expect(rate).toBe('0.6')
  })

  test('is not stated where no tax is charged', async () => {
    const vienna = { line1: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' }
    const account = await world.customer({ ...vienna, taxIdType: 'eu_vat', taxIdValue: 'ATU13585627' })
    await world.buy(account)
    expect((await world.documents(account))[0]).not.toHaveProperty('nationalTax')
  })

  test('is stated on the invoice of a month of use at the rate of the month’s last day', async () => {
    await world.sell()
    const account = await world.customer()
    await world.buy(account, { netMinor: 11_900n })
    await world.spend(account, 11_900n * 10_000_000n)
    world.endMonth()
    await added({ rate: '9', date: today(), source: 'of the month after' })
    await world.invoice()
    await world.sell({ taxPoint: 'PURCHASE' })
    const [invoice] = await world.documents(account)
    expect(invoice).toMatchObject({ taxMinor: 1_900n, nationalTax: { taxMinor: 3_800n, rate: '2' } })
    expect(await world.verdict()).toBe('clean')
  })
})

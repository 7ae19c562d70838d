import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { closeUsageMonth } from '../../src/invoicing/usage/close-usage-month.ts'
import { type DueMonths, dueUsageMonths } from '../../src/invoicing/usage/due-usage-months.ts'
import { verifyInvoices } from '../../src/invoicing/verify/verify-invoices.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { CENT, DAY_MS, disputeFact, refundFact } from '../orders/refund-world.ts'
import { brokenRules } from './en16931-rules.ts'
import { openVoucherWorld, type VoucherWorld } from './voucher-world.ts'

let world: VoucherWorld
beforeAll(async () => {
  world = await openVoucherWorld()
})
afterAll(() => world.close())

const monthOf = (time: number) => new Date(time).toISOString().slice(0, 7)

describe('the sale of vouchers', () => {
  test('bears no tax and has no invoice, and the buyer pays the face value', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 10_000n })
    expect(order).toMatchObject({ taxPoint: 'USAGE', taxMinor: 0n, totalMinor: 10_000n, taxDecision: null })
    expect(await world.documents(account)).toEqual([])
    // Deferred revenue is gross, and nothing is owed to the tax office.
    expect([await world.journal('2000', account), await world.journal('2300', account)]).toEqual([10_000n * CENT, 0n])
  })

  test('keeps its tax point when the seller changes it, before and after', async () => {
    const account = await world.customer()
    const vouchers = await world.buy(account, { netMinor: 1_000n })
    await world.sell({ taxPoint: 'PURCHASE' })
    const taxed = await world.buy(account, { netMinor: 1_000n })
    await world.sell()
    expect(taxed).toMatchObject({ taxPoint: 'PURCHASE', taxMinor: 190n, totalMinor: 1_190n })
    const [invoice] = await world.documents(account)
    expect(invoice).toMatchObject({ payment: { orderId: taxed.id }, taxMinor: 190n })
    await world.spend(account, 2_000n * CENT)
    world.endMonth()
    await world.invoice()
    const [, usage] = await world.documents(account)
    expect(usage).toMatchObject({ payment: { means: 'VOUCHER' }, totalMinor: 1_000n })
    expect([await world.invoicedOf(vouchers.id), await world.invoicedOf(taxed.id)]).toEqual([1_000n, 0n])
  })

  test('what an order is bound to cannot be changed', async () => {
    const { id } = await world.buy(await world.customer())
    const change = (set: string) => world.pool.query(`UPDATE payment_order SET ${set} WHERE id = $1`, [id])
    await expect(change(`tax_point = 'PURCHASE'`)).rejects.toThrow('never changes')
    await expect(change('seller_id = NULL')).rejects.toThrow('never changes')
  })
})

describe('a month of use', () => {
  test('has one invoice over what was paid for what was used, its tax contained, with its period, paid with vouchers', async () => {
    const account = await world.customer()
    await world.buy(account, { netMinor: 10_000n, bonusNano: 500n * CENT })
    // The bonus goes first, and nothing was paid for it.
    await world.spend(account, 500n * CENT)
    await world.spend(account, 1_000n * CENT)
    await world.spend(account, 190n * CENT)
    const month = monthOf(world.clock.now())
    expect(await world.invoice()).toBe(0)
    world.endMonth()
    await world.invoice()
    const [invoice, ...more] = await world.documents(account)
    expect(more).toEqual([])
    const lastDay = new Date(Date.parse(`${monthOf(world.clock.now())}-01`) - DAY_MS).toISOString().slice(0, 10)
    expect(invoice).toMatchObject({
      ...{ kind: 'INVOICE', netMinor: 1_000n, taxMinor: 190n, totalMinor: 1_190n, prepaidMinor: 1_190n, dueMinor: 0n },
      ...{ period: { from: `${month}-01`, to: lastDay }, taxPointDate: lastDay, language: 'de' },
      payment: { means: 'VOUCHER', reference: null, paidOn: null, orderId: null },
      buyer: { name: 'Erika Muster' },
    })
    expect(invoice?.lines[0]?.name).toMatch(/^Nutzung des KI-Gateways .* 20\d\d \(2 Anfragen\)$/)
    expect(invoice?.notes.join()).toContain('Mehrzweck-Gutscheine')
    if (invoice) for (const xml of [ciiXml(invoice), ublXml(invoice)]) expect(brokenRules(xml)).toEqual([])
    // From now on the tax is owed, and was no revenue.
    expect(await world.journal('2300', account)).toBe(190n * CENT)
    expect(await world.journal('4000', account)).toBe(1_690n * CENT - 190n * CENT)
    expect(await world.verdict()).toBe('clean')
  })

  test('without use has no invoice, nor a number, and the next one goes on', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 1_000n })
    for (const _month of [1, 2, 3]) {
      world.endMonth()
      await world.invoice()
    }
    expect(await world.documents(account)).toEqual([])
    await world.spend(account, 333n * CENT)
    world.endMonth()
    await world.invoice()
    expect(await world.considerations(order.id)).toMatchObject([{ minor: 333n }])
    expect(await world.verdict()).toBe('clean')
  })

  test('is closed an hour after its end, not before, in the time zone of the seller', async () => {
    const account = await world.customer()
    await world.buy(account)
    await world.spend(account, CENT)
    const now = new Date(world.clock.now())
    const berlin = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - offsetOfBerlin(now)
    world.clock.advance(berlin + 3_599_000 - world.clock.now())
    await world.invoice()
    expect(await world.documents(account)).toHaveLength(0)
    world.clock.advance(2_000)
    await world.invoice()
    expect(await world.documents(account)).toHaveLength(1)
  })

  test('twice, and ten times at once, is invoiced once', async () => {
    const account = await world.customer()
    await world.buy(account)
    await world.spend(account, 1_234n * CENT)
    world.endMonth()
    const issued = await Promise.all(Array.from({ length: 10 }, () => world.invoice()))
    expect(issued.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(await world.invoice()).toBe(0)
    expect(await world.documents(account)).toHaveLength(1)
    expect(await world.verdict()).toBe('clean')
  })

  test('killed at any statement leaves nothing, and the next run issues exactly one invoice without a gap', async () => {
    const account = await world.customer()
    await world.buy(account)
    await world.spend(account, 777n * CENT)
    world.endMonth()
    const [due] = (await dueUsageMonths(world.pool, world.clock.now())).filter((one) => one.accountId === account)
    const { accountId, sellerId, months } = due as DueMonths
    const close = (client: pg.ClientBase) =>
      closeUsageMonth(client, world.clock, { accountId, sellerId, month: months[0] as string })
    let killed = 0
    for (let outcome = 'killed'; outcome === 'killed'; ) {
      const pool = dyingPool(world, killed + 1)
      outcome = await inTransaction(pool, close).catch(() => 'killed')
      await pool.end()
      if (outcome === 'killed') killed += 1
    }
    // Each of more than ten statements, before and after; the last kill came once the commit was sent.
    expect(killed).toBeGreaterThan(20)
    await world.invoice()
    expect(await world.documents(account)).toMatchObject([{ totalMinor: 777n }])
    expect(await world.verdict()).toBe('clean')
  })

  test('that cannot be invoiced is told of, holds up no other account, and is made up for', async () => {
    const [stuck, other] = [await world.customer(), await world.customer()]
    for (const account of [stuck, other]) {
      await world.buy(account)
      await world.spend(account, 100n * CENT)
    }
    // No country has this name in an e-invoice.
    await world.live(stuck, { name: '\u0001' })
    world.endMonth()
    await expect(world.invoice()).rejects.toThrow('could not be invoiced')
    expect([(await world.documents(stuck)).length, (await world.documents(other)).length]).toEqual([0, 1])
    await world.live(stuck, {})
    world.endMonth()
    await world.invoice()
    expect(await world.documents(stuck)).toMatchObject([{ totalMinor: 100n }])
    expect(await world.verdict()).toBe('clean')
  })
})

describe('how a month is taxed is decided by its end and by where the buyer is then', () => {
  const used = async (
    profile: Parameters<VoucherWorld['customer']>[0],
    seller: Parameters<VoucherWorld['sell']>[0] = {},
  ) => {
    await world.sell(seller)
    const account = await world.customer(profile)
    await world.buy(account, { netMinor: 12_100n })
    await world.spend(account, 12_100n * CENT)
    world.endMonth()
    await world.invoice()
    await world.sell()
    const [invoice] = await world.documents(account)
    if (!invoice) throw new Error('there is no invoice')
    for (const xml of [ciiXml(invoice), ublXml(invoice)]) expect(brokenRules(xml)).toEqual([])
    return invoice
  }
  const VIENNA = { line1: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' }
  const SEVILLA = { line1: 'Calle Mayor 3', city: 'Sevilla', postalCode: '41001', country: 'ES' }
  const NEW_YORK = { line1: '5th Avenue 1', city: 'New York', region: 'NY', postalCode: '10001', country: 'US' }

  test.each([
    ['at home', {}, {}, 'S', 1_900, 10_168n],
    [
      'a business in another member state',
      { ...VIENNA, taxIdType: 'eu_vat', taxIdValue: 'ATU13585627' },
      {},
      'AE',
      0,
      12_100n,
    ],
    ['a consumer there, in the One Stop Shop', SEVILLA, { isOssRegistered: true }, 'S', 2_100, 10_000n],
    ['a consumer there, below its threshold', SEVILLA, {}, 'S', 1_900, 10_168n],
    ['outside the EU', NEW_YORK, {}, 'O', 0, 12_100n],
    ['by a small enterprise', {}, { isSmallBusiness: true }, 'E', 0, 12_100n],
    ['nobody knows where', null, {}, 'S', 1_900, 10_168n],
  ] as const)('%s', async (_where, profile, seller, category, rateBps, netMinor) => {
    const invoice = await used(profile, seller)
    expect(invoice).toMatchObject({ totalMinor: 12_100n, netMinor, taxes: [{ category, rateBps, netMinor }] })
    if (category === 'AE') expect(invoice.buyer.vatId).toBe('ATU13585627')
  })

  test('a buyer that has moved since the purchase is taxed where they are now', async () => {
    const account = await world.customer()
    await world.buy(account)
    await world.live(account, { ...NEW_YORK, name: 'Moved Inc.' })
    await world.spend(account, 100n * CENT)
    world.endMonth()
    await world.invoice()
    expect(await world.documents(account)).toMatchObject([
      { taxes: [{ category: 'O' }], buyer: { name: 'Moved Inc.' } },
    ])
  })

  test('a reseller’s own customer is invoiced by the reseller, in its series', async () => {
    const reseller = await world.customer()
    await world.pool.query(`UPDATE account SET kind = 'RESELLER' WHERE id = $1`, [reseller])
    await world.sell(
      { legalName: 'Northwind SARL', invoicePattern: 'NW-{yyyy}-{001}', creditNotePattern: 'NWC-{yyyy}-{001}' },
      reseller,
    )
    const account = await world.customer({}, reseller)
    await world.buy(account)
    await world.spend(account, 1_190n * CENT)
    world.endMonth()
    await world.invoice()
    const [invoice] = await world.documents(account)
    expect(invoice).toMatchObject({ seller: { legalName: 'Northwind SARL' }, taxMinor: 190n })
    expect(invoice?.number).toMatch(/^NW-20\d\d-001$/)
    // Its tax is the reseller's own, which has the price of the requests anyway.
    expect(await world.journal('2300', account)).toBe(0n)
    expect(await world.verdict()).toBe('clean')
  })
})

describe('money that goes back', () => {
  test('for unused vouchers makes no credit note, is told by mail, and is never invoiced', async () => {
    const account = await world.customer()
    await world.memberOf(account)
    const order = await world.buy(account, { netMinor: 10_000n })
    await world.spend(account, 2_500n * CENT)
    await world.refund(order.id, refundFact('re_unused', 4_000n))
    expect(await world.documents(account)).toEqual([])
    expect(await world.mails(account)).toContain('refund-made')
    await world.spend(account, 3_500n * CENT)
    world.endMonth()
    await world.invoice()
    expect(await world.documents(account)).toMatchObject([{ kind: 'INVOICE', totalMinor: 6_000n }])
    expect(await world.verdict()).toBe('clean')
  })

  test('that comes back after all is used, and invoiced, as before', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 10_000n })
    await world.refund(order.id, refundFact('re_failing', 4_000n))
    await world.refund(order.id, refundFact('re_failing', 4_000n, 'failed'))
    await world.spend(account, 10_000n * CENT)
    world.endMonth()
    await world.invoice()
    expect(await world.invoicedOf(order.id)).toBe(10_000n)
    expect(await world.verdict()).toBe('clean')
  })

  test('in a lost dispute makes no credit note, and the debt for what was used is not taxed again when it is repaid', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 10_000n })
    await world.spend(account, 6_000n * CENT)
    world.endMonth()
    await world.invoice()
    await world.dispute(order.id, disputeFact('dp_lost', 10_000n, 'needs_response'))
    await world.dispute(order.id, disputeFact('dp_lost', 10_000n, 'lost'))
    const second = await world.buy(account, { netMinor: 10_000n })
    await world.spend(account, 4_000n * CENT)
    world.endMonth()
    await world.invoice()
    expect(await world.documents(account)).toMatchObject([{ totalMinor: 6_000n }, { totalMinor: 4_000n }])
    expect([await world.invoicedOf(order.id), await world.invoicedOf(second.id)]).toEqual([6_000n, 4_000n])
    expect(await world.verdict()).toBe('clean')
  })

  test('a dispute that is reinstated gives vouchers back, which are invoiced as they are used', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 10_000n })
    await world.spend(account, 6_000n * CENT)
    await world.dispute(order.id, disputeFact('dp_back', 10_000n, 'lost'))
    await world.dispute(order.id, disputeFact('dp_back', 10_000n, 'won'))
    world.endMonth()
    await world.invoice()
    await world.spend(account, 4_000n * CENT)
    world.endMonth()
    await world.invoice()
    expect(await world.considerations(order.id)).toMatchObject([{ minor: 6_000n }, { minor: 4_000n }])
    expect(await world.verdict()).toBe('clean')
  })

  test('what a request cost beyond the credits is invoiced once later vouchers have repaid it', async () => {
    const account = await world.customer()
    const first = await world.buy(account, { netMinor: 1_000n })
    const finish = await world.hold(account, 1_000n * CENT)
    await finish?.(1_500n * CENT)
    world.endMonth()
    await world.invoice()
    const second = await world.buy(account, { netMinor: 1_000n })
    world.endMonth()
    await world.invoice()
    expect([await world.invoicedOf(first.id), await world.invoicedOf(second.id)]).toEqual([1_000n, 500n])
    const [, repaid] = await world.documents(account)
    // There was no request in that month.
    expect(repaid?.lines[0]?.name).not.toContain('(')
    expect(await world.verdict()).toBe('clean')
  })

  test('where one purchase repays debt of both, only what requests had cost is use', async () => {
    const account = await world.customer()
    const first = await world.buy(account, { netMinor: 1_000n })
    const finish = await world.hold(account, 1_000n * CENT)
    await finish?.(1_500n * CENT)
    await world.dispute(first.id, disputeFact('dp_both', 1_000n, 'lost'))
    const second = await world.buy(account, { netMinor: 2_000n })
    world.endMonth()
    await world.invoice()
    expect([await world.invoicedOf(first.id), await world.invoicedOf(second.id)]).toEqual([1_000n, 500n])
    expect(await world.verdict()).toBe('clean')
  })

  test('credit that expires unused is breakage without tax', async () => {
    const account = await world.customer()
    const order = await world.buy(account, { netMinor: 10_000n })
    await world.spend(account, 2_500n * CENT)
    world.clock.advance(366 * DAY_MS)
    await world.ledger.sweepExpired()
    world.endMonth()
    await world.invoice()
    expect(await world.invoicedOf(order.id)).toBe(2_500n)
    expect(await world.journal('4100', account)).toBe(7_500n * CENT)
    expect(await world.verdict()).toBe('clean')
  })
})

describe('invoices verify finds', () => {
  /** Tampers within a transaction that is rolled back. */
  const found = async (...statements: string[]): Promise<string[]> => {
    const client = await world.pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('SET LOCAL session_replication_role = replica')
      for (const statement of statements) await client.query(statement)
      const pool = { query: client.query.bind(client) } as unknown as pg.Pool
      const { findings } = await verifyInvoices({ pool, storage: world.storage, clock: world.clock })
      return [...new Set(findings.map(({ check }) => check))]
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  }

  test.each([
    [
      'an amount that is not what was used',
      ['voucher-invoiced', 'usage-month'],
      `UPDATE usage_consideration SET amount_minor = amount_minor + 1 WHERE order_id = (SELECT order_id FROM usage_consideration WHERE amount_minor > 0 LIMIT 1)`,
    ],
    [
      'a month whose invoice is gone',
      ['number-gap', 'usage-month'],
      `DELETE FROM tax_document WHERE id = (SELECT id FROM tax_document WHERE usage_month IS NOT NULL ORDER BY sequence LIMIT 1)`,
    ],
    [
      'a month that was left out',
      ['usage-month', 'voucher-invoiced'],
      `DELETE FROM usage_period WHERE (account_id, month) = (SELECT account_id, month FROM usage_period WHERE total_minor = 0 AND month < (SELECT max(month) FROM usage_period later WHERE later.account_id = usage_period.account_id) AND month > (SELECT min(month) FROM usage_period earlier WHERE earlier.account_id = usage_period.account_id) LIMIT 1)`,
    ],
  ])('%s', async (_what, checks, statement) => {
    const names = await found(statement)
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect(checks).toContain(name)
  })

  test('a month that nobody has closed', async () => {
    expect(await found()).toEqual([])
    const account = await world.customer()
    await world.buy(account)
    world.endMonth()
    world.clock.advance(2 * DAY_MS)
    expect(await found()).toEqual(['usage-due'])
    await world.invoice()
    expect(await found()).toEqual([])
  })
})

test('the database refuses a second invoice of a month, and a change of what was closed', async () => {
  const { rows } = await world.pool.query<{ id: string }>(
    'SELECT id FROM tax_document WHERE usage_month IS NOT NULL LIMIT 1',
  )
  const copy = `INSERT INTO tax_document SELECT gen_random_uuid(), kind, seller_id, series_id, year, sequence + 100000, number || 'x', account_id, order_id,
    refund_id, original_id, currency, net_minor, tax_minor, total_minor, issue_date, snapshot, snapshot_sha256, created_at, usage_month FROM tax_document WHERE id = $1`
  await expect(world.pool.query(copy, [rows[0]?.id])).rejects.toThrow(
    'tax_document_account_id_seller_id_usage_month_key',
  )
  for (const table of ['usage_period', 'usage_consideration']) {
    await expect(world.pool.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only')
  }
})

/** A pool whose connections die at a statement: before it is sent for odd steps, just after for even ones. */
function dyingPool({ pool }: VoucherWorld, step: number): pg.Pool {
  const dying = new pg.Pool({ ...pool.options, max: 1 })
  dying.on('error', () => undefined)
  let statements = 0
  dying.on('connect', (client) => {
    client.on('error', () => undefined)
    const send = client.query.bind(client) as (...words: unknown[]) => unknown
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection
    client.query = ((...words: unknown[]) => {
      statements += 1
      if (statements !== Math.ceil(step / 2)) return send(...words)
      if (step % 2 === 1) stream.destroy()
      const result = send(...words)
      if (step % 2 === 0) setImmediate(() => stream.destroy())
      return result
    }) as typeof client.query
  })
  return dying
}

function offsetOfBerlin(now: Date): number {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', hour12: false }).format(
    first,
  )
  return Number(hour) * 3_600_000
}

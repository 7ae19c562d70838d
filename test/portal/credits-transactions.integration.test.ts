import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buy } from '../orders/money-in-calls.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'
import { memberOf, textOf } from './credits-support.ts'

const DAY_MS = 86_400_000
const hello = { model: 'priced', messages: [{ role: 'user' as const, content: 'Hello' }] }

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
})
afterAll(() => farebox?.close())

const today = () => new Date(farebox.clock.now()).toISOString().slice(0, 10)

async function withUsage(): Promise<Customer> {
  const customer = await farebox.customer()
  await buy(farebox, customer, 2_500)
  for (let count = 0; count < 3; count += 1) await customer.client.chat.completions.create(hello)
  return customer
}

/** The lines of a CSV that has no line breaks within cells. */
const linesOf = (csv: string) => csv.trimEnd().split('\n')

describe('transactions', () => {
  test('usage is a line a day, or one a request, and every line has its sign and the balance after it', async () => {
    const customer = await withUsage()
    const { visitor } = await memberOf(farebox, customer)
    const daily = textOf((await visitor.get('/transactions')).html)
    expect(daily).toContain('Usage 3 requests -$0.00')
    expect(daily).toMatch(/Purchase Order RF\w+, .*\+\$25\.00 \$26\.00/)
    const each = await visitor.get('/transactions?usage=each&type=usage')
    expect(each.html.match(/1 request</g)).toHaveLength(3)
  })

  test('type and range narrow them; nothing yet and no match are told apart', async () => {
    const { visitor } = await memberOf(farebox, await withUsage())
    expect(textOf((await visitor.get('/transactions?type=purchases')).html)).toContain('1 transaction on this page')
    const none = textOf((await visitor.get('/transactions?type=refunds')).html)
    expect(none).toContain('No match')
    expect(none).toContain('Clear filters')
    const inRange = `/transactions?from=${today()}&to=${today()}`
    expect(textOf((await visitor.get(inRange)).html)).toContain('transactions on this page')
    const before = new Date(farebox.clock.now() - 9 * DAY_MS).toISOString().slice(0, 10)
    expect(textOf((await visitor.get(`/transactions?to=${before}`)).html)).toContain('No match')
    const { visitor: newcomer } = await memberOf(farebox, await farebox.customer({ creditNano: 0n }))
    expect(textOf((await newcomer.get('/transactions')).html)).toContain('Nothing yet')
  })

  test.each([
    ['from=2026-02-30', 'from'],
    ['to=tomorrow', 'to'],
    ['from=2026-03-02&to=2026-03-01', 'to'],
    ['type=gifts', 'type'],
  ])('an address that says nothing of sense names the field: %s', async (query, field) => {
    const { visitor } = await memberOf(farebox, await farebox.customer())
    const page = await visitor.get(`/transactions?${query}`)
    expect(page.status).toBe(422)
    expect(page.html).toContain(`<a href="#${field}">`)
    expect((await visitor.get(`/transactions.csv?${query}`)).status).toBe(404)
  })

  test('go page by page without repeating or leaving out a line, and the CSV has them all, exact', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    for (let count = 1; count <= 120; count += 1) await farebox.credit(customer.accountId, BigInt(count))
    const { visitor } = await memberOf(farebox, customer)
    const shown: string[] = []
    let path: string | undefined = '/transactions'
    for (let pages = 0; path && pages < 9; pages += 1) {
      const { html } = await visitor.get(path)
      shown.push(...[...html.matchAll(/data-label="Amount" title="\+\$([\d.]+)"/g)].map((match) => match[1] as string))
      path = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(shown.map((amount) => Number(amount.replace('0.', '').padEnd(9, '0')))).toEqual(
      Array.from({ length: 120 }, (_, index) => 120 - index),
    )
    const csv = linesOf((await visitor.get('/transactions.csv')).html)
    expect(csv).toHaveLength(121)
    expect(csv[0]).toBe(
      'time,type,description,requests,order_reference,document_number,amount,balance_after,currency,credits_expire',
    )
    expect(csv[1]).toMatch(/^[\d-]+T[\d:.]+Z,Promotional credit,,,,,0\.000000120,0\.000007260,USD,$/)
  })

  test('a cursor into somebody else’s ledger shows only one’s own', async () => {
    const theirs = await withUsage()
    const mine = await farebox.customer({ creditNano: 1_000_000n })
    const { visitor } = await memberOf(farebox, mine)
    const page = await visitor.get('/transactions?before=99')
    expect(page.html).toContain('+$0.001')
    expect(page.html).not.toContain('$25.00')
    expect(theirs.accountId).not.toBe(mine.accountId)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { buy } from '../orders/money-in-calls.ts'
import type { Visitor } from '../sign-in/sign-in-world.ts'
import { type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { hiddenField, memberOf, setUpSeller, textOf } from './credits-support.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox({ stripe: true, workers: true })
})
afterAll(() => farebox?.close())

async function download(visitor: Visitor, path: string) {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(farebox.url + path, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' })
  const { status, headers } = response
  return {
    status,
    type: headers.get('content-type'),
    name: headers.get('content-disposition'),
    content: Buffer.from(await response.arrayBuffer()),
  }
}

interface Document {
  id: string
  kind: string
  number: string
}

const documentsOf = ({ accountId }: Customer) =>
  farebox.rows<Document>('SELECT id, kind, number FROM tax_document WHERE account_id = $1 ORDER BY id', accountId)

describe('invoices', () => {
  test('before a seller is set up a paid order says that its invoice is being prepared', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    expect(textOf((await visitor.get('/invoices')).html)).toContain('Nothing yet.')
    await buy(farebox, customer, 500)
    expect(textOf((await visitor.get('/invoices')).html)).toContain('Invoice over $5.00 Preparing')
  })

  test('each is listed with its credit note, and comes as PDF, XML and UBL', async () => {
    await setUpSeller(farebox)
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor, userId } = await memberOf(farebox, customer)
    const orderId = await buy(farebox, customer, 10_000)
    await expect.poll(() => documentsOf(customer), PATIENCE).toHaveLength(1)
    const asked = { orderId, accountId: null, totalMinor: 2_000n, reason: 'The buyer asked for it.' }
    await requestRefund(farebox.running.desk, { ...asked, actorId: userId, idempotencyKey: null })
    await expect.poll(() => documentsOf(customer), PATIENCE).toHaveLength(2)
    const [invoice, note] = (await documentsOf(customer)) as [Document, Document]
    const text = textOf((await visitor.get('/invoices')).html)
    expect(text).toContain(`Credited by ${note.number}`)
    expect(text).toContain(`Corrects ${invoice.number}`)
    expect(text).toContain('Partly credited')
    const pdf = await download(visitor, `/invoices/${invoice.id}.pdf`)
    expect(pdf).toMatchObject({
      status: 200,
      type: 'application/pdf',
      name: `attachment; filename="${invoice.number}.pdf"`,
    })
    expect(pdf.content.subarray(0, 5).toString()).toBe('%PDF-')
    const cii = await download(visitor, `/invoices/${invoice.id}.xml`)
    expect(cii.content.toString()).toContain('CrossIndustryInvoice')
    const ubl = await download(visitor, `/invoices/${note.id}.ubl.xml`)
    expect(ubl.content.toString()).toContain('CreditNote')
  })

  test('somebody else’s are not there, whoever knows the address', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    await buy(farebox, customer, 500)
    await expect.poll(() => documentsOf(customer), PATIENCE).toHaveLength(1)
    const [{ id }] = (await documentsOf(customer)) as [Document]
    const { visitor } = await memberOf(farebox, await farebox.customer())
    for (const path of [`${id}.pdf`, `${id}.xml`, `${id}.ubl.xml`, 'none.pdf', `${crypto.randomUUID()}.pdf`]) {
      expect([path, (await download(visitor, `/invoices/${path}`)).status]).toEqual([path, 404])
    }
    const developer = await memberOf(farebox, customer, 'DEVELOPER')
    expect((await download(developer.visitor, `/invoices/${id}.pdf`)).status).toBe(403)
    expect((await visitor.get('/invoices')).html).not.toContain(id)
  })

  test('statements come by the month, and a month that there is not is not there', async () => {
    const { visitor } = await memberOf(farebox, await farebox.customer())
    const month = new Date(farebox.clock.now()).toISOString().slice(0, 7)
    expect((await visitor.get('/invoices')).html).toContain(`/statements/${month}.pdf`)
    const csv = await download(visitor, `/statements/${month}.csv`)
    expect(csv.content.toString()).toContain('Closing balance')
    expect((await download(visitor, `/statements/${month}.pdf`)).type).toBe('application/pdf')
    for (const wrong of ['2020-01', '2199-01', '2026-13', 'x']) {
      expect((await download(visitor, `/statements/${wrong}.csv`)).status).toBe(404)
    }
  })
})

describe('the billing profile', () => {
  const filled = {
    ...{ name: 'Muster GmbH', email: 'billing@muster.test', line1: 'Hauptstr. 1', line2: '', region: '' },
    ...{ 'postal-code': '10115', city: 'Berlin', country: 'DE', 'tax-id-type': 'eu_vat', 'tax-id': 'DE136695976' },
  }

  test('is saved, kept by version, and leads back to where one came from', async () => {
    const customer = await farebox.customer()
    const { visitor, userId } = await memberOf(farebox, customer)
    const next = '/add-credits?package=starter&amount='
    const page = await visitor.get(`/settings/billing?next=${encodeURIComponent(next)}`)
    const fields = { ...filled, version: hiddenField(page.html, 'version'), next }
    expect((await visitor.post('/settings/billing', fields)).location).toBe(next)
    expect(
      (
        await visitor.post('/settings/billing', {
          ...filled,
          name: 'Neue GmbH',
          version: '1',
          next: 'https://evil.example',
        })
      ).location,
    ).toBe('/settings/billing')
    expect(
      await farebox.rows(
        'SELECT version, name, tax_id_value, source, actor_id FROM billing_profile WHERE account_id = $1 ORDER BY version',
        customer.accountId,
      ),
    ).toEqual([
      { version: 1, name: 'Muster GmbH', tax_id_value: 'DE136695976', source: 'portal', actor_id: userId },
      { version: 2, name: 'Neue GmbH', tax_id_value: 'DE136695976', source: 'portal', actor_id: userId },
    ])
    const text = textOf((await visitor.get('/settings/billing')).html)
    expect(text).toContain('What it was before Muster GmbH , Berlin, Germany')
  })

  test.each([
    [{ name: '' }, 'name'],
    [{ country: '' }, 'country'],
    [{ email: 'nobody' }, 'email'],
    [{ 'tax-id': 'DE136695977' }, 'tax-id'],
    [{ 'tax-id-type': '' }, 'tax-id-type'],
    [{ 'tax-id-type': 'moon_vat' }, 'tax-id-type'],
    [{ city: 'x'.repeat(101) }, 'city'],
  ])('what is not as expected is said beside its field, and everything stays typed: %j', async (change, field) => {
    const customer = await farebox.customer()
    const { visitor } = await memberOf(farebox, customer)
    const fields: Record<string, string> = { ...filled, version: '0', ...(change as Record<string, string>) }
    const refused = await visitor.post('/settings/billing', fields)
    expect(refused.status).toBe(422)
    expect(refused.html).toContain(`<a href="#${field}">`)
    expect(refused.html).toContain(`id="${field}-problem"`)
    expect(refused.html).toContain('value="Hauptstr. 1"')
    expect(await farebox.rows('SELECT FROM billing_profile WHERE account_id = $1', customer.accountId)).toEqual([])
  })

  test('that somebody else has changed meanwhile is not overwritten unawares', async () => {
    const customer = await farebox.customer()
    const [first, second] = [await memberOf(farebox, customer), await memberOf(farebox, customer, 'BILLING')]
    expect((await first.visitor.post('/settings/billing', { ...filled, version: '0' })).status).toBe(303)
    const refused = await second.visitor.post('/settings/billing', { ...filled, name: 'Other', version: '0' })
    expect(refused.status).toBe(409)
    expect(refused.html).toContain('value="Other"')
    expect((await second.visitor.post('/settings/billing', { ...filled, name: 'Other', version: '1' })).status).toBe(
      303,
    )
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACTS, VIEWS } from '../../src/admin/pages/acting/acting-router.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { RESELLER_SELLER, SELLER } from '../back-office/office-world.ts'
import { type AdminWorld, member, staff, startAdminWorld } from './admin-world.ts'
import { seedTree, type Tree } from './two-trees.ts'

/** What each view needs to know about a row that is somebody else's. */
const ABOUT = (tree: Tree) => ({ id: tree.customerId, account: tree.customerId, reseller: tree.resellerId })

const orderOf = ({ ids }: Tree) => ids.get('PaymentOrder') as string

describe('what the acting pages read and send', () => {
  let world: AdminWorld
  let mine: Tree
  let theirs: Tree
  const ids = {
    admin: randomUUID(),
    finance: randomUUID(),
    second: randomUUID(),
    support: randomUUID(),
    owner: randomUUID(),
    viewer: randomUUID(),
  }

  beforeAll(async () => {
    world = await startAdminWorld()
    mine = await seedTree(world.database.connectionString, 'tree-a', 'Mine')
    theirs = await seedTree(world.database.connectionString, 'tree-b', 'Theirs')
    // What stands in every column of a tree is no rate that taxes could be decided by.
    await world.pool.query('DELETE FROM tax_rate')
    await writeSeller(world.pool, systemClock, null, SELLER)
    await writeSeller(world.pool, systemClock, mine.resellerId, RESELLER_SELLER)
    for (const [name, id] of Object.entries(ids)) {
      await world.pool.query(`INSERT INTO "user" (id, email, name, created_at) VALUES ($1, $2, $3, now())`, [
        id,
        `${name}@x.test`,
        `The ${name}`,
      ])
    }
    world.enter('admin', staff('ADMIN', ids.admin))
    world.enter('finance', staff('FINANCE', ids.finance))
    world.enter('second', staff('FINANCE', ids.second))
    world.enter('support', staff('SUPPORT', ids.support))
    world.enter('owner', member('OWNER', mine.resellerId, ids.owner))
    world.enter('viewer', member('VIEWER', mine.resellerId, ids.viewer))
  }, 240_000)
  afterAll(() => world.close())

  const view = async (who: string, name: string, asked: Record<string, string> = {}) => {
    const response = await world.get(who, `/admin/data/acting/${name}?${new URLSearchParams(asked)}`)
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const act = async (who: string, name: string, form: Record<string, unknown>) => {
    const response = await world.post(who, `/admin/data/acting/${name}`, { key: randomUUID(), ...form })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  /** A customer of the reseller's own, with nothing in its books yet. */
  const customer = async () => {
    const { body } = await act('owner', 'customer-open', { name: 'A customer' })
    return new URLSearchParams(body.to.split('?')[1]).get('id') as string
  }
  const count = async (sql: string, ...values: unknown[]) => (await world.pool.query(sql, values)).rows.length

  test('a reseller reads nothing of another tree, whatever it asks for', async () => {
    for (const name of Object.keys(VIEWS)) {
      const { status, body } = await view('owner', name, ABOUT(theirs))
      const text = JSON.stringify(body)
      for (const secret of [theirs.customerId, 'Theirs']) expect(`${name} ${status} ${text}`).not.toContain(secret)
    }
    expect((await view('owner', 'account', { id: mine.customerId })).status).toBe(200)
    expect((await view('owner', 'account', { id: theirs.customerId })).status).toBe(404)
    expect((await view('owner', 'account', { id: theirs.customerId })).body).toEqual(
      (await view('owner', 'account', { id: randomUUID() })).body,
    )
  })

  test('every act is refused to who may nothing, and the refusal stands in the audit log', async () => {
    const forms: Record<string, Record<string, unknown>> = {
      'order-create': { accountId: mine.customerId, netMinor: '10', dueDays: '30' },
      'adjustment-request': {
        accountId: mine.customerId,
        kind: 'CREDIT',
        amountNano: '5',
        reason: 'A reason in words',
      },
      'customer-open': { name: 'New' },
      'reseller-open': { name: 'New' },
      'account-rename': { accountId: mine.customerId, name: 'Other' },
      'account-plan': { accountId: mine.customerId },
      'account-access': { accountId: mine.customerId, disabled: true },
      'account-development': { accountId: mine.customerId, development: true },
      'member-invite': { accountId: mine.customerId, email: 'new@x.test', role: 'OWNER' },
      'member-role': { accountId: mine.customerId, userId: ids.owner, role: 'OWNER' },
      'member-remove': { accountId: mine.customerId, userId: ids.owner },
      'staff-invite': { email: 'new@x.test', staffRole: 'ADMIN' },
      'staff-role': { userId: ids.viewer, staffRole: 'ADMIN' },
      'person-access': { userId: ids.owner, disabled: true },
      'codes-make': { count: '1', amountNano: '5', creditDays: '30' },
      'code-disable': { codeId: randomUUID() },
      'webhook-replay': { eventId: 'evt_1' },
      'tax-rate-add': { territory: 'DE', rateBps: '19', from: '2027-01-01', source: 'Law' },
      'exchange-rate-add': { from: 'USD', to: 'EUR', rate: '0.9', date: '2026-01-01', source: 'ECB' },
      'seller-write': {},
      'order-cancel': { orderId: orderOf(mine), reason: 'No' },
      'refund-request': { orderId: orderOf(mine), reason: 'No' },
      'refund-settle': { refundId: randomUUID(), bankReference: 'X' },
      'refund-cancel': { refundId: randomUUID(), reason: 'No' },
      'adjustment-decide': { adjustmentId: randomUUID(), decision: 'approve' },
      'order-receipt': { orderId: orderOf(mine), bankReference: 'X', amountMinor: '5', receivedOn: '2026-01-01' },
      'order-approve': { orderId: orderOf(mine), settlement: 'EXACT', receivedMinor: '0' },
    }
    // A note is the one thing that everybody may leave.
    expect(
      Object.keys(ACTS)
        .filter((name) => name !== 'note-add')
        .sort(),
    ).toEqual(Object.keys(forms).sort())
    for (const [name, form] of Object.entries(forms)) {
      const before = await count(`SELECT FROM audit_entry WHERE outcome = 'REFUSED' AND actor_id = $1`, ids.viewer)
      expect({ name, ...(await act('viewer', name, form)) }).toMatchObject({
        name,
        status: 403,
        body: { code: 'not_allowed' },
      })
      const after = await count(`SELECT FROM audit_entry WHERE outcome = 'REFUSED' AND actor_id = $1`, ids.viewer)
      expect(`${name} ${after}`).toBe(`${name} ${before + 1}`)
    }
  })

  test('nothing is changed by GET, nor by a POST of another site', async () => {
    expect((await world.get('admin', '/admin/data/acting/note-add')).status).toBe(404)
    const foreign = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }
    const form = { accountId: mine.customerId, text: 'Hello', key: randomUUID() }
    expect((await world.post('admin', '/admin/data/acting/note-add', form, foreign)).status).toBe(403)
    expect(await count('SELECT FROM account_note')).toBe(0)
  })

  test('a form that is sent twice does it once; with other contents under the same key it is refused', async () => {
    const accountId = await customer()
    const key = randomUUID()
    const form = { accountId, kind: 'CREDIT', amountNano: '5.00', reason: 'For a good reason', key }
    const answers = await Promise.all([
      act('finance', 'adjustment-request', form),
      act('finance', 'adjustment-request', form),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await count('SELECT FROM adjustment WHERE account_id = $1', accountId)).toBe(1)
    expect(await act('finance', 'adjustment-request', { ...form, amountNano: '6.00' })).toMatchObject({
      status: 409,
      body: {
        message: 'This form was sent before with other contents. Look at what was done, and open the form anew.',
      },
    })
  })

  test('what is wrong is said at its field, in words of the form', async () => {
    const accountId = await customer()
    const form = { accountId, kind: 'CREDIT', amountNano: '5.00', reason: 'short' }
    expect((await act('finance', 'adjustment-request', form)).body).toMatchObject({
      field: 'reason',
      message: 'The reason must say why in at least 10 characters.',
    })
    expect((await act('finance', 'adjustment-request', { ...form, amountNano: '1.250' })).body).toMatchObject({
      field: 'amountNano',
      message: '1.250 can mean 1250.00 or 1.25: write which of them.',
    })
    expect((await act('finance', 'adjustment-request', { ...form, surprise: 1 })).status).toBe(422)
    expect(
      (
        await act('finance', 'adjustment-request', {
          ...form,
          reason: 'A reason in words',
          kind: 'DEBIT',
          amountNano: '999999',
        })
      ).body,
    ).toMatchObject({
      code: 'debit_exceeds_available',
      field: 'amountNano',
    })
  })

  test('an order is previewed as it is then opened, paid, and refunded with what the preview said', async () => {
    const accountId = await customer()
    const asked = { account: accountId, netMinor: '1.250,00' }
    const { body: preview } = await view('owner', 'order-preview', asked)
    expect(preview).toMatchObject({ netMinor: '125000', creditNano: '1250000000000', problem: null })
    const made = await act('owner', 'order-create', {
      accountId,
      netMinor: '1.250,00',
      dueDays: '14',
      note: 'By telephone',
    })
    expect(made.status).toBe(200)
    const orderId = new URLSearchParams(made.body.to.split('?')[1]).get('id') as string
    const { body: opened } = await view('owner', 'order', { id: orderId })
    expect(opened.order.totalMinor).toBe(preview.totalMinor)
    expect((await world.get('owner', `/admin/data/orders/${orderId}/pro-forma.pdf`)).headers.get('content-type')).toBe(
      'application/pdf',
    )
    expect((await world.get('viewer', `/admin/data/orders/${orderOf(theirs)}/pro-forma.pdf`)).status).toBe(404)
    const total = `${opened.order.totalMinor.slice(0, -2)}.${opened.order.totalMinor.slice(-2)}`
    const receipt = {
      orderId,
      bankReference: 'line 1',
      amountMinor: total,
      receivedOn: new Date().toISOString().slice(0, 10),
    }
    expect((await act('finance', 'order-receipt', receipt)).status).toBe(200)
    const { body: approvals } = await view('finance', 'approvals')
    const waiting = approvals.orders.find(({ order }: { order: { id: string } }) => order.id === orderId)
    expect(waiting.whyNot).toBe('You have recorded its receipt: above 1,000.00 USD, somebody else has to approve.')
    const approval = { orderId, settlement: 'EXACT', receivedMinor: opened.order.totalMinor }
    expect(await act('finance', 'order-approve', approval)).toMatchObject({
      status: 403,
      body: { code: 'approval_by_same_person' },
    })
    expect((await act('second', 'order-approve', approval)).status).toBe(200)
    expect(await act('admin', 'order-approve', approval)).toMatchObject({
      status: 409,
      body: { message: 'The second has approved this order before you. It was paid once.' },
    })

    const { body: takes } = await view('finance', 'refund-preview', { id: orderId, amount: '100.00' })
    expect(takes.problem).toBeNull()
    const refunded = await act('finance', 'refund-request', { orderId, totalMinor: '100.00', reason: 'Asked for' })
    expect(refunded.status).toBe(200)
    const { body: after } = await view('finance', 'order', { id: orderId })
    expect(after.refunds).toMatchObject([
      { totalMinor: '10000', creditNano: takes.plan.creditNano, taxMinor: takes.plan.taxMinor },
    ])
    expect((await view('finance', 'approvals')).body.refunds).toHaveLength(1)
    const settled = await act('finance', 'refund-settle', { refundId: after.refunds[0].id, bankReference: 'back 1' })
    expect(settled.body.message).toBe('The transfer of 100.00 USD is recorded, and the credits are withdrawn.')
    expect(
      (await act('finance', 'refund-request', { orderId, totalMinor: '99999', reason: 'Too much' })).body,
    ).toMatchObject({
      field: 'totalMinor',
      code: 'refund_exceeds_available',
    })
  })

  test('codes are shown once, accounts opened, people invited, sellers, rates and roles changed: each with its audit row', async () => {
    const key = randomUUID()
    const codes = { count: '3', amountNano: '10.00', creditDays: '30', key }
    const made = await act('finance', 'codes-make', codes)
    expect(made.body.secrets).toHaveLength(3)
    expect((await act('finance', 'codes-make', codes)).body).toEqual({
      message: 'These codes were made before, and were shown then.',
    })
    const { body: listed } = await view('finance', 'codes')
    expect(JSON.stringify(listed)).not.toContain(made.body.secrets[0])
    expect((await act('finance', 'code-disable', { codeId: listed.codes[0].id })).status).toBe(200)

    const opened = await act('owner', 'customer-open', { name: 'New customer' })
    const accountId = new URLSearchParams(opened.body.to.split('?')[1]).get('id') as string
    expect((await act('owner', 'member-invite', { accountId, email: 'somebody@x.test', role: 'OWNER' })).status).toBe(
      200,
    )
    expect((await act('owner', 'member-invite', { accountId, email: 'nobody', role: 'OWNER' })).body).toMatchObject({
      field: 'email',
    })
    expect(
      (await act('owner', 'member-invite', { accountId: theirs.customerId, email: 'x@x.test', role: 'OWNER' })).status,
    ).toBe(404)
    const { body: account } = await view('owner', 'account', { id: accountId })
    expect(account).toMatchObject({
      account: { name: 'New customer', resellerId: mine.resellerId },
      invitations: [{ email: 'somebody@x.test' }],
    })

    const { seller } = (await view('owner', 'sellers')).body
    const entered = {
      ...{
        resellerId: '',
        legalName: seller.legalName,
        vatId: seller.vatId,
        'bank.iban': seller.bank.iban,
        'bank.holder': seller.bank.holder,
      },
      ...{
        'address.line1': 'New street 2',
        'address.postalCode': '10119',
        'address.city': 'Berlin',
        'address.country': 'DE',
      },
      ...{
        taxPoint: 'PURCHASE',
        timeZone: 'Europe/Berlin',
        invoicePattern: 'R-{000001}',
        creditNotePattern: 'RC-{000001}',
        numberReset: 'NEVER',
      },
    }
    expect(await act('owner', 'seller-write', entered)).toMatchObject({ status: 200 })
    expect((await act('owner', 'seller-write', { ...entered, 'bank.iban': 'DE00' })).body).toMatchObject({
      field: 'bank.iban',
    })
    expect((await view('owner', 'sellers')).body.seller.address.line1).toBe('New street 2')
    const rate = { territory: 'de', rateBps: '19,5', from: '2027-01-01', source: 'An act' }
    expect((await act('finance', 'tax-rate-add', rate)).body.message).toBe(
      'From 2027-01-01 on, the rate in DE is 19.5 %.',
    )
    const exchange = { from: 'usd', to: 'eur', rate: '0,92310', date: '2026-11-20', source: 'ECB' }
    expect((await act('finance', 'exchange-rate-add', exchange)).body.message).toBe(
      'On 2026-11-20, 1 USD is 0.92310 EUR.',
    )
    expect((await act('admin', 'staff-invite', { email: 'staff@x.test', staffRole: 'SUPPORT' })).status).toBe(200)
    const done = (await world.pool.query(`SELECT DISTINCT action FROM audit_entry WHERE outcome = 'DONE'`)).rows.map(
      ({ action }) => action,
    )
    for (const action of [
      'code.create',
      'code.disable',
      'account.open',
      'person.invite',
      'seller.write',
      'tax-rate.write',
      'exchange-rate.add',
      'staff.invite',
    ]) {
      expect(done).toContain(action)
    }
  })
})

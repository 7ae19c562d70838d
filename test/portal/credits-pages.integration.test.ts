import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRedemptionCodes } from '../../src/orders/codes/create-redemption-codes.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { callApi } from '../orders/money-in-calls.ts'
import { CLEAN, type Customer, type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { hiddenField, memberOf, setUpSeller, textOf } from './credits-support.ts'

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  await ensureDefaultPackages(farebox.pool, farebox.clock, 'USD')
  await setUpSeller(farebox)
})
afterAll(() => farebox?.close())

const ordersOf = ({ accountId }: Customer) =>
  farebox.rows(
    'SELECT kind, state, net_minor, tax_minor, total_minor FROM payment_order WHERE account_id = $1',
    accountId,
  )

/** A business in Germany, so that German VAT comes on top. */
async function inBerlin(visitor: Awaited<ReturnType<typeof memberOf>>['visitor']) {
  const address = { line1: 'Hauptstr. 1', 'postal-code': '10115', city: 'Berlin', country: 'DE' }
  const fields = { name: 'Erika Muster', version: '0', ...address }
  expect(await visitor.post('/settings/billing', fields)).toMatchObject({ status: 303 })
}

describe('who may do what', () => {
  test('owners and billing buy and change; all others look at balances and movements, and at nobody’s card or invoice', async () => {
    const customer = await farebox.customer()
    for (const role of ['OWNER', 'BILLING', 'DEVELOPER', 'VIEWER'] as const) {
      const { visitor } = await memberOf(farebox, customer, role)
      const mayBuy = role === 'OWNER' || role === 'BILLING'
      for (const path of ['/', '/credits', '/transactions', '/transactions.csv']) {
        expect([role, path, (await visitor.get(path)).status]).toEqual([role, path, 200])
      }
      const month = new Date(farebox.clock.now()).toISOString().slice(0, 7)
      const theirs = ['/add-credits', '/auto-top-up', '/invoices', '/settings/billing', `/statements/${month}.csv`]
      for (const path of theirs) {
        expect([role, path, (await visitor.get(path)).status]).toEqual([role, path, mayBuy ? 200 : 403])
      }
      const changes = ['/add-credits', '/add-credits/transfer', '/auto-top-up', '/auto-top-up/off', '/credits']
      for (const path of [...changes, '/payment-methods', '/payment-methods/pm_1/remove', '/settings/billing']) {
        const { status } = await visitor.post(path, {}, '/security')
        expect([role, path, mayBuy ? status !== 403 : status]).toEqual([role, path, mayBuy ? true : 403])
      }
      const { html } = await visitor.get('/credits')
      expect(html.includes('Add credits')).toBe(mayBuy)
      expect(html.includes('Saved cards')).toBe(mayBuy)
    }
  })

  test('nobody who is not signed in, and nobody without the page’s token', async () => {
    const customer = await farebox.customer()
    const { visitor } = await memberOf(farebox, customer)
    const before = await farebox.books()
    for (const path of ['/add-credits', '/add-credits/transfer', '/auto-top-up', '/auto-top-up/off', '/credits']) {
      const fields = { package: 'starter', total: '2000', key: crypto.randomUUID(), code: 'ABCD' }
      expect((await visitor.postRaw(path, fields)).status).toBe(403)
      expect((await fetch(farebox.url + path, { method: 'POST', redirect: 'manual' })).status).toBe(403)
    }
    expect((await fetch(`${farebox.url}/credits`, { redirect: 'manual' })).status).toBe(303)
    expect(await farebox.books()).toEqual(before)
  })

  test('what is another account’s is not there', async () => {
    const [mine, theirs] = [await farebox.customer(), await farebox.customer()]
    const { visitor } = await memberOf(farebox, mine)
    const other = await memberOf(farebox, theirs)
    const page = await other.visitor.get('/add-credits?package=starter')
    const fields = { package: 'starter', amount: '', total: hiddenField(page.html, 'total'), key: crypto.randomUUID() }
    const { location } = await other.visitor.post('/add-credits/transfer', fields, '/add-credits')
    expect((await other.visitor.get(location as string)).status).toBe(200)
    for (const path of [location as string, `${location}/pro-forma.pdf`, '/bank-transfers/none']) {
      expect((await visitor.get(path)).status).toBe(404)
    }
    await savedCard(theirs)
    const [card] = await farebox.rows<{ id: string }>(
      'SELECT id FROM payment_method WHERE account_id = $1',
      theirs.accountId,
    )
    expect((await visitor.post(`/payment-methods/${card?.id}/remove`, {}, '/credits')).status).toBe(404)
    const topUp = { threshold: '5', amount: '10', card: card?.id as string, consent: 'yes' }
    const refused = await visitor.post('/auto-top-up', { ...topUp, 'consent-version': '2026-11-1' }, '/credits')
    expect(refused.status).toBe(422)
    expect(await farebox.rows('SELECT FROM auto_top_up WHERE account_id = $1', mine.accountId)).toEqual([])
  })
})

async function savedCard(customer: Customer, card = '4242424242424242'): Promise<string> {
  const { body } = await callApi(farebox, customer, 'POST', '/credits/setup-session')
  await farebox.stripe.control.pay(body.id as string, { card })
  await farebox.stripe.control.idle()
  const [saved] = await farebox.rows<{ id: string }>(
    'SELECT id FROM payment_method WHERE account_id = $1 ORDER BY created_at DESC',
    customer.accountId,
  )
  return saved?.id as string
}

describe('adding credits', () => {
  test('the tax and the total are said before paying, and are what is paid', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    expect(textOf((await visitor.get('/add-credits')).html)).toContain('Whatever tax is due is contained in this total')
    await inBerlin(visitor)
    const page = await visitor.get('/add-credits?package=growth')
    const text = textOf(page.html)
    expect(text).toContain('Credits $200.00 Bonus + $10.00 Net $200.00 Tax (19%) $38.00 Total $238.00')
    expect(text).toContain('Pay $238.00 by card')
    const fields = {
      package: 'growth',
      amount: '',
      total: hiddenField(page.html, 'total'),
      key: hiddenField(page.html, 'key'),
    }
    const paid = await visitor.post('/add-credits', fields, '/add-credits')
    expect(paid.status).toBe(303)
    expect(paid.location).toContain(farebox.stripe.url)
    expect(await ordersOf(customer)).toEqual([
      { kind: 'CHECKOUT', state: 'AWAITING_PAYMENT', net_minor: '20000', tax_minor: '3800', total_minor: '23800' },
    ])
    // The same page again is the same purchase.
    expect((await visitor.post('/add-credits', fields, '/add-credits')).location).toBe(paid.location)
    expect(await ordersOf(customer)).toHaveLength(1)
  })

  test('a total that has changed since it was shown is not charged', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    const page = await visitor.get('/add-credits?package=starter')
    const fields = { package: 'starter', amount: '', total: hiddenField(page.html, 'total'), key: crypto.randomUUID() }
    await inBerlin(visitor)
    const refused = await visitor.post('/add-credits', fields, '/add-credits')
    expect(refused.status).toBe(409)
    expect(textOf(refused.html)).toContain('The total has changed')
    expect(await ordersOf(customer)).toEqual([])
  })

  test.each([
    ['4.99', 'The least is $5.00.'],
    ['1000000000', 'The most is'],
    ['25,50', 'Write the amount like 25 or 25.50.'],
    ['-5', 'Write the amount'],
    ['1e3', 'Write the amount'],
    ['', 'Write the amount'],
  ])('an amount that cannot be bought keeps what was typed and names the field: %j', async (amount, problem) => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    for (const page of [
      await visitor.get(`/add-credits?package=custom&amount=${encodeURIComponent(amount)}`),
      await visitor.post(
        '/add-credits',
        { package: 'custom', amount, total: '500', key: crypto.randomUUID() },
        '/credits',
      ),
    ]) {
      expect(page.html).toContain(`<a href="#amount">`)
      expect(page.html).toContain('aria-invalid="true"')
      expect(page.html).toContain(`value="${amount}"`)
      expect(textOf(page.html)).toContain(problem)
    }
    expect(await ordersOf(customer)).toEqual([])
  })

  test('an own amount may be typed with thousands, and buys exactly that', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    const page = await visitor.get('/add-credits?package=custom&amount=%241%2C250.50')
    const fields = {
      package: 'custom',
      amount: '$1,250.50',
      total: hiddenField(page.html, 'total'),
      key: crypto.randomUUID(),
    }
    expect((await visitor.post('/add-credits', fields, '/add-credits')).status).toBe(303)
    expect(await ordersOf(customer)).toMatchObject([{ net_minor: '125050' }])
  })

  test('a bank transfer is told where to, how much and under which reference, and credits nothing', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    const key = crypto.randomUUID()
    const page = await visitor.get('/add-credits?package=starter')
    const fields = { package: 'starter', amount: '', total: hiddenField(page.html, 'total'), key }
    const { location } = await visitor.post('/add-credits/transfer', fields, '/add-credits')
    const again = await visitor.post('/add-credits/transfer', fields, '/add-credits')
    expect(again.location).toBe(location)
    const transfer = textOf((await visitor.get(location as string)).html)
    expect(transfer).toContain('Awaiting payment')
    expect(transfer).toContain('DE89 3704 0044 0532 0130 00')
    expect(transfer).toMatch(/Reference RF\d\d FB/)
    const pdf = await fetch(`${farebox.url}${location}/pro-forma.pdf`, {
      headers: { cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    expect([pdf.status, pdf.headers.get('content-type')]).toEqual([200, 'application/pdf'])
    expect(textOf((await visitor.get('/credits')).html)).toContain('Purchase by bank transfer')
    expect(await farebox.rows('SELECT balance_nano FROM wallet WHERE account_id = $1', customer.accountId)).toEqual([
      { balance_nano: '0' },
    ])
  })

  test('so many transfers may be awaited, and no more', async () => {
    const { visitor } = await memberOf(farebox, await farebox.customer({ creditNano: 0n }))
    const { html } = await visitor.get('/add-credits?package=starter')
    const ask = (key: string) => {
      const fields = { package: 'starter', amount: '', total: hiddenField(html, 'total'), key }
      return visitor.post('/add-credits/transfer', fields, '/add-credits')
    }
    const keys = Array.from({ length: 5 }, () => crypto.randomUUID())
    const locations = []
    for (const key of keys) locations.push((await ask(key)).location)
    expect(new Set(locations).size).toBe(5)
    expect((await ask(keys[4] as string)).location).toBe(locations[4])
    const refused = await ask(crypto.randomUUID())
    expect(refused.status).toBe(422)
    expect(textOf(refused.html)).toContain('5 bank transfers are awaited already')
  })
})

describe('codes', () => {
  test('a code is redeemed once, and one that is none says so beside its field', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor, userId } = await memberOf(farebox, customer)
    const made = await createRedemptionCodes(farebox.running.desk, {
      ...{ count: 1, amountNano: 5_000_000_000n, currency: 'USD', creditDays: 30, expiresAt: null },
      ...{ actorId: userId, note: null },
    })
    const text = made.outcome === 'created' ? (made.codes[0]?.code ?? '') : ''
    const refused = await visitor.post('/credits', { code: 'FB-NOPE' })
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('value="FB-NOPE"')
    expect(refused.html).toContain('<a href="#code">This code cannot be redeemed.</a>')
    expect((await visitor.post('/credits', { code: text })).location).toBe('/credits')
    expect(textOf((await visitor.get('/credits')).html)).toContain('Promotional credit $5.00 $5.00')
  })
})

describe('automatic top-up', () => {
  const agreed = { threshold: '10', amount: '25', 'daily-cap': '', 'monthly-cap': '200', consent: 'yes' }
  const version = { 'consent-version': '2026-11-1' }

  test('is off until it is agreed to, and the consent says who, what and which card', async () => {
    const customer = await farebox.customer()
    const { visitor, userId } = await memberOf(farebox, customer)
    expect(textOf((await visitor.get('/credits')).html)).toContain('Automatic top-up Off')
    expect(textOf((await visitor.get('/auto-top-up')).html)).toContain('It needs a saved card')
    const card = await savedCard(customer)
    const fields = { ...agreed, ...version, card }
    const { consent: _, ...withoutConsent } = fields
    const refused = await visitor.post('/auto-top-up', withoutConsent)
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('<a href="#consent">')
    expect((await visitor.post('/auto-top-up', fields)).location).toBe('/credits')
    expect(
      await farebox.rows(
        'SELECT actor_id, actor_kind, amount_minor, monthly_cap_minor, payment_method_id FROM top_up_consent WHERE account_id = $1',
        customer.accountId,
      ),
    ).toEqual([
      {
        actor_id: userId,
        actor_kind: 'user',
        amount_minor: '2500',
        monthly_cap_minor: '20000',
        payment_method_id: card,
      },
    ])
    const text = textOf((await visitor.get('/credits')).html)
    expect(text).toContain('When the balance falls below $10.00 Add $25.00 At most $200.00 a month')
    expect(text).toContain('Visa ending in 4242')
    // The card that is charged is not removed unawares.
    const kept = await visitor.post(`/payment-methods/${card}/remove`, {}, '/credits')
    expect(kept.status).toBe(422)
    expect((await visitor.post('/auto-top-up/off', {}, '/auto-top-up')).location).toBe('/credits')
    expect(textOf((await visitor.get('/credits')).html)).toContain('Automatic top-up Off')
    expect((await visitor.post(`/payment-methods/${card}/remove`, {}, '/credits')).location).toBe('/credits')
    expect(textOf((await visitor.get('/credits')).html)).toContain('No card is saved')
  })

  test.each([
    [{ threshold: 'ten' }, 'threshold'],
    [{ threshold: '30' }, 'amount'],
    [{ amount: '1' }, 'amount'],
    [{ 'daily-cap': '5' }, 'daily-cap'],
    [{ 'monthly-cap': '24.99' }, 'monthly-cap'],
    [{ card: 'pm_of_nobody' }, 'card'],
    [{ 'consent-version': 'older' }, 'consent'],
  ])('what does not fit is refused beside its field, with everything as it was typed: %j', async (change, field) => {
    const customer = await farebox.customer()
    const { visitor } = await memberOf(farebox, customer)
    const card = await savedCard(customer)
    const fields: Record<string, string> = { ...agreed, ...version, card, ...(change as Record<string, string>) }
    const refused = await visitor.post('/auto-top-up', fields)
    expect(refused.status).toBe(422)
    expect(refused.html).toContain(`<a href="#${field}">`)
    for (const name of ['threshold', 'amount', 'monthly-cap']) expect(refused.html).toContain(`value="${fields[name]}"`)
    expect(await farebox.rows('SELECT FROM auto_top_up WHERE account_id = $1', customer.accountId)).toEqual([])
  })

  test('that has stopped says why, on both pages, with one way to resume it', async () => {
    const customer = await farebox.customer()
    const { visitor } = await memberOf(farebox, customer)
    const card = await savedCard(customer)
    await visitor.post('/auto-top-up', { ...agreed, ...version, card })
    expect((await visitor.post('/auto-top-up/resume', {}, '/auto-top-up')).status).toBe(404)
    await farebox.rows(
      `UPDATE auto_top_up SET suspended_at = now(), suspended_reason = 'hard_decline', last_attempt_at = now(),
         last_result = 'expired_card' WHERE account_id = $1`,
      customer.accountId,
    )
    const text = textOf((await visitor.get('/credits')).html)
    expect(text).toContain('Stopped The saved card was declined in a way that trying again cannot mend.')
    expect(text).toContain('Declined: the card has expired.')
    const resumed = await visitor.post('/auto-top-up/resume', {}, '/credits')
    expect(resumed.location).toContain(farebox.stripe.url)
    const session = /cs_[A-Za-z0-9_]+/.exec(resumed.location as string)?.[0] as string
    await farebox.stripe.control.pay(session, { card: '4242424242424242' })
    await farebox.stripe.control.idle()
    await expect.poll(async () => textOf((await visitor.get('/credits')).html), PATIENCE).toContain('top-up On')
  })
})

test('after all this the books are in order', async () => {
  expect(await farebox.verify()).toBe(CLEAN)
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recordBillingProfile } from '../../src/accounts/billing-profile.ts'
import { managementApi } from '../../src/api/management-api.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { type AskDeps, askAboutAccount, askAboutDue, openVatRegister } from '../../src/invoicing/ask-vat-register.ts'
import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { readSnapshot } from '../../src/invoicing/snapshot-json.ts'
import { ViesChecker } from '../../src/invoicing/tax/vies.ts'
import { startedCheckout } from '../orders/money-in-calls.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'

const DAY_MS = 86_400_000
const REQUESTER = 'DE136695976'
const VIENNA = { line1: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' }
const SELLER = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  vatId: REQUESTER,
  email: 'billing@farebox.example',
  timeZone: 'Europe/Berlin',
}

type Answer = 'valid' | 'invalid' | 'unavailable' | 'silent'

let farebox: Farebox
let vies: Server
let viesUrl: string
let checker: ViesChecker
let impatient: ViesChecker
/** What the stand-in for VIES says. */
let answer: Answer = 'valid'
/** The VAT ids it was asked about. */
const asked: string[] = []

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  await writeSeller(farebox.pool, farebox.clock, null, SELLER)
  vies = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { countryCode, vatNumber, ...rest } = JSON.parse(Buffer.concat(chunks).toString())
    asked.push(countryCode + vatNumber)
    expect(rest).toEqual({ requesterMemberStateCode: 'DE', requesterNumber: '136695976' })
    if (answer === 'silent') return
    const said = {
      valid: { valid: true, userError: 'VALID', requestIdentifier: `W${asked.length}` },
      invalid: { valid: false, userError: 'INVALID', requestIdentifier: '' },
      unavailable: { valid: false, userError: 'MS_UNAVAILABLE' },
    }[answer]
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  })
  await new Promise<void>((resolve) => vies.listen(0, '127.0.0.1', resolve))
  viesUrl = `http://127.0.0.1:${(vies.address() as AddressInfo).port}/check-vat-number`
  checker = new ViesChecker({ requesterVatId: REQUESTER, url: viesUrl })
  impatient = new ViesChecker({ requesterVatId: REQUESTER, url: viesUrl, timeoutMs: 100 })
})
afterAll(async () => {
  vies.closeAllConnections()
  await Promise.all([checker.close(), impatient.close()])
  await new Promise((resolve) => vies.close(resolve))
  await farebox.close()
})
beforeEach(async () => {
  // What an earlier test left due is not this one's.
  answer = 'valid'
  await askAboutDue(deps())
  asked.length = 0
})

const deps = (of: ViesChecker = checker): AskDeps => ({
  ...{ pool: farebox.pool, clock: farebox.clock },
  vatRegister: { checker: of, requesterVatId: REQUESTER },
})
const customer = () => farebox.customer({ creditNano: 0n })

/** A number of its own for each test, with right check digits (Austria: sum of digits, every second one doubled). */
let last = 1_000_000
function nextVatId(): string {
  last += 1
  const digits = String(last)
  const sum = [...digits].reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + Math.floor(value / 10) + (value % 10)
  }, 0)
  return `ATU${digits}${(96 - sum) % 10}`
}

async function withProfile(taxIdValue: string | null, taxIdType = 'eu_vat', buyer?: Customer): Promise<Customer> {
  const known = buyer ?? (await customer())
  const { country, line1, city, postalCode } = VIENNA
  const profile = {
    ...{ name: 'Muster GmbH', email: null, line1, line2: null, city, region: null, postalCode, country },
    ...{ taxIdType: taxIdValue === null ? null : taxIdType, taxIdValue },
  }
  const by = { source: 'portal', actorId: null } as const
  await inTransaction(farebox.pool, (client) =>
    recordBillingProfile(client, farebox.clock, known.accountId, profile, by),
  )
  return known
}

const checksOf = (value: string) =>
  farebox.rows<{ result: string; consultation: string | null; requester: string | null }>(
    'SELECT result, consultation, requester FROM vat_id_check WHERE value = $1 ORDER BY checked_at, id',
    value,
  )

async function invoiceOf(buyer: Customer, taxId?: { type: string; value: string }): Promise<DocumentSnapshot> {
  const { id, orderId } = await startedCheckout(farebox, buyer, { amount: 1_000 })
  await farebox.stripe.control.pay(id, { card: '4242424242424242', name: 'Muster GmbH', address: VIENNA, taxId })
  await farebox.stripe.control.idle()
  const [row] = await farebox.rows<{ snapshot: unknown }>(
    'SELECT snapshot FROM tax_document WHERE order_id = $1',
    orderId,
  )
  return readSnapshot(row?.snapshot)
}

describe('asking the register', () => {
  test('is off by default: nothing is asked, and nothing stored', async () => {
    const vatId = nextVatId()
    const { accountId } = await withProfile(vatId)
    const off: AskDeps = {
      ...deps(),
      vatRegister: openVatRegister({ viesCheck: false, viesRequesterVatId: REQUESTER }),
    }
    expect([await askAboutAccount(off, accountId), await askAboutDue(off)]).toEqual([false, 0])
    expect([asked, await checksOf(vatId)]).toEqual([[], []])
  })

  test('the answer is kept with the number of the consultation and in whose name it was asked', async () => {
    const vatId = nextVatId()
    const { accountId } = await withProfile(vatId)
    expect(await askAboutAccount(deps(), accountId)).toBe(true)
    expect(asked).toEqual([vatId])
    expect(await checksOf(vatId)).toEqual([{ result: 'valid', consultation: 'W1', requester: REQUESTER }])
  })

  test.each([
    ['no tax id', null, 'eu_vat'],
    ['one that is not the EU’s', 'GB980780684', 'gb_vat'],
    ['a malformed one', 'ATU12', 'eu_vat'],
  ])('%s is not asked about', async (_name, value, type) => {
    const { accountId } = await withProfile(value, type)
    expect([await askAboutAccount(deps(), accountId), await askAboutDue(deps()), asked]).toEqual([false, 0, []])
  })

  test('a good answer is not asked for again before it has to be renewed', async () => {
    const vatId = nextVatId()
    const { accountId } = await withProfile(vatId)
    await askAboutAccount(deps(), accountId)
    farebox.clock.advance(79 * DAY_MS)
    expect(await askAboutAccount(deps(), accountId)).toBe(false)
    farebox.clock.advance(2 * DAY_MS)
    expect(await askAboutAccount(deps(), accountId)).toBe(true)
    expect(await checksOf(vatId)).toHaveLength(2)
  })

  test('a bad answer is asked for again on the next day, and the latest one counts', async () => {
    const vatId = nextVatId()
    const { accountId } = await withProfile(vatId)
    answer = 'invalid'
    await askAboutAccount(deps(), accountId)
    expect(await askAboutAccount(deps(), accountId)).toBe(false)
    farebox.clock.advance(DAY_MS)
    answer = 'valid'
    expect(await askAboutAccount(deps(), accountId)).toBe(true)
    expect((await checksOf(vatId)).map(({ result }) => result)).toEqual(['invalid', 'valid'])
  })

  test.each<[string, Answer]>([
    ['cannot answer', 'unavailable'],
    ['never answers', 'silent'],
  ])('a register that %s has checked nothing, and is asked again an hour later', async (_name, said) => {
    const vatId = nextVatId()
    const { accountId } = await withProfile(vatId)
    answer = said
    expect(await askAboutAccount(deps(said === 'silent' ? impatient : checker), accountId)).toBe(true)
    expect(await askAboutAccount(deps(), accountId)).toBe(false)
    answer = 'valid'
    farebox.clock.advance(3_600_000)
    expect(await askAboutAccount(deps(), accountId)).toBe(true)
    expect((await checksOf(vatId)).map(({ result }) => result)).toEqual(['not_checked', 'valid'])
  })

  test('no connection to the database is held while the register is silent', async () => {
    const { accountId } = await withProfile(nextVatId())
    answer = 'silent'
    const asking = askAboutAccount(deps(impatient), accountId)
    await expect.poll(() => asked.length, { timeout: 5_000 }).toBe(1)
    expect(farebox.pool.totalCount - farebox.pool.idleCount).toBe(0)
    await asking
  })
})

describe('the sweep', () => {
  test('asks about profiles in force whose answer is missing, each VAT id once', async () => {
    const [shared, left, own] = [nextVatId(), nextVatId(), nextVatId()]
    await withProfile(shared)
    await withProfile(shared)
    const moved = await withProfile(left)
    await withProfile(own, 'eu_vat', moved)
    expect(await askAboutDue(deps())).toBe(2)
    expect([...asked].sort()).toEqual([shared, own].sort())
    expect(await checksOf(left)).toEqual([])
    expect(await askAboutDue(deps())).toBe(0)
  })

  test('asks the longest due first, so that one state that is away keeps nobody waiting', async () => {
    const [stuck, fresh] = [nextVatId(), nextVatId()]
    await withProfile(stuck)
    answer = 'unavailable'
    await askAboutDue(deps())
    farebox.clock.advance(3_600_000)
    await withProfile(fresh)
    asked.length = 0
    expect(await askAboutDue(deps(), 1)).toBe(1)
    expect(asked).toEqual([fresh])
  })
})

describe('what is known is in the invoice', () => {
  test('a confirmed VAT id: reverse charge, with the number of the consultation as evidence', async () => {
    const vatId = nextVatId()
    const buyer = await withProfile(vatId)
    await askAboutAccount(deps(), buyer.accountId)
    expect(await invoiceOf(buyer, { type: 'eu_vat', value: vatId })).toMatchObject({
      ...{ taxMinor: 0n, taxes: [{ category: 'AE' }] },
      evidence: { buyerIsBusiness: true, vatIdCheck: { value: vatId, result: 'valid', consultation: 'W1' } },
    })
  })

  test('one that the register calls invalid is taxed as a consumer, and the invoice says why', async () => {
    const vatId = nextVatId()
    const buyer = await withProfile(vatId)
    answer = 'invalid'
    await askAboutAccount(deps(), buyer.accountId)
    const invoice = await invoiceOf(buyer, { type: 'eu_vat', value: vatId })
    expect(invoice).toMatchObject({
      ...{ netMinor: 1_000n, taxMinor: 190n, totalMinor: 1_190n, taxes: [{ category: 'S', rateBps: 1_900 }] },
      evidence: { buyerIsBusiness: false, vatIdCheck: { value: vatId, result: 'invalid' } },
    })
    expect(invoice.notes.join()).toContain(vatId)
    expect(invoice.notes.join()).toContain('VIES')
  })

  test('a VAT id that was given at the payment page is asked about before its invoice is issued', async () => {
    const desk: { vatRegister: AskDeps['vatRegister'] } = farebox.running.desk
    const value = nextVatId()
    desk.vatRegister = deps().vatRegister
    const invoice = await invoiceOf(await customer(), { type: 'eu_vat', value })
    desk.vatRegister = null
    expect(asked).toEqual([value])
    expect(invoice).toMatchObject({ evidence: { vatIdCheck: { value, result: 'valid', consultation: 'W1' } } })
  })

  test('one that could not be checked is judged by its check digits, as before', async () => {
    const vatId = nextVatId()
    const buyer = await withProfile(vatId)
    answer = 'unavailable'
    await askAboutAccount(deps(), buyer.accountId)
    expect(await invoiceOf(buyer, { type: 'eu_vat', value: vatId })).toMatchObject({
      taxMinor: 0n,
      evidence: { buyerIsBusiness: true, vatIdCheck: { value: vatId, result: 'not_checked', consultation: null } },
    })
  })

  test('a silent register leaves the answer before it in force, until that is ninety days old', async () => {
    const vatId = nextVatId()
    const buyer = await withProfile(vatId)
    answer = 'invalid'
    await askAboutAccount(deps(), buyer.accountId)
    farebox.clock.advance(80 * DAY_MS)
    answer = 'unavailable'
    await askAboutAccount(deps(), buyer.accountId)
    const taxId = { type: 'eu_vat', value: vatId }
    expect(await invoiceOf(buyer, taxId)).toMatchObject({ evidence: { vatIdCheck: { result: 'invalid' } } })
    farebox.clock.advance(11 * DAY_MS)
    expect(await invoiceOf(buyer, taxId)).toMatchObject({ evidence: { vatIdCheck: { result: 'not_checked' } } })
  })
})

describe('the API, with the register switched on', () => {
  let server: Server
  let url: string

  beforeAll(async () => {
    const { gateway, desk } = farebox.running
    const app = express().use(managementApi(gateway, { ...desk, vatRegister: deps().vatRegister }))
    server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/billing-profile`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  const call = async (of: Customer, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${of.secret}`, 'content-type': 'application/json', connection: 'close' }
    return (await fetch(url, { ...init, headers })).json()
  }

  test('whoever saves a VAT id is told what the register says about it', async () => {
    const buyer = await customer()
    const value = nextVatId()
    const body = JSON.stringify({ name: 'Muster', address: { country: 'AT' }, taxId: { type: 'eu_vat', value } })
    const saved = await call(buyer, { method: 'PUT', body })
    expect(saved).toMatchObject({ vatIdCheck: { value, result: 'valid', consultation: 'W1' } })
    expect(await call(buyer)).toEqual(saved)
    await call(buyer, { method: 'PUT', body })
    expect(asked).toEqual([value])
    farebox.clock.advance(91 * DAY_MS)
    expect(await call(buyer)).toMatchObject({ vatIdCheck: null })
  })

  test('a register that cannot answer keeps nobody from saving', async () => {
    answer = 'unavailable'
    const body = JSON.stringify({
      name: 'M',
      address: { country: 'AT' },
      taxId: { type: 'eu_vat', value: nextVatId() },
    })
    expect(await call(await customer(), { method: 'PUT', body })).toMatchObject({
      ...{ billingProfile: { version: 1 }, vatIdCheck: null },
    })
  })
})

test('what was found out is neither changed nor removed', async () => {
  await expect(farebox.rows(`UPDATE vat_id_check SET result = 'valid'`)).rejects.toThrow('append-only')
  await expect(farebox.rows('DELETE FROM vat_id_check')).rejects.toThrow('append-only')
  await expect(farebox.rows('TRUNCATE vat_id_check')).rejects.toThrow('append-only')
})

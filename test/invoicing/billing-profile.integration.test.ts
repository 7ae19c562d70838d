import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApi } from '../orders/money-in-calls.ts'
import { type Customer, type Farebox, startFarebox } from '../support/farebox.ts'

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox.close())

const PATH = '/v1/billing-profile'
const customer = () => farebox.customer({ creditNano: 0n })
const get = (of: Customer, path = PATH) => callApi(farebox, of, 'GET', path)
const put = (of: Customer, body: unknown, headers: Record<string, string> = {}) =>
  callApi(farebox, of, 'PUT', PATH, body, headers)

const ADDRESS = { line1: 'Ring 1', line2: null, city: 'Wien', region: null, postalCode: '1010', country: 'AT' }
const PROFILE = {
  name: 'Muster & Söhne <GmbH>',
  email: 'rechnung@muster.example',
  address: ADDRESS,
  taxId: { type: 'eu_vat', value: 'ATU13585627' },
}

/** Every profile there is, with its physical version. */
const profiles = () => farebox.rows('SELECT xmin::text, billing_profile::text FROM billing_profile ORDER BY id')

describe('the profile in force', () => {
  test('there is none at first, which is an answer', async () => {
    expect(await get(await customer())).toEqual({ status: 200, body: { billingProfile: null, vatIdCheck: null } })
  })

  test('what was given is in force, with its version, since when and by which key', async () => {
    const buyer = await customer()
    const before = farebox.clock.now()
    const { status, body } = await put(buyer, PROFILE)
    const { since, ...profile } = body.billingProfile as { since: string }
    expect([status, profile]).toEqual([200, { ...PROFILE, version: 1, source: 'portal', actorId: buyer.keyId }])
    expect(Date.parse(since)).toBeGreaterThanOrEqual(before)
    expect((await get(buyer)).body).toEqual(body)
  })

  test('only a name and a country are needed, and blank fields are none', async () => {
    const { status, body } = await put(await customer(), {
      ...{ name: '  A. Person ', email: '' },
      address: { country: 'el', line1: ' ', city: '' },
    })
    expect([status, body.billingProfile]).toMatchObject([
      200,
      {
        ...{ name: 'A. Person', email: null, taxId: null },
        address: { line1: null, line2: null, city: null, region: null, postalCode: null, country: 'GR' },
      },
    ])
  })

  test('a tax id is kept in its usual form, however it was typed', async () => {
    const buyer = await customer()
    await put(buyer, { ...PROFILE, taxId: { type: 'eu_vat', value: ' atu 1358-5627 ' } })
    const { body } = await put(buyer, PROFILE)
    expect(body.billingProfile).toMatchObject({ version: 1, taxId: { type: 'eu_vat', value: 'ATU13585627' } })
  })

  test('a tax id that no rule can check is kept as it was written', async () => {
    const taxId = { type: 'ae_trn', value: '100 1234 5678 90123' }
    const { body } = await put(await customer(), { ...PROFILE, address: { country: 'AE' }, taxId })
    expect(body.billingProfile).toMatchObject({ taxId })
  })

  test('another account’s is never seen nor changed', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    await put(owner, PROFILE)
    const kept = (await get(owner)).body
    expect((await get(stranger)).body).toMatchObject({ billingProfile: null })
    expect((await get(stranger, `${PATH}/history`)).body).toEqual({ versions: [], nextBefore: null })
    await put(stranger, { ...PROFILE, name: 'Somebody else' })
    expect((await get(owner)).body).toEqual(kept)
  })

  test('a key without the scope for billing may neither read nor change it', async () => {
    const buyer = await customer()
    await farebox.rows(`UPDATE access_key SET scopes = '{inference}' WHERE id = $1`, buyer.keyId)
    expect([(await get(buyer)).status, (await put(buyer, PROFILE)).status]).toEqual([403, 403])
    expect((await callApi(farebox, { ...buyer, secret: 'sk-unknown' }, 'GET', PATH)).status).toBe(401)
  })
})

describe('versions', () => {
  test('each change is a version, and the same content again is none', async () => {
    const buyer = await customer()
    await put(buyer, PROFILE)
    const before = await profiles()
    expect((await put(buyer, PROFILE)).body.billingProfile).toMatchObject({ version: 1 })
    expect(await profiles()).toEqual(before)
    expect((await put(buyer, { ...PROFILE, name: 'Renamed' })).body.billingProfile).toMatchObject({ version: 2 })
    expect((await put(buyer, PROFILE)).body.billingProfile).toMatchObject({ version: 3 })
    const { body } = await get(buyer, `${PATH}/history`)
    expect(body).toMatchObject({
      versions: [
        { version: 3, name: PROFILE.name },
        { version: 2, name: 'Renamed' },
        { version: 1, name: PROFILE.name },
      ],
      nextBefore: null,
    })
  })

  test('the history comes in pages', async () => {
    const buyer = await customer()
    for (const name of ['A', 'B', 'C']) await put(buyer, { ...PROFILE, name })
    const first = (await get(buyer, `${PATH}/history?limit=2`)).body
    expect(first).toMatchObject({ versions: [{ name: 'C' }, { name: 'B' }], nextBefore: 2 })
    const second = (await get(buyer, `${PATH}/history?limit=2&before=2`)).body
    expect(second).toMatchObject({ versions: [{ name: 'A' }], nextBefore: null })
  })

  test('who changed it in the back office is not told', async () => {
    const buyer = await customer()
    await farebox.rows(
      `INSERT INTO billing_profile (id, account_id, version, name, source, actor_id, created_at)
       VALUES (gen_random_uuid(), $1, 1, 'By hand', 'back office', gen_random_uuid(), now())`,
      buyer.accountId,
    )
    expect((await get(buyer)).body.billingProfile).toMatchObject({ source: 'back office', actorId: null })
  })

  test('ten changes at once are ten versions', async () => {
    const buyer = await customer()
    await Promise.all(Array.from({ length: 10 }, (_, index) => put(buyer, { ...PROFILE, name: `Name ${index}` })))
    const { versions } = (await get(buyer, `${PATH}/history`)).body as { versions: { version: number; name: string }[] }
    expect(versions.map(({ version }) => version)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(new Set(versions.map(({ name }) => name)).size).toBe(10)
  })
})

describe('a change can be bound to what was read', () => {
  const tagOf = async (of: Customer) =>
    (await fetch(`${farebox.url}${PATH}`, { headers: { authorization: `Bearer ${of.secret}` } })).headers.get(
      'etag',
    ) as string

  test('of two who read the same version one changes it, and the other is told', async () => {
    const buyer = await customer()
    const none = await tagOf(buyer)
    expect(none).toBe('"0"')
    const answers = await Promise.all(['A', 'B'].map((name) => put(buyer, { ...PROFILE, name }, { 'if-match': none })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
    expect(answers.find(({ status }) => status === 412)?.body).toMatchObject({
      errorCode: 'profile_changed_meanwhile',
      details: { field: 'If-Match' },
    })
    const read = await tagOf(buyer)
    expect(read).toBe('"1"')
    expect((await put(buyer, PROFILE, { 'if-match': `"7", ${read}` })).status).toBe(200)
    expect((await put(buyer, PROFILE, { 'if-match': read })).status).toBe(412)
  })

  test('any version is meant by a star, but there has to be one', async () => {
    const buyer = await customer()
    expect((await put(buyer, PROFILE, { 'if-match': '*' })).status).toBe(412)
    await put(buyer, PROFILE)
    expect((await put(buyer, { ...PROFILE, name: 'Other' }, { 'if-match': '*' })).status).toBe(200)
  })

  test('a weak tag never matches, and what is no tag is refused', async () => {
    const buyer = await customer()
    await put(buyer, PROFILE)
    expect((await put(buyer, PROFILE, { 'if-match': 'W/"1"' })).status).toBe(412)
    expect((await put(buyer, PROFILE, { 'if-match': '1' })).body).toMatchObject({
      ...{ statusCode: 400, details: { field: 'If-Match' } },
    })
  })
})

describe('what cannot stand on an invoice is refused, naming the field and what was expected', () => {
  const long = (length: number) => 'x'.repeat(length)
  test.each<[string, unknown, string, string]>([
    ['no name', { address: ADDRESS }, 'name', 'the name that invoices are made out to'],
    ['a blank name', { ...PROFILE, name: '  ' }, 'name', 'the name that invoices are made out to'],
    ['a name of two lines', { ...PROFILE, name: 'A\nB' }, 'name', 'one line'],
    ['a name with a zero byte', { ...PROFILE, name: 'A\u0000B' }, 'name', 'one line'],
    ['half a character', { ...PROFILE, name: 'A\ud800' }, 'name', 'one line'],
    ['a name too long', { ...PROFILE, name: long(201) }, 'name', 'at most 200 characters'],
    ['a wrong email', { ...PROFILE, email: 'nobody' }, 'email', 'an email address'],
    ['no address', { name: 'A' }, 'address', 'an address with at least its country'],
    ['no country', { ...PROFILE, address: { city: 'Wien' } }, 'address.country', 'ISO 3166-1'],
    ['an unknown country', { ...PROFILE, address: { country: 'XX' } }, 'address.country', 'ISO 3166-1'],
    ['a part of Spain', { ...PROFILE, address: { country: 'IC' } }, 'address.country', 'ISO 3166-1'],
    ['a line too long', { ...PROFILE, address: { ...ADDRESS, line1: long(201) } }, 'address.line1', 'at most 200'],
    [
      'a postal code too long',
      { ...PROFILE, address: { ...ADDRESS, postalCode: long(21) } },
      'address.postalCode',
      '20',
    ],
    ['an unknown type', { ...PROFILE, taxId: { type: 'xx_vat', value: '1' } }, 'taxId.type', 'such as eu_vat'],
    ['no value', { ...PROFILE, taxId: { type: 'eu_vat', value: ' ' } }, 'taxId.value', 'a tax id of type eu_vat'],
    [
      'a wrong length',
      { ...PROFILE, taxId: { type: 'eu_vat', value: 'ATU123' } },
      'taxId.value',
      'such as DE136695976',
    ],
    [
      'wrong check digits',
      { ...PROFILE, taxId: { type: 'eu_vat', value: 'ATU13585628' } },
      ...(['taxId.value', 'check digits agree'] as const),
    ],
    [
      'a British id as one of the EU',
      { ...PROFILE, address: { country: 'GB' }, taxId: { type: 'eu_vat', value: 'GB980780684' } },
      ...(['taxId.value', 'a VAT ID of a member state'] as const),
    ],
    [
      'a British id with wrong check digits',
      { ...PROFILE, taxId: { type: 'gb_vat', value: 'GB980780685' } },
      ...(['taxId.value', 'check digits agree'] as const),
    ],
    ['a tax id as text', { ...PROFILE, taxId: 'ATU13585627' }, 'taxId', 'an object with type and value'],
    ['a field nobody knows', { ...PROFILE, vatId: 'ATU13585627' }, 'vatId', ''],
    ['a list', [], 'body', ''],
  ])('%s', async (_name, body, field, expected) => {
    const before = await profiles()
    const answer = await put(await customer(), body)
    expect([answer.status, answer.body.details]).toEqual([400, { field }])
    expect(answer.body.msg).toContain(expected)
    expect(await profiles()).toEqual(before)
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['before=x', 'before'],
    ['surprise=1', 'surprise'],
  ])('a history asked for with %s', async (query, field) => {
    const { status, body } = await get(await customer(), `${PATH}/history?${query}`)
    expect([status, body.details]).toEqual([400, { field }])
  })
})

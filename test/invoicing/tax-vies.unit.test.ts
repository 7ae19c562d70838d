import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { offlineVatIdChecker } from '../../src/invoicing/tax/vat-id-checker.ts'
import { ViesChecker } from '../../src/invoicing/tax/vies.ts'
import { buyerIn, decided, saleOf, sellerIn } from './tax-world.ts'

/** What the stand-in for VIES answers; null never answers. */
let answer: { status: number; body: string } | null = null
const asked: unknown[] = []
let server: Server
let url: string
const checkers: ViesChecker[] = []

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    asked.push(JSON.parse(Buffer.concat(chunks).toString()))
    if (answer === null) return
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/check-vat-number`
})

afterEach(async () => {
  asked.length = 0
  await Promise.all(checkers.splice(0).map((checker) => checker.close()))
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function vies(options: { requesterVatId?: string | null; timeoutMs?: number; url?: string } = {}): ViesChecker {
  const checker = new ViesChecker({ requesterVatId: 'DE136695976', url, ...options })
  checkers.push(checker)
  return checker
}

function answers(body: unknown, status = 200): void {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

const yes = {
  countryCode: 'FR',
  vatNumber: '40303265045',
  requestDate: '2026-06-15T08:00:00.000Z',
  valid: true,
  requestIdentifier: 'WAPIAAAAZb1234',
  name: 'SOCIETE EXEMPLE',
  address: '1 RUE EXEMPLE\n75001 PARIS',
}

test('a valid id comes with the consultation number, as the seller asked in its own name', async () => {
  answers(yes)
  expect(await vies().check('FR40303265045')).toEqual({
    value: 'FR40303265045',
    result: 'valid',
    consultation: 'WAPIAAAAZb1234',
    reason: null,
  })
  expect(asked).toEqual([
    { countryCode: 'FR', vatNumber: '40303265045', requesterMemberStateCode: 'DE', requesterNumber: '136695976' },
  ])
})

test('without a VAT id of its own the seller is not named, and there is no consultation number', async () => {
  answers({ ...yes, requestIdentifier: '' })
  expect(await vies({ requesterVatId: null }).check('FR40303265045')).toMatchObject({
    result: 'valid',
    consultation: null,
  })
  expect(asked).toEqual([{ countryCode: 'FR', vatNumber: '40303265045' }])
})

test('an id that is not registered is invalid', async () => {
  answers({ ...yes, valid: false, userError: 'INVALID', name: '---', address: '---' })
  expect(await vies().check('FR40303265045')).toMatchObject({ result: 'invalid', consultation: 'WAPIAAAAZb1234' })
})

test('Greece is asked for as EL, and Northern Ireland as XI', async () => {
  answers(yes)
  await vies().check('EL094259216')
  await vies().check('XI980780684')
  expect(asked).toMatchObject([{ countryCode: 'EL' }, { countryCode: 'XI', vatNumber: '980780684' }])
})

test.each([
  ['the member state is away', { ...yes, valid: false, userError: 'MS_UNAVAILABLE' }, 200],
  ['too many ask at once', { ...yes, valid: false, userError: 'MS_MAX_CONCURRENT_REQ' }, 200],
  ['the fault comes wrapped', { actionSucceed: false, errorWrappers: [{ error: 'MS_UNAVAILABLE' }] }, 200],
  ['the service is away', { actionSucceed: false, errorWrappers: [{ error: 'SERVICE_UNAVAILABLE' }] }, 500],
  ['a proxy answers instead', '<html>Bad gateway</html>', 502],
  ['the answer is of another form', { valid: 'yes' }, 200],
  ['the answer has no result', {}, 200],
  ['the answer never ends', 'x'.repeat(200_000), 200],
])('nothing is held against a buyer where %s', async (_name, body, status) => {
  answers(body, status)
  const checked = await vies().check('FR40303265045')
  expect(checked).toMatchObject({ value: 'FR40303265045', result: 'not_checked', consultation: null })
  expect(checked.reason).toMatch(/^VIES /)
})

test('an answer that does not come in time is none', async () => {
  answer = null
  const checked = await vies({ timeoutMs: 50 }).check('FR40303265045')
  expect(checked).toMatchObject({ result: 'not_checked' })
  expect(checked.reason).toContain('timeout')
})

test('a service that cannot be reached fails nobody', async () => {
  const checked = await vies({ url: 'http://127.0.0.1:1/' }).check('FR40303265045')
  expect(checked).toMatchObject({ result: 'not_checked' })
})

test('what is no VAT id is never sent', async () => {
  answers(yes)
  expect(await vies().check('FR"}<b>')).toMatchObject({ result: 'not_checked' })
  expect(asked).toEqual([])
})

test('the check is off by default', async () => {
  expect(await offlineVatIdChecker.check('FR40303265045')).toMatchObject({ result: 'not_checked', consultation: null })
})

const sale = (vatIdCheck: { result: 'valid' | 'invalid' | 'not_checked'; consultation: string | null } | null) =>
  decided(
    saleOf({
      seller: sellerIn('DE', { ossRegistered: true }),
      buyer: buyerIn('FR', { vatId: 'FR40303265045', vatIdCheck }),
    }),
  )

test('a confirmed id is charged in reverse, and its consultation number is kept', () => {
  expect(sale({ result: 'valid', consultation: 'WAPI1' })).toMatchObject({
    category: 'AE',
    findings: [],
    evidence: { vatIdCheck: { value: 'FR40303265045', result: 'valid', consultation: 'WAPI1' } },
  })
})

test('an unanswered check leaves the reverse charge, and the operator is told', () => {
  expect(sale({ result: 'not_checked', consultation: null })).toMatchObject({
    category: 'AE',
    findings: ['vat_id_not_checked'],
  })
})

test('an id that the register does not know is taxed as a consumer, and the document says so', () => {
  const decision = sale({ result: 'invalid', consultation: 'WAPI2' })
  expect(decision).toMatchObject({ category: 'S', rateBps: 2000, evidence: { buyerIsBusiness: false } })
  expect(decision.notes).toEqual([expect.stringContaining('FR40303265045 was not confirmed by the register (VIES)')])
})

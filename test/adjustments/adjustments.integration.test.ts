import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OperatorActor } from '../../src/accounts/actor.ts'
import { adjustmentAttachment, decideAdjustmentFor, requestAdjustmentFor } from '../../src/back-office/adjust.ts'
import {
  CLEAN,
  creditFor,
  DAY_MS,
  debitFor,
  extensionFor,
  type OfficeWorld,
  openOfficeWorld,
  refusal,
  sentence,
  UNIT,
} from '../back-office/office-world.ts'

let world: OfficeWorld
let finance: OperatorActor
let colleague: OperatorActor

beforeAll(async () => {
  world = await openOfficeWorld()
  finance = await world.operator('FINANCE', 'Fay')
  colleague = await world.operator('FINANCE', 'Cole')
})
afterAll(() => world.close())

const ask = (input: Parameters<typeof requestAdjustmentFor>[2]) => requestAdjustmentFor(world.deps, finance, input)
const decide = (
  actor: OperatorActor,
  adjustmentId: string,
  decision: 'approve' | 'reject',
  more: { note?: string; idempotencyKey?: string } = {},
) => decideAdjustmentFor(world.deps, actor, { adjustmentId, decision, idempotencyKey: null, ...more })

async function lotOf(accountId: string) {
  const [lot] = await world.select<{ id: string; remaining_nano: string; expires_at: Date; promotional: boolean }>(
    'SELECT id, remaining_nano, expires_at, promotional FROM credit_lot WHERE account_id = $1 ORDER BY created_at DESC',
    accountId,
  )
  if (!lot) throw new Error('no lot')
  return lot
}

const entriesOf = (accountId: string) =>
  world.select<{ kind: string; amount: string; source_id: string }>(
    'SELECT kind, amount_nano::text AS amount, source_id FROM ledger_entry WHERE account_id = $1 ORDER BY seq',
    accountId,
  )

describe('up to the limit, an adjustment is booked at once', () => {
  test('credit becomes a lot of its own, which lasts as long as was said', async () => {
    const accountId = await world.customer()
    const booked = await ask(creditFor(accountId, 25n * UNIT, { creditDays: 90 }))
    expect(booked).toMatchObject({ state: 'BOOKED', decidedById: finance.userId, promotional: true })
    const lot = await lotOf(accountId)
    expect(lot).toMatchObject({ id: booked.lotId, remaining_nano: `${25n * UNIT}`, promotional: true })
    expect(lot.expires_at.getTime()).toBe(world.clock.now() + 90 * DAY_MS)
    expect(await entriesOf(accountId)).toEqual([{ kind: 'ADJUSTMENT', amount: `${25n * UNIT}`, source_id: booked.id }])
    const mails = await world.select<{ data: object }>(
      `SELECT data FROM mail WHERE account_id = $1 AND template = 'credits-adjusted'`,
      accountId,
    )
    expect(mails).toEqual([
      { data: expect.objectContaining({ change: '$25.00 was added to your credits', balance: '$25.00' }) },
    ])
  })

  test('a debit takes promotional credit first, then what expires soonest', async () => {
    const accountId = await world.customer({ creditNano: 10n * UNIT })
    await world.credit(accountId, 10n * UNIT, world.clock.now() + DAY_MS)
    await ask(creditFor(accountId, 5n * UNIT))
    await ask(debitFor(accountId, 17n * UNIT))
    const lots = await world.select<{ left: string }>(
      'SELECT remaining_nano::text AS left FROM credit_lot WHERE account_id = $1 ORDER BY priority, expires_at',
      accountId,
    )
    expect(lots.map(({ left }) => BigInt(left) / UNIT)).toEqual([0n, 0n, 8n])
  })

  test('an extension is an entry of zero that names its lot, and the sweep lets the lot live', async () => {
    const endsAt = world.clock.now() + 2 * DAY_MS
    const accountId = await world.customer({ creditNano: 40n * UNIT, expiresAt: endsAt })
    const { id: lotId } = await lotOf(accountId)
    const booked = await ask(extensionFor(accountId, lotId, endsAt + 30 * DAY_MS))
    expect(booked).toMatchObject({ state: 'BOOKED', amountNano: 40n * UNIT })
    expect((await lotOf(accountId)).expires_at.getTime()).toBe(endsAt + 30 * DAY_MS)
    const [, extension] = await world.select(
      'SELECT kind, amount_nano::text AS amount, lot_ids, lot_amounts_nano::text AS moved FROM ledger_entry WHERE account_id = $1 ORDER BY seq',
      accountId,
    )
    expect(extension).toEqual({ kind: 'EXTENSION', amount: '0', lot_ids: [lotId], moved: '{0}' })
    world.clock.advance(3 * DAY_MS)
    await world.ledger.sweepExpired()
    expect((await world.wallet(accountId)).balance).toBe(40n * UNIT)
    world.clock.advance(30 * DAY_MS)
    await world.ledger.sweepExpired()
    expect((await world.wallet(accountId)).balance).toBe(0n)
    expect(await world.verify()).toBe(CLEAN)
  })

  test('the gateway draws an extended lot by its new end', async () => {
    const accountId = await world.customer({ creditNano: 10n * UNIT, expiresAt: world.clock.now() + DAY_MS })
    const { id: extended } = await lotOf(accountId)
    const later = await world.credit(accountId, 10n * UNIT, world.clock.now() + 5 * DAY_MS)
    await ask(extensionFor(accountId, extended, world.clock.now() + 20 * DAY_MS))
    await (await world.hold(accountId, 3n * UNIT))(3n * UNIT)
    const lots = await world.select<{ id: string; left: string }>(
      'SELECT id, remaining_nano::text AS left FROM credit_lot WHERE account_id = $1',
      accountId,
    )
    expect(Object.fromEntries(lots.map(({ id, left }) => [id, BigInt(left) / UNIT]))).toEqual({
      [extended]: 10n,
      [later]: 7n,
    })
  })
})

describe('what cannot be, is refused in so many words', () => {
  test.each([
    ['a short reason', (id: string) => creditFor(id, UNIT, { reason: 'goodwill' }), 'invalid_request'],
    ['nothing', (id: string) => creditFor(id, 0n), 'invalid_request'],
    ['an unknown account', () => creditFor('01900000-0000-7000-8000-0000000000ff', UNIT), 'account_not_found'],
    ['more than there is', (id: string) => debitFor(id, 10n * UNIT + 1n), 'debit_exceeds_available'],
    ['a foreign lot', (id: string) => extensionFor(id, id, Date.now() + 9e9), 'lot_not_found'],
  ])('%s', async (_what, input, code) => {
    const accountId = await world.customer({ creditNano: 10n * UNIT })
    const before = await world.wallet(accountId)
    expect(await refusal(ask(input(accountId)))).toBe(code)
    expect(await world.wallet(accountId)).toEqual(before)
  })

  test('a debit leaves what requests have reserved, and says what it could take', async () => {
    const accountId = await world.customer({ creditNano: 10n * UNIT })
    const finish = await world.hold(accountId, 4n * UNIT)
    expect(await sentence(ask(debitFor(accountId, 7n * UNIT)))).toBe(
      'At most $6.00 can be taken now: no more credit of the account is free.',
    )
    await ask(debitFor(accountId, 6n * UNIT))
    await finish(4n * UNIT)
    expect(await world.wallet(accountId)).toMatchObject({ balance: 0n, debt: 0n })
  })

  test('an end that is not later, too far, or of credit that is over, empty or endless', async () => {
    const endsAt = world.clock.now() + 10 * DAY_MS
    const accountId = await world.customer({ creditNano: 10n * UNIT, expiresAt: endsAt })
    const { id } = await lotOf(accountId)
    const extend = (lotId: string, until: number) => sentence(ask(extensionFor(accountId, lotId, until)))
    expect(await extend(id, endsAt)).toContain('must be later')
    expect(await extend(id, world.clock.now() + 6 * 366 * DAY_MS)).toContain('five years')
    expect(await extend(await world.credit(accountId, UNIT), endsAt)).toContain('never expires')
    await ask(debitFor(accountId, 10n * UNIT))
    expect(await extend(id, endsAt + DAY_MS)).toContain('Nothing is left')
    const over = await world.credit(accountId, UNIT, world.clock.now() + DAY_MS)
    world.clock.advance(DAY_MS)
    expect(await extend(over, endsAt + DAY_MS)).toContain('has expired')
  })
})

describe('above the limit, somebody else decides', () => {
  const MUCH = 1_000n * UNIT + 1n

  test('it waits, moves nothing, and is booked by the other person', async () => {
    const accountId = await world.customer()
    expect(await ask(creditFor(accountId, 1_000n * UNIT))).toMatchObject({ state: 'BOOKED' })
    const waiting = await ask(creditFor(accountId, MUCH, { creditDays: 10 }))
    expect(waiting).toMatchObject({ state: 'PENDING', decidedById: null })
    expect((await world.wallet(accountId)).balance).toBe(1_000n * UNIT)
    expect(await refusal(decide(finance, waiting.id, 'approve'))).toBe('decision_by_same_person')
    expect(await refusal(decide(finance, waiting.id, 'reject', { note: 'mine' }))).toBe('decision_by_same_person')
    world.clock.advance(3 * DAY_MS)
    const booked = await decide(colleague, waiting.id, 'approve', { note: 'As agreed' })
    expect(booked).toMatchObject({ state: 'BOOKED', decidedById: colleague.userId, decisionNote: 'As agreed' })
    expect((await lotOf(accountId)).expires_at.getTime()).toBe(world.clock.now() + 10 * DAY_MS)
    expect((await world.wallet(accountId)).balance).toBe(1_000n * UNIT + MUCH)
  })

  test('an extension counts with what is left in the lot', async () => {
    const expiresAt = world.clock.now() + DAY_MS
    const accountId = await world.customer({ creditNano: MUCH, expiresAt })
    const { id } = await lotOf(accountId)
    const waiting = await ask(extensionFor(accountId, id, expiresAt + DAY_MS))
    expect(waiting.state).toBe('PENDING')
    await decide(colleague, waiting.id, 'approve')
    expect((await lotOf(accountId)).expires_at.getTime()).toBe(expiresAt + DAY_MS)
  })

  test('who rejects says why, and what is rejected stays so', async () => {
    const accountId = await world.customer()
    const waiting = await ask(creditFor(accountId, MUCH))
    expect(await refusal(decide(colleague, waiting.id, 'reject'))).toBe('invalid_request')
    expect(await decide(colleague, waiting.id, 'reject', { note: 'Not ours to give' })).toMatchObject({
      state: 'REJECTED',
    })
    const third = await world.operator('ADMIN')
    expect(await sentence(decide(third, waiting.id, 'approve'))).toBe('Cole has rejected this adjustment before.')
    expect(await world.wallet(accountId)).toMatchObject({ balance: 0n, entries: 0 })
  })

  test('of two who decide at once one wins, and the other is told', async () => {
    const accountId = await world.customer()
    const others = await Promise.all([1, 2, 3, 4].map(() => world.operator('FINANCE')))
    const waiting = await ask(creditFor(accountId, MUCH))
    const results = await Promise.all(
      others.map((other, index) =>
        refusal(decide(other, waiting.id, index % 2 ? 'reject' : 'approve', { note: 'My decision' })),
      ),
    )
    expect(results.toSorted()).toEqual([...Array(3).fill('adjustment_decided'), 'no refusal'])
    const entries = await entriesOf(accountId)
    expect(entries).toHaveLength(results.indexOf('no refusal') % 2 ? 0 : 1)
    const done = (await world.audit()).filter((act) => act.subject_id === waiting.id && act.outcome === 'DONE')
    expect(done).toHaveLength(2)
  })

  test('what cannot be booked any more waits on, and can be rejected', async () => {
    const expiresAt = world.clock.now() + 5 * DAY_MS
    const accountId = await world.customer({ creditNano: 2n * MUCH, expiresAt })
    const { id } = await lotOf(accountId)
    const debit = await ask(debitFor(accountId, 2n * MUCH))
    const extension = await ask(extensionFor(accountId, id, expiresAt + 50 * DAY_MS))
    await (await world.hold(accountId, UNIT))(UNIT)
    expect(await sentence(decide(colleague, debit.id, 'approve'))).toContain('At most $1,999.000000002 can be taken')
    world.clock.advance(5 * DAY_MS)
    expect(await sentence(decide(colleague, extension.id, 'approve'))).toContain('has expired')
    expect(await sentence(decide(colleague, debit.id, 'approve'))).toContain('Nothing can be taken now')
    const states = await world.select('SELECT DISTINCT state FROM adjustment WHERE account_id = $1', accountId)
    expect(states).toEqual([{ state: 'PENDING' }])
    for (const one of [debit, extension]) await decide(colleague, one.id, 'reject', { note: 'Too late' })
    expect(await world.verify()).toBe(CLEAN)
  })

  test('what was asked for cannot be changed underneath', async () => {
    const accountId = await world.customer({ creditNano: MUCH, expiresAt: world.clock.now() + DAY_MS })
    const { id } = await lotOf(accountId)
    const waiting = await ask(extensionFor(accountId, id, world.clock.now() + 2 * DAY_MS))
    const change = (sql: string) => world.pool.query(`UPDATE adjustment SET ${sql} WHERE id = $1`, [waiting.id])
    for (const sql of ['amount_nano = 1', 'lot_id = account_id', `expires_at = now() + interval '9 years'`]) {
      await expect(change(sql)).rejects.toThrow('what was asked for does not change')
    }
    await decide(colleague, waiting.id, 'reject', { note: 'Not now' })
    await expect(change(`state = 'PENDING', decided_at = NULL, decided_by_id = NULL`)).rejects.toThrow('it was decided')
  })
})

describe('the same call twice is done once', () => {
  test('a request by its key, and another request with that key is a conflict', async () => {
    const accountId = await world.customer()
    const input = creditFor(accountId, UNIT, { idempotencyKey: `key ${accountId}` })
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => ask(input)))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    expect(await world.wallet(accountId)).toMatchObject({ balance: UNIT, entries: 1 })
    expect((await world.audit()).filter((act) => act.account_id === accountId)).toHaveLength(1)
    expect(await refusal(ask({ ...input, amountNano: 2n * UNIT }))).toBe('idempotency_conflict')
  })

  test('a decision by the person who took it', async () => {
    const accountId = await world.customer()
    const waiting = await ask(creditFor(accountId, 2_000n * UNIT))
    const more = { idempotencyKey: `decide ${waiting.id}` }
    await Promise.all([1, 2, 3].map(() => decide(colleague, waiting.id, 'approve', more)))
    await decide(colleague, waiting.id, 'approve')
    expect(await world.wallet(accountId)).toMatchObject({ balance: 2_000n * UNIT, entries: 1 })
    const approvals = (await world.audit()).filter(
      ({ action, subject_id }) => action === 'adjustment.approve' && subject_id === waiting.id,
    )
    expect(approvals).toHaveLength(1)
  })
})

test('fifty debits at once, with requests in between, never take more than there is', async () => {
  const accountId = await world.customer({ creditNano: 100n * UNIT })
  const finish = await world.hold(accountId, 20n * UNIT)
  const results = await Promise.all([
    ...Array.from({ length: 50 }, () => refusal(ask(debitFor(accountId, 3n * UNIT)))),
    finish(17n * UNIT).then(() => 'request'),
  ])
  const taken = BigInt(results.filter((result) => result === 'no refusal').length)
  expect(taken).toBeGreaterThanOrEqual(26n)
  expect(taken).toBeLessThanOrEqual(27n)
  expect(results.filter((result) => result === 'debit_exceeds_available')).toHaveLength(50 - Number(taken))
  expect(await world.wallet(accountId)).toMatchObject({ balance: 83n * UNIT - taken * 3n * UNIT, debt: 0n })
  expect(await world.verify()).toBe(CLEAN)
})

test('debt is repaid first from credit that is given', async () => {
  const accountId = await world.customer({ creditNano: 2n * UNIT })
  await (await world.hold(accountId, 2n * UNIT))(5n * UNIT)
  expect(await world.wallet(accountId)).toMatchObject({ balance: -3n * UNIT, debt: 3n * UNIT })
  expect(await sentence(ask(debitFor(accountId, 1n)))).toContain('Nothing can be taken now')
  await ask(creditFor(accountId, 10n * UNIT))
  expect(await world.wallet(accountId)).toMatchObject({ balance: 7n * UNIT, debt: 0n })
  expect(await world.verify()).toBe(CLEAN)
})

describe('a file that founds it', () => {
  const pdf = (text: string) => Buffer.from(`%PDF-1.7\n${text}`)

  test('is kept under the hash of its content and read by its own side alone', async () => {
    const resellerId = await world.reseller()
    const accountId = await world.customer({ resellerId })
    const content = pdf(accountId)
    const attachment = { name: 'C:\\letters\\complaint.pdf', type: 'application/pdf', bytes: content } as const
    const { id } = await ask(creditFor(accountId, UNIT, { attachment }))
    const read = await adjustmentAttachment(world.deps, colleague, id)
    expect(read).toEqual({ name: 'complaint.pdf', type: 'application/pdf', content })
    const owner = await world.member(resellerId, 'OWNER')
    expect(await refusal(adjustmentAttachment(world.deps, owner, id))).toBe('adjustment_not_found')
    const [row] = await world.select<{ attachment_key: string }>(
      'SELECT attachment_key FROM adjustment WHERE id = $1',
      id,
    )
    await world.storage.write(row?.attachment_key ?? '', pdf('another'), 'application/pdf')
    await expect(adjustmentAttachment(world.deps, finance, id)).rejects.toThrow('is not the one that was handed in')
  })

  test.each([
    ['a page that says it is a text with a NUL', 'text/plain', Buffer.from('a\0b')],
    ['a program that says it is a PDF', 'application/pdf', Buffer.from('MZ\x90')],
    ['a PDF that says it is a picture', 'image/png', pdf('x')],
    ['bytes that are no UTF-8', 'text/csv', Buffer.from([0x61, 0xff, 0xfe])],
    ['a text without a header that says it is a mail', 'message/rfc822', Buffer.from('Hello,\nyou')],
    ['nothing', 'text/plain', Buffer.alloc(0)],
    ['more than 5 MiB', 'text/plain', Buffer.alloc(5 * 1024 * 1024 + 1, 'a')],
  ] as const)('%s is not accepted', async (_what, type, bytes) => {
    const accountId = await world.customer()
    const input = creditFor(accountId, UNIT, { attachment: { name: 'file', type, bytes } })
    expect(await refusal(ask(input))).toBe('attachment_not_accepted')
    expect((await world.wallet(accountId)).entries).toBe(0)
  })

  test.each([
    ['text/csv', Buffer.from('name;amount\r\nÄpfel;3\n')],
    ['message/rfc822', Buffer.from('Received: by mx\r\nSubject: caf\xe9\r\n\r\nHello\r\n', 'latin1')],
    ['image/png', Buffer.from('89504e470d0a1a0a00', 'hex')],
    ['image/jpeg', Buffer.from('ffd8ffe000', 'hex')],
  ] as const)('%s is accepted', async (type, bytes) => {
    const accountId = await world.customer()
    const adjustment = await ask(creditFor(accountId, UNIT, { attachment: { name: 'file', type, bytes } }))
    expect((await adjustmentAttachment(world.deps, finance, adjustment.id)).content).toEqual(bytes)
  })
})

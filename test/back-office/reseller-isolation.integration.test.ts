import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OperatorActor, ResellerActor } from '../../src/accounts/actor.ts'
import { accountOverview } from '../../src/back-office/account-overview.ts'
import { decideAdjustmentFor, listAdjustments, requestAdjustmentFor } from '../../src/back-office/adjust.ts'
import { createOrderFor } from '../../src/back-office/manual-orders.ts'
import { listMembers } from '../../src/back-office/members.ts'
import { addNote, listNotes } from '../../src/back-office/notes.ts'
import { orderTrail } from '../../src/back-office/order-trail.ts'
import { resellerCustomers } from '../../src/back-office/reseller-customers.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { CALLS, type Named } from './office-calls.ts'
import { creditFor, type OfficeWorld, openOfficeWorld, refusal, UNIT } from './office-world.ts'

let world: OfficeWorld
let admin: OperatorActor
let mine: ResellerActor
let theirs: Named
let none: Named

beforeAll(async () => {
  world = await openOfficeWorld()
  admin = await world.operator('ADMIN')
  mine = await world.member(await world.reseller(), 'OWNER')
  const resellerId = await world.reseller()
  const owner = await world.member(resellerId, 'OWNER')
  const accountId = await world.customer({ resellerId })
  const order = { accountId, netMinor: 1_000n, currency: 'USD', idempotencyKey: null }
  const waiting = creditFor(accountId, 5_000n * UNIT)
  theirs = {
    ...{ accountId, resellerId, userId: owner.userId, refundId: uuidV7(world.clock), codeId: uuidV7(world.clock) },
    orderId: (await createOrderFor(world.deps, owner, order)).id,
    adjustmentId: (await requestAdjustmentFor(world.deps, owner, waiting)).id,
  }
  const id = () => uuidV7(world.clock)
  none = {
    ...{ accountId: id(), orderId: id(), refundId: id(), adjustmentId: id(), codeId: id(), userId: id() },
    resellerId: id(),
  }
})
afterAll(() => world.close())

const OF_AN_ACCOUNT = CALLS.filter(
  ([, permission]) => !/staff|resellers|refund|codes|webhooks|tax|audit/.test(permission),
)

async function answer(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: Error & { code?: string; field?: string }) => [error.name, error.code, error.message, error.field],
  )
}

test.each(OF_AN_ACCOUNT)(
  "%s: another reseller's is answered like none, and stays as it is",
  async (_name, _to, call) => {
    const rows = () =>
      world.select(
        'SELECT to_jsonb(t) AS row FROM account t UNION ALL SELECT to_jsonb(o) FROM payment_order o UNION ALL SELECT to_jsonb(a) FROM adjustment a',
      )
    const before = await rows()
    const found = await answer(call(world, mine, theirs))
    expect(found).toEqual(await answer(call(world, mine, none)))
    expect(found).not.toBe('done')
    expect(await rows()).toEqual(before)
  },
)

test('nothing of another reseller can be looked at', async () => {
  const { pool, clock } = world
  const { accountId, orderId, resellerId } = theirs
  const looks = (actor: OperatorActor | ResellerActor) => [
    refusal(accountOverview(pool, clock, actor, accountId)),
    refusal(accountOverview(pool, clock, actor, resellerId as string)),
    refusal(listMembers(pool, actor, accountId)),
    refusal(listNotes(pool, actor, accountId)),
    refusal(resellerCustomers(pool, clock, actor, resellerId as string)),
    refusal(orderTrail(pool, actor, orderId)),
  ]
  expect(await Promise.all(looks(mine))).toEqual([...Array(5).fill('account_not_found'), 'order_not_found'])
  expect(new Set(await Promise.all(looks(admin)))).toEqual(new Set(['no refusal']))
  expect(await listAdjustments(world.deps, mine)).toEqual([])
  expect(await listAdjustments(world.deps, admin)).toHaveLength(1)
})

test("a direct customer of the operator's is nobody's else", async () => {
  const accountId = await world.customer()
  expect(await refusal(requestAdjustmentFor(world.deps, mine, creditFor(accountId, UNIT)))).toBe('account_not_found')
})

test("a reseller's people decide about what their own asked for, not about what the operator's did", async () => {
  const accountId = await world.customer({ resellerId: mine.resellerId })
  const gift = await requestAdjustmentFor(world.deps, admin, creditFor(accountId, 5_000n * UNIT))
  const approve = (adjustmentId: string) => ({ adjustmentId, decision: 'approve', idempotencyKey: null }) as const
  expect(await refusal(decideAdjustmentFor(world.deps, mine, approve(gift.id)))).toBe('adjustment_not_found')
  const own = await requestAdjustmentFor(world.deps, mine, creditFor(accountId, 5_000n * UNIT))
  expect(await refusal(decideAdjustmentFor(world.deps, mine, approve(own.id)))).toBe('decision_by_same_person')
  const partner = await world.member(mine.resellerId, 'BILLING')
  expect(await decideAdjustmentFor(world.deps, partner, approve(own.id))).toMatchObject({ state: 'BOOKED' })
})

test("a reseller's people never adjust the reseller's own wallet, and the attempt is written down", async () => {
  const before = await world.wallet(mine.resellerId)
  for (const accountId of [mine.resellerId, mine.resellerId.toUpperCase()]) {
    expect(await refusal(requestAdjustmentFor(world.deps, mine, creditFor(accountId, UNIT)))).toBe('own_wallet')
  }
  expect(await world.wallet(mine.resellerId)).toEqual(before)
  expect((await world.audit()).at(-1)).toMatchObject({ outcome: 'REFUSED', account_id: mine.resellerId })
  const booked = await requestAdjustmentFor(world.deps, admin, creditFor(mine.resellerId, UNIT))
  expect(booked.state).toBe('BOOKED')
})

test('notes are for the side that wrote them', async () => {
  const accountId = await world.customer({ resellerId: mine.resellerId })
  await addNote(world.deps, admin, { accountId, text: 'Pays late', idempotencyKey: null })
  await addNote(world.deps, mine, { accountId, text: 'Our best one', idempotencyKey: null })
  const texts = async (actor: OperatorActor | ResellerActor) =>
    (await listNotes(world.pool, actor, accountId)).map(({ text }) => text)
  expect([await texts(admin), await texts(mine)]).toEqual([['Pays late'], ['Our best one']])
})

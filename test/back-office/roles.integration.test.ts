import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Actor, MEMBER_ROLES, STAFF_ROLES } from '../../src/accounts/actor.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { EXPECTED } from './expected-rights.ts'
import { CALLS, type Named } from './office-calls.ts'
import { CLEAN, type OfficeWorld, openOfficeWorld, refusal } from './office-world.ts'

let world: OfficeWorld
const actors = new Map<string, Actor>()
let resellerId: string
let accountId: string

beforeAll(async () => {
  world = await openOfficeWorld()
  resellerId = await world.reseller()
  accountId = await world.customer({ resellerId })
  for (const role of STAFF_ROLES) actors.set(role, await world.operator(role))
  for (const role of MEMBER_ROLES) actors.set(role, await world.member(resellerId, role))
})
afterAll(() => world.close())

/** Nothing under any of these ids: whoever may is told so, whoever may not is told nothing of it. */
function nothing(): Named {
  const id = () => uuidV7(world.clock)
  return { ...{ accountId, resellerId }, orderId: id(), refundId: id(), adjustmentId: id(), codeId: id(), userId: id() }
}

describe.each([...STAFF_ROLES, ...MEMBER_ROLES])('%s', (role) => {
  test.each(CALLS)('%s takes the permission to %s', async (_name, permission, call) => {
    const actor = actors.get(role) as Actor
    const before = (await world.audit()).length
    const code = await refusal(call(world, actor, nothing()))
    const written = (await world.audit()).slice(before)
    if (EXPECTED[permission].split(' ').includes(role)) {
      expect(code).not.toBe('not_allowed')
      expect(written.filter(({ reason }) => reason === 'Your role does not let you do this.')).toEqual([])
    } else {
      expect(code).toBe('not_allowed')
      expect(written).toMatchObject([{ outcome: 'REFUSED', actor_role: role, before: null, after: null }])
    }
  })
})

test('all of it, done and refused, is a log that verifies', async () => {
  expect((await world.audit()).length).toBeGreaterThan(60)
  expect(await world.verify()).toBe(CLEAN)
})

test('whatever stands where an id should, a refusal is written down and nothing breaks', async () => {
  const support = actors.get('SUPPORT') as Actor
  const odd = { ...nothing(), accountId: "'; DROP", orderId: `\u0000\ud800${'x'.repeat(500)}`, adjustmentId: '' }
  const codes = await Promise.all(CALLS.map(([, , call]) => refusal(call(world, support, odd))))
  expect(new Set(codes)).toEqual(new Set(['not_allowed', 'account_not_found']))
  const admin = actors.get('ADMIN') as Actor
  const found = await Promise.all(
    CALLS.filter(([name]) => /order|receipt|adjust|note|rename/.test(name)).map(([, , call]) =>
      refusal(call(world, admin, odd)),
    ),
  )
  expect(new Set(found)).toEqual(new Set(['account_not_found', 'order_not_found', 'adjustment_not_found']))
  expect(await world.verify()).toBe(CLEAN)
})

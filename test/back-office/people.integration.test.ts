import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OperatorActor } from '../../src/accounts/actor.ts'
import { changeMemberRole, listMembers, removeMember } from '../../src/back-office/members.ts'
import { changeStaffRole, listStaff, setPersonAccess } from '../../src/back-office/staff.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type OfficeWorld, openOfficeWorld, refusal } from './office-world.ts'

let world: OfficeWorld
beforeAll(async () => {
  world = await openOfficeWorld()
})
afterAll(() => world.close())

describe('the staff', () => {
  let admin: OperatorActor
  beforeEach(async () => {
    await world.pool.query('UPDATE "user" SET staff_role = NULL')
    admin = await world.operator('ADMIN', 'Ada')
  })

  const role = (actor: OperatorActor, userId: string, staffRole: 'ADMIN' | 'FINANCE' | null) =>
    changeStaffRole(world.deps, actor, { userId, staffRole })

  test('is listed, promoted, and taken its role', async () => {
    const { userId } = await world.operator('SUPPORT', 'Sue')
    expect(await role(admin, userId, 'FINANCE')).toMatchObject({ staffRole: 'FINANCE' })
    expect((await listStaff(world.deps, admin)).map(({ name, staffRole }) => [name, staffRole])).toEqual([
      ...[
        ['Ada', 'ADMIN'],
        ['Sue', 'FINANCE'],
      ],
    ])
    await role(admin, userId, null)
    expect(await listStaff(world.deps, admin)).toHaveLength(1)
    const acts = (await world.audit()).filter(({ subject_id }) => subject_id === userId)
    expect(acts.map(({ before, after }) => [before?.staffRole, after?.staffRole])).toEqual([
      ...[
        ['SUPPORT', 'FINANCE'],
        ['FINANCE', null],
      ],
    ])
  })

  test('nobody changes their own rights, and the attempt is written down', async () => {
    await world.operator('ADMIN')
    expect(await refusal(role(admin, admin.userId, 'FINANCE'))).toBe('not_oneself')
    expect(await refusal(setPersonAccess(world.deps, admin, { userId: admin.userId, disabled: true }))).toBe(
      'not_oneself',
    )
    expect((await world.audit()).at(-1)).toMatchObject({ action: 'person.disable', outcome: 'REFUSED' })
  })

  test('two administrators who demote each other at once leave one', async () => {
    const other = await world.operator('ADMIN')
    const results = await Promise.all([
      refusal(role(admin, other.userId, null)),
      refusal(role(other, admin.userId, 'FINANCE')),
    ])
    expect(results.toSorted()).toEqual(['last_admin', 'no refusal'])
    const admins = await world.select(`SELECT FROM "user" WHERE staff_role = 'ADMIN'`)
    expect(admins).toHaveLength(1)
  })

  test('somebody who is disabled is signed out everywhere, and may come back', async () => {
    const { userId } = await world.operator('SUPPORT')
    await world.pool.query(
      `INSERT INTO session (id, user_id, token, expires_at, created_at, updated_at) VALUES ($1, $2, $3, now(), now(), now())`,
      [uuidV7(world.clock), userId, userId],
    )
    const disabled = await setPersonAccess(world.deps, admin, { userId, disabled: true, reason: 'Left us' })
    expect(disabled.disabledAt).toBe(world.clock.now())
    expect(await world.select('SELECT FROM session WHERE user_id = $1', userId)).toEqual([])
    expect(JSON.stringify(await world.audit())).not.toContain(`"token"`)
    expect(await setPersonAccess(world.deps, admin, { userId, disabled: false })).toMatchObject({ disabledAt: null })
    const disabledAdmin = await world.operator('ADMIN')
    await setPersonAccess(world.deps, admin, { userId: disabledAdmin.userId, disabled: true })
    expect(await refusal(role(disabledAdmin, admin.userId, null))).toBe('last_admin')
  })
})

describe('members', () => {
  async function team() {
    const resellerId = await world.reseller()
    const first = await world.member(resellerId, 'OWNER')
    const second = await world.member(resellerId, 'OWNER')
    return { resellerId, first, second }
  }

  test('change role and leave, with their audit rows', async () => {
    const { resellerId: accountId, first, second } = await team()
    await changeMemberRole(world.deps, first, { accountId, userId: second.userId, role: 'VIEWER' })
    await removeMember(world.deps, first, { accountId, userId: second.userId, reason: 'Left us' })
    expect((await listMembers(world.pool, first, accountId)).map(({ userId }) => userId)).toEqual([first.userId])
    const acts = (await world.audit()).filter(({ subject_id }) => subject_id === second.userId)
    expect(acts).toMatchObject([
      { action: 'member.change-role', before: { role: 'OWNER' }, after: { role: 'VIEWER' } },
      { action: 'member.remove', reason: 'Left us', before: { role: 'VIEWER' }, after: null },
    ])
    expect(await refusal(removeMember(world.deps, first, { accountId, userId: second.userId }))).toBe(
      'person_not_found',
    )
  })

  test('two owners who remove each other at once leave one', async () => {
    const { resellerId: accountId, first, second } = await team()
    const results = await Promise.all([
      refusal(removeMember(world.deps, first, { accountId, userId: second.userId })),
      refusal(changeMemberRole(world.deps, second, { accountId, userId: first.userId, role: 'VIEWER' })),
    ])
    expect(results.toSorted()).toEqual(['last_owner', 'no refusal'])
    const owners = await world.select(`SELECT FROM membership WHERE account_id = $1 AND role = 'OWNER'`, accountId)
    expect(owners).toHaveLength(1)
  })
})

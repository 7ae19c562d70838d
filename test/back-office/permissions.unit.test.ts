import { expect, test } from 'vitest'
import { type Actor, MEMBER_ROLES, STAFF_ROLES } from '../../src/accounts/actor.ts'
import { may, PERMISSIONS } from '../../src/accounts/permissions.ts'
import { EXPECTED } from './expected-rights.ts'

const who = { userId: '01900000-0000-7000-8000-000000000001', name: 'N', email: 'n@example.com', clientIp: null }
const RESELLER = '01900000-0000-7000-8000-000000000002'
const ACTORS: readonly Actor[] = [
  ...STAFF_ROLES.map((role): Actor => ({ ...who, side: 'OPERATOR', role, resellerId: null })),
  ...MEMBER_ROLES.map((role): Actor => ({ ...who, side: 'RESELLER', role, resellerId: RESELLER })),
]

test('there are no other permissions than those that were thought of', () => {
  expect(PERMISSIONS.toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
})

test.each(Object.entries(EXPECTED))('%s: exactly those who are meant to', (permission, expected) => {
  const allowed = ACTORS.filter((actor) => may(actor, permission as keyof typeof EXPECTED)).map(({ role }) => role)
  expect(allowed.join(' ')).toBe(expected)
})

import type { Actor, MemberRole } from '../accounts/actor.ts'
import { MEMBER_ROLES, STAFF_ROLES } from '../accounts/actor.ts'
import { may, type Permission } from '../accounts/permissions.ts'
import type { ResourceDefinition } from './definition.ts'

export type Side = Actor['side']

/**
 * The resources that exist for one side. Resellers have a back office of their own, without what is the operator's: a
 * column that none of them may see, or a link to what does not exist for them, is not there at all.
 */
export function definitionsFor(side: Side, all: readonly ResourceDefinition[]): ResourceDefinition[] {
  const some = all.filter((definition) => side === 'OPERATOR' || definition.resellers !== null)
  const there = new Set(some.map(({ id }) => id))
  return some.map((definition) => {
    const columns = Object.entries(definition.columns).filter(
      ([, { to, may: permission }]) =>
        (to === undefined || there.has(to)) && (permission === undefined || anybodyMay(side, permission)),
    )
    const names = new Set(columns.map(([name]) => name))
    const kept = (list: readonly string[]) => list.filter((name) => names.has(name))
    return {
      ...definition,
      columns: Object.fromEntries(columns),
      ...{ list: kept(definition.list), filters: kept(definition.filters), sorts: kept(definition.sorts) },
      related: (definition.related ?? []).filter(({ to }) => there.has(to)),
    }
  })
}

function anybodyMay(side: Side, permission: Permission): boolean {
  const who = { userId: '', name: '', email: '', clientIp: null }
  if (side === 'OPERATOR') return STAFF_ROLES.some((role) => may({ ...who, side, role, resellerId: null }, permission))
  return MEMBER_ROLES.some((role: MemberRole) => may({ ...who, side, role, resellerId: '' }, permission))
}

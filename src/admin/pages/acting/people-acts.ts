import { z } from 'zod'
import { MEMBER_ROLES, STAFF_ROLES } from '../../../accounts/actor.ts'
import { actThrough } from '../../../back-office/acting.ts'
import { changeMemberRole, removeMember } from '../../../back-office/members.ts'
import { changeStaffRole, setPersonAccess } from '../../../back-office/staff.ts'
import { inviteMember, type NewInvitation } from '../../../sign-in/invitations.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import type { Act } from './acting.ts'
import { flag, formKey, neededText, readForm, rowId, text } from './form.ts'
import { FormError } from './form-error.ts'

const ROLE = { error: 'Choose a role.' }
const email = neededText('Enter an e-mail address.').pipe(z.email({ error: 'This is no e-mail address.' }))

const memberInvitation = z.strictObject({ accountId: rowId, email, role: z.enum(MEMBER_ROLES, ROLE), key: formKey })

/** An earlier invitation of the same address is void from then on, so that who clicks twice invites once. */
export const inviteToAccount: Act = async (deps, actor, form) => {
  const { accountId, email, role } = readForm(memberInvitation, form)
  const subject = { kind: 'invitation', id: null, accountId }
  await actThrough(deps, actor, { permission: 'invite people', action: 'person.invite', subject }, (witness) =>
    invite(deps, { email, to: { accountId, role }, invitedById: actor.userId }, witness),
  )
  return { message: `${email} is invited. The invitation holds for seven days.` }
}

const staffInvitation = z.strictObject({ email, staffRole: z.enum(STAFF_ROLES, ROLE), key: formKey })

export const inviteToStaff: Act = async (deps, actor, form) => {
  const { email, staffRole } = readForm(staffInvitation, form)
  const subject = { kind: 'invitation', id: null, accountId: null }
  await actThrough(deps, actor, { permission: 'manage staff', action: 'staff.invite', subject }, (witness) =>
    invite(deps, { email, to: { staffRole }, invitedById: actor.userId }, witness),
  )
  return { message: `${email} is invited to the staff. The invitation holds for seven days.` }
}

/** The audit row is written in the transaction of the invitation, without what opens it. */
async function invite(
  { pool, clock, desk }: AdminDeps,
  invitation: NewInvitation,
  witness: Parameters<Parameters<typeof actThrough<object, string>>[3]>[0],
): Promise<string> {
  const { email, to } = invitation
  try {
    return await inviteMember({ pool, clock, nudge: desk.nudge }, invitation, (client, id) =>
      witness(client, { before: null, after: { id, email, ...to } }),
    )
  } catch (error) {
    // All else in it was checked by the form.
    if (error instanceof z.ZodError) throw new FormError('email', 'This is no e-mail address.')
    throw error
  }
}

const memberRole = z.strictObject({ accountId: rowId, userId: rowId, role: z.enum(MEMBER_ROLES, ROLE), key: formKey })

export const roleOfMember: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(memberRole, form)
  await changeMemberRole(deps, actor, asked)
  return { message: 'The role is changed.' }
}

const removal = z.strictObject({ accountId: rowId, userId: rowId, reason: text, key: formKey })

export const removeFromAccount: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(removal, form)
  await removeMember(deps, actor, asked)
  return { message: 'They are no member any more.' }
}

const staffRoleChange = z.strictObject({
  userId: rowId,
  /** Empty = no longer of the staff. */
  staffRole: text.pipe(z.enum(STAFF_ROLES, ROLE).nullable()),
  reason: text,
  key: formKey,
})

export const roleOfStaff: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(staffRoleChange, form)
  const { name, staffRole } = await changeStaffRole(deps, actor, asked)
  return { message: staffRole === null ? `${name} is no longer of the staff.` : `The role of ${name} is changed.` }
}

const personAccess = z.strictObject({ userId: rowId, disabled: flag, reason: text, key: formKey })

export const accessOfPerson: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(personAccess, form)
  const { name, disabledAt } = await setPersonAccess(deps, actor, asked)
  return {
    message:
      disabledAt === null ? `${name} can sign in again.` : `${name} is signed out everywhere, and cannot sign in.`,
  }
}

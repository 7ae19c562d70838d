import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { MEMBER_ROLES } from '../../accounts/actor.ts'
import { changeMemberRole, listMembers, type MemberChange, removeMember } from '../../accounts/team/members.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import { listInvitations, OPEN_INVITATIONS_MAX, revokeAccountInvitation } from '../../sign-in/account-invitations.ts'
import type { SignIn } from '../../sign-in/create-sign-in.ts'
import { inviteMember } from '../../sign-in/invitations.ts'
import { textOf } from '../keys/form-text.ts'
import { sendPage } from '../page.ts'
import { MONEY_SETTING_ROLES, ROLE_NAMES, TEAM_ROLES } from '../roles.ts'

const UUID = z.uuid()
const ROLE = z.enum(MEMBER_ROLES, { error: 'Choose a role from the list.' })
const EMAIL = z.email({ error: 'Enter an address such as ada@example.com.' }).max(320)

/** The settings of an account, and who belongs to it. */
export function settingsPagesRouter(signIn: SignIn): Router {
  const router = Router()
  const { pool } = signIn

  router.get('/settings', requirePerson, (request, response) => {
    const { role } = accountOf(request)
    sendPage(response, 200, 'settings/settings', {
      title: 'Settings',
      styles: ['usage.css'],
      seesMoney: MONEY_SETTING_ROLES.includes(role),
    })
  })

  async function showTeam(request: Request, response: Response, status: number, problems: Record<string, string> = {}) {
    const { accountId, role } = accountOf(request)
    const mayChange = TEAM_ROLES.includes(role)
    const given = request.body ?? {}
    sendPage(response, status, 'settings/team', {
      title: 'Team',
      styles: ['usage.css'],
      members: await listMembers(pool, accountId),
      // To whom one was sent is for those who send them.
      invitations: mayChange ? await listInvitations(signIn, accountId) : [],
      ...{ mayChange, problems, roleNames: ROLE_NAMES, userId: signedInPerson(request).userId },
      roles: MEMBER_ROLES.map((value) => ({ value, name: ROLE_NAMES[value] })),
      values: { email: textOf(given, 'email'), role: textOf(given, 'role') || 'DEVELOPER' },
    })
  }

  router.get('/settings/team', requirePerson, (request, response) => showTeam(request, response, 200))

  router.post('/settings/team/invitations', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, TEAM_ROLES)
    const [email, role] = [EMAIL.safeParse(textOf(request.body, 'email')), ROLE.safeParse(request.body.role)]
    if (!email.success || !role.success) {
      return showTeam(request, response, 422, {
        ...(!email.success && { email: email.error.issues[0]?.message ?? '' }),
        ...(!role.success && { role: role.error.issues[0]?.message ?? '' }),
      })
    }
    const members = await listMembers(pool, accountId)
    if (members.some((member) => member.email.toLowerCase() === email.data.toLowerCase())) {
      return showTeam(request, response, 422, { email: 'They belong to the account already.' })
    }
    const open = await listInvitations(signIn, accountId)
    if (open.length >= OPEN_INVITATIONS_MAX) {
      return showTeam(request, response, 422, {
        email: `At most ${OPEN_INVITATIONS_MAX} invitations at once; take one back first.`,
      })
    }
    const { userId: invitedById } = signedInPerson(request)
    await inviteMember(signIn, { email: email.data, to: { accountId, role: role.data }, invitedById })
    flash(response, `An invitation is on its way to ${email.data}. It can be accepted for seven days.`)
    response.redirect(303, '/settings/team')
  })

  router.post('/settings/team/invitations/:id/revoke', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, TEAM_ROLES)
    const id = UUID.safeParse(request.params.id)
    if (!id.success || !(await revokeAccountInvitation(signIn, accountId, id.data))) throw new PageError('not found')
    flash(response, 'The invitation is taken back.')
    response.redirect(303, '/settings/team')
  })

  router.post('/settings/team/:userId/role', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, TEAM_ROLES)
    const role = ROLE.safeParse(request.body.role)
    if (!role.success) return showTeam(request, response, 422, { form: role.error.issues[0]?.message ?? '' })
    const userId = userIdOf(request.params.userId)
    answer(response, await changeMemberRole(pool, { accountId, userId, role: role.data }), 'The role is changed.')
    response.redirect(303, '/settings/team')
  })

  router.post('/settings/team/:userId/remove', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, TEAM_ROLES)
    const userId = userIdOf(request.params.userId)
    answer(response, await removeMember(pool, { accountId, userId }), 'They belong to the account no more.')
    response.redirect(303, userId === signedInPerson(request).userId ? '/' : '/settings/team')
  })

  return router
}

function userIdOf(given: unknown): string {
  const id = UUID.safeParse(given)
  if (!id.success) throw new PageError('not found')
  return id.data.toLowerCase()
}

/** @throws PageError for somebody who is no member, as for nobody */
function answer(response: Response, change: MemberChange, done: string): void {
  if (change.ok) {
    flash(response, done)
    return
  }
  if (change.reason === 'not a member') throw new PageError('not found')
  flash(response, 'The account needs an owner: make somebody else one first.', 'failed')
}

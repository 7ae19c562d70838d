import { type Request, type Response, Router } from 'express'
import { appendCookies } from '../http/cookies.ts'
import { flash } from '../http/flash.ts'
import { personOf } from '../http/person-session.ts'
import { visitOf } from '../http/visit.ts'
import { acceptInvitation } from '../sign-in/accept-invitation.ts'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { readInvitation } from '../sign-in/invitations.ts'
import { signInByPassword } from '../sign-in/sign-in-by-password.ts'
import { sendPage } from './page.ts'
import { AFTER_SIGN_IN } from './sign-in-pages.ts'

/** The page that an invitation's mail leads to. */
export function invitationPagesRouter(signIn: SignIn): Router {
  const router = Router()

  async function show(request: Request<{ token: string }>, response: Response, status: number, problems = {}) {
    const invitation = await readInvitation(signIn.pool, signIn, request.params.token)
    if (invitation === null) return sendPage(response, 404, 'used-link', { kind: 'invitation' })
    const person = personOf(request)
    sendPage(response, status, 'invitation', {
      invitation,
      problems,
      path: request.path,
      name: request.body?.name ?? '',
      way: wayOf(person?.email ?? null, invitation),
    })
  }

  router.get('/invitations/:token', (request, response) => show(request, response, 200))

  router.post('/invitations/:token', async (request, response) => {
    const person = personOf(request)
    const { name, password } = request.body
    const result = await acceptInvitation(signIn, request.params.token, person, { name, password })
    if (!result.ok) {
      if (result.reason === 'invalid') return show(request, response, 422, result.problems)
      return show(request, response, result.reason === 'wrong person' ? 403 : 409)
    }
    flash(response, 'You have joined. Welcome!')
    if (result.isNew) {
      const signedIn = await signInByPassword(signIn, visitOf(request), { email: result.email, password })
      if (signedIn.ok) appendCookies(response, signedIn.cookies)
    }
    response.redirect(303, AFTER_SIGN_IN)
  })

  return router
}

/** What whoever looks at it can do with it. */
function wayOf(email: string | null, invitation: { email: string; isKnown: boolean }) {
  if (email === invitation.email) return 'accept'
  if (email !== null) return 'wrong person'
  return invitation.isKnown ? 'sign in' : 'join'
}

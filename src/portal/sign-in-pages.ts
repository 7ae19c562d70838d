import { Router } from 'express'
import { chooseAccount } from '../http/chosen-account.ts'
import { appendCookies } from '../http/cookies.ts'
import { flash } from '../http/flash.ts'
import { nextPath } from '../http/next-path.ts'
import { personOf, requirePerson, sessionIdOf } from '../http/person-session.ts'
import { visitOf } from '../http/visit.ts'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { takeSecondFactor } from '../sign-in/second-factor.ts'
import { endSession, signOut } from '../sign-in/sessions.ts'
import { signInByPassword } from '../sign-in/sign-in-by-password.ts'
import { sendPage } from './page.ts'
import { tryAgainIn } from './try-again.ts'

/** Leads on to whatever somebody wanted; who wanted nothing goes where they work. */
export const AFTER_SIGN_IN = '/welcome'

/** Signing in and out, and choosing between one's accounts. */
export function signInPagesRouter(signIn: SignIn): Router {
  const router = Router()

  router.get('/sign-in', (request, response) => {
    const next = nextPath(request.query.next, AFTER_SIGN_IN)
    if (personOf(request)) return response.redirect(303, next)
    const email = typeof request.query.email === 'string' ? request.query.email : ''
    sendPage(response, 200, 'sign-in', { next, email })
  })

  router.post('/sign-in', async (request, response) => {
    const { email, password } = request.body
    const next = nextPath(request.body.next, AFTER_SIGN_IN)
    const result = await signInByPassword(signIn, visitOf(request), { email, password })
    if (result.ok) {
      // Whoever was here before is signed out: one browser, one person, and always a session of its own.
      const [before, sessionId] = [personOf(request), sessionIdOf(request)]
      if (before && sessionId) await endSession(signIn.pool, before.userId, sessionId)
      appendCookies(response, result.cookies)
      const code = `/sign-in/code?next=${encodeURIComponent(next)}`
      return response.redirect(303, result.next === 'second factor' ? code : next)
    }
    const shown = { next, email: String(email ?? '') }
    if (result.reason === 'unverified')
      return sendPage(response, 403, 'check-mail', { email: shown.email, isAgain: true })
    const form =
      result.reason === 'locked'
        ? `Too many attempts. Try again ${tryAgainIn(result.retryAt, signIn.clock)}, or choose a new password.`
        : 'The e-mail address or the password is wrong.'
    sendPage(response, result.reason === 'locked' ? 429 : 422, 'sign-in', { ...shown, problems: { form } })
  })

  router.get('/sign-in/code', (request, response) => {
    const next = nextPath(request.query.next, AFTER_SIGN_IN)
    if (personOf(request)) return response.redirect(303, next)
    sendPage(response, 200, 'sign-in-code', { next, byBackupCode: request.query.by === 'backup-code' })
  })

  router.post('/sign-in/code', async (request, response) => {
    const next = nextPath(request.body.next, AFTER_SIGN_IN)
    const { code, backupCode } = request.body
    const result = await takeSecondFactor(signIn, visitOf(request), { code, backupCode })
    if (result.ok) {
      appendCookies(response, result.cookies)
      return response.redirect(303, next)
    }
    if (result.reason === 'begin again') {
      flash(response, 'That took too long, or the code was used before. Enter your password again.', 'failed')
      return response.redirect(303, `/sign-in?next=${encodeURIComponent(next)}`)
    }
    const byBackupCode = backupCode !== undefined
    const problem =
      result.reason === 'locked'
        ? 'Too many wrong codes. Try again in 15 minutes.'
        : 'This code is not right. Codes change every half minute.'
    const field = byBackupCode ? 'backupCode' : 'code'
    const words =
      byBackupCode && result.reason === 'wrong' ? 'This backup code is not right, or was used before.' : problem
    sendPage(response, 422, 'sign-in-code', { next, byBackupCode, problems: { [field]: words } })
  })

  // Whoever comes by a link has to say so: a link must not be enough to sign somebody out.
  router.get('/sign-out', (request, response) => {
    const person = personOf(request)
    if (person === null) return response.redirect(303, '/sign-in')
    sendPage(response, 200, 'sign-out', { name: person.name })
  })

  router.post('/sign-out', async (request, response) => {
    appendCookies(response, await signOut(signIn, visitOf(request)))
    flash(response, 'You are signed out.')
    response.redirect(303, '/sign-in')
  })

  router.post('/account', requirePerson, (request, response) => {
    chooseAccount(request, response, String(request.body.accountId ?? ''), signIn.isSecure)
    response.redirect(303, '/')
  })

  return router
}

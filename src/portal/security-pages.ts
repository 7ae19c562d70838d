import { type Request, type Response, Router } from 'express'
import QRCode from 'qrcode'
import { z } from 'zod'
import { appendCookies } from '../http/cookies.ts'
import { flash } from '../http/flash.ts'
import { PageError } from '../http/page-error.ts'
import { requirePerson, sessionIdOf, signedInPerson } from '../http/person-session.ts'
import { visitOf } from '../http/visit.ts'
import { changePassword } from '../sign-in/change-password.ts'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from '../sign-in/second-factor.ts'
import { endSession, endSessions, listSessions } from '../sign-in/sessions.ts'
import { browserName } from './browser-name.ts'
import { sendPage } from './page.ts'
import { tryAgainIn } from './try-again.ts'

const UUID = z.uuid()
const WRONG_PASSWORD = 'This is not your password.'

/** How somebody signs in, and where they are signed in: theirs to change. */
export function securityPagesRouter(signIn: SignIn): Router {
  const router = Router()
  router.use('/security', requirePerson)

  async function show(request: Request, response: Response, status: number, problems: object = {}) {
    const current = sessionIdOf(request)
    const { userId } = signedInPerson(request)
    const sessions = (await listSessions(signIn, userId)).map((session) => ({
      ...session,
      browser: browserName(session.userAgent),
      isCurrent: session.id === current,
    }))
    sendPage(response, status, 'security', { sessions, problems })
  }

  const problemOf = (result: { reason: 'wrong' } | { reason: 'locked'; retryAt: number }): string =>
    result.reason === 'wrong'
      ? WRONG_PASSWORD
      : `Too many attempts. Try again ${tryAgainIn(result.retryAt, signIn.clock)}.`

  router.get('/security', (request, response) => show(request, response, 200))

  router.post('/security/password', async (request, response) => {
    const { current, next } = request.body
    const person = signedInPerson(request)
    const result = await changePassword(signIn, person, sessionIdOf(request) ?? '', { current, next })
    if (result.ok) {
      flash(response, 'Your password is changed. Everywhere else you are signed out.')
      return response.redirect(303, '/security')
    }
    await show(
      request,
      response,
      422,
      result.reason === 'weak' ? { next: result.problem } : { current: problemOf(result) },
    )
  })

  router.get('/security/second-factor', (request, response) => {
    if (signedInPerson(request).secondFactor) return response.redirect(303, '/security')
    sendPage(response, 200, 'second-factor-begin', { isRequired: isRequired(request) })
  })

  router.post('/security/second-factor', async (request, response) => {
    const { password } = request.body
    const result = await beginSecondFactor(signIn, visitOf(request), signedInPerson(request), password)
    if (result.ok) {
      const qr = await QRCode.toString(result.setUp.uri, { type: 'svg', margin: 0 })
      return sendPage(response, 200, 'second-factor-confirm', { ...result.setUp, qr })
    }
    if (result.reason === 'is set up') return response.redirect(303, '/security')
    const problems = { password: problemOf(result) }
    sendPage(response, 422, 'second-factor-begin', { isRequired: isRequired(request), problems })
  })

  router.post('/security/second-factor/confirm', async (request, response) => {
    const person = signedInPerson(request)
    const result = await confirmSecondFactor(signIn, visitOf(request), person, request.body.code)
    if (result.ok) {
      appendCookies(response, result.cookies)
      flash(response, 'Your second factor is set up. Keep the backup codes where you find them without your phone.')
      return response.redirect(303, '/security')
    }
    if (result.reason === 'begin again') return response.redirect(303, '/security/second-factor')
    const code =
      result.reason === 'locked'
        ? 'Too many wrong codes. Try again in 15 minutes.'
        : 'This code is not right. Enter the one that your app shows now.'
    sendPage(response, 422, 'second-factor-confirm', { qr: null, problems: { code } })
  })

  router.post('/security/second-factor/remove', async (request, response) => {
    const result = await removeSecondFactor(signIn, visitOf(request), signedInPerson(request), request.body.password)
    if (!result.ok) return show(request, response, 422, { 'remove-password': problemOf(result) })
    appendCookies(response, result.cookies ?? [])
    flash(response, 'Your second factor is removed.')
    response.redirect(303, '/security')
  })

  router.post('/security/sessions/:id/end', async (request, response) => {
    const { id } = request.params
    const { userId } = signedInPerson(request)
    if (!UUID.safeParse(id).success || !(await endSession(signIn.pool, userId, id))) throw new PageError('not found')
    flash(response, 'That browser is signed out.')
    response.redirect(303, '/security')
  })

  router.post('/security/sessions/end-others', async (request, response) => {
    await endSessions(signIn.pool, signedInPerson(request).userId, sessionIdOf(request))
    flash(response, 'Everywhere else you are signed out.')
    response.redirect(303, '/security')
  })

  const isRequired = (request: Request): boolean =>
    signIn.staffNeedSecondFactor && signedInPerson(request).staffRole !== null

  return router
}

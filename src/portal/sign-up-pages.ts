import { Router } from 'express'
import { flash } from '../http/flash.ts'
import { personOf } from '../http/person-session.ts'
import { visitOf } from '../http/visit.ts'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { readLink } from '../sign-in/one-time-link.ts'
import { requestPasswordReset, resetPassword } from '../sign-in/reset-password.ts'
import { signUp } from '../sign-in/sign-up.ts'
import { verifyEmail } from '../sign-in/verify-email.ts'
import { sendPage } from './page.ts'
import { tryAgainIn } from './try-again.ts'

/** Becoming a customer, and the links that mails lead to. Looking at a link uses nothing up: mail programs look too. */
export function signUpPagesRouter(signIn: SignIn): Router {
  const router = Router()
  const { pool, clock } = signIn

  router.get('/sign-up', (request, response) => {
    if (personOf(request)) return response.redirect(303, '/')
    sendPage(response, 200, 'sign-up', { values: {} })
  })

  router.post('/sign-up', async (request, response) => {
    const { name, company, email, password } = request.body
    const result = await signUp(signIn, visitOf(request), { name, company, email, password })
    if (result.ok) return sendPage(response, 200, 'check-mail', { email: result.email, isAgain: false })
    const values = { name, company, email }
    if (result.reason === 'invalid') return sendPage(response, 422, 'sign-up', { values, problems: result.problems })
    const form = `Too many sign-ups. Try again ${tryAgainIn(result.retryAt, clock)}.`
    sendPage(response, 429, 'sign-up', { values, problems: { form } })
  })

  router.get('/verify-email', async (request, response) => {
    const token = String(request.query.token ?? '')
    const person = await readLink(pool, clock, token, 'VERIFY_EMAIL')
    if (person === null) return sendPage(response, 404, 'used-link', { kind: 'verify' })
    sendPage(response, 200, 'verify-email', { token, email: person.email })
  })

  router.post('/verify-email', async (request, response) => {
    const email = await verifyEmail(signIn, String(request.body.token ?? ''))
    if (email === null) return sendPage(response, 404, 'used-link', { kind: 'verify' })
    flash(response, 'Your e-mail address is confirmed. Sign in to begin.')
    response.redirect(303, `/sign-in?email=${encodeURIComponent(email)}`)
  })

  router.get('/forgot-password', (request, response) => {
    sendPage(response, 200, 'forgot-password', { email: String(request.query.email ?? '') })
  })

  router.post('/forgot-password', async (request, response) => {
    const { email } = request.body
    await requestPasswordReset(signIn, visitOf(request), email)
    sendPage(response, 200, 'reset-mail-sent', { email: String(email ?? '') })
  })

  router.get('/reset-password', async (request, response) => {
    const token = String(request.query.token ?? '')
    const person = await readLink(pool, clock, token, 'RESET_PASSWORD')
    if (person === null) return sendPage(response, 404, 'used-link', { kind: 'reset' })
    sendPage(response, 200, 'reset-password', { token, email: person.email })
  })

  router.post('/reset-password', async (request, response) => {
    const token = String(request.body.token ?? '')
    const result = await resetPassword(signIn, token, request.body.password)
    if (result.ok) {
      flash(response, 'Your new password is set, and you are signed out everywhere. Sign in with it.')
      return response.redirect(303, `/sign-in?email=${encodeURIComponent(result.email)}`)
    }
    if (result.reason === 'link') return sendPage(response, 404, 'used-link', { kind: 'reset' })
    const person = await readLink(pool, clock, token, 'RESET_PASSWORD')
    const problems = { password: result.problem }
    sendPage(response, 422, 'reset-password', { token, email: person?.email ?? '', problems })
  })

  return router
}

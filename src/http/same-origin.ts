import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import express, { type Request, type RequestHandler, type Response } from 'express'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { cookieName, cookieOptions, readCookie } from './cookies.ts'
import { PageError } from './page-error.ts'
import { sessionIdOf } from './person-session.ts'

/** Forms are short; files go elsewhere. */
const FORM_BYTES_MAX = 64 * 1024
const FORM_FIELDS_MAX = 200
const VISITOR_BYTES = 24
const VISITOR = /^[\w-]{32}$/
const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

interface FormState {
  key: Buffer
  isSecure: boolean
  response: Response
  /** Made for a browser that had none, while this request is answered. */
  visitor: string | null
}

const states = new WeakMap<Request, FormState>()

/**
 * Refuses every change that another site could have made a browser send: by what the browser says of where it comes from,
 * and by a token that only our own pages hold. Reads forms, so that `request.body` is there for what follows.
 */
export function sameOrigin({ formKey, isSecure, publicUrl }: SignIn): RequestHandler[] {
  const remember: RequestHandler = (request, response, next) => {
    states.set(request, { key: formKey, isSecure, response, visitor: null })
    next()
  }
  const checkToken: RequestHandler = (request, _response, next) => {
    // A form that is none, or is empty, has no fields; those who read some need not know.
    request.body ??= {}
    if (!READS.has(request.method) && !hasToken(request)) throw new PageError('forged')
    next()
  }
  return [remember, refuseCrossOrigin(publicUrl), readForm, checkToken]
}

/** The half that needs no token, for what sends its changes by script alone. */
export function refuseCrossOrigin(publicUrl: string): RequestHandler {
  const ours = new URL(publicUrl).origin
  return (request, _response, next) => {
    if (!READS.has(request.method) && !isSameOrigin(request, ours)) throw new PageError('forged')
    next()
  }
}

const parseForm = express.urlencoded({ extended: false, limit: FORM_BYTES_MAX, parameterLimit: FORM_FIELDS_MAX })

const readForm: RequestHandler = (request, response, next) => {
  parseForm(request, response, (error?: unknown) => next(error === undefined ? undefined : new PageError('too large')))
}

/**
 * Fetch Metadata says it plainly where the browser sends it. `Origin: null` is what a page without referrer sends, and
 * says nothing; nothing at all is an old browser or a program. Then the token decides alone.
 */
function isSameOrigin(request: Request, ours: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin } = request.headers
  if (origin === undefined || origin === 'null') return true
  return origin === ours || (URL.canParse(origin) && new URL(origin).host === request.headers.host)
}

/**
 * The token for a form of this visitor: the value of its hidden field `_csrf`, or of the header `x-csrf-token`. It belongs
 * to the session, and before that to the browser, which gets a cookie for it.
 * @throws Error where `sameOrigin` was not mounted before
 */
export function csrfToken(request: Request): string {
  const state = states.get(request)
  if (!state) throw new Error('sameOrigin has to be mounted before pages with forms')
  const subject = subjectOf(request, state)
  if (subject !== null) return sign(state.key, subject)
  const { response, isSecure } = state
  state.visitor = randomBytes(VISITOR_BYTES).toString('base64url')
  response.cookie(cookieName('visitor', isSecure), state.visitor, cookieOptions(isSecure))
  return sign(state.key, `visitor ${state.visitor}`)
}

function hasToken(request: Request): boolean {
  const state = states.get(request)
  const subject = state ? subjectOf(request, state) : null
  if (!state || subject === null) return false
  const sent: unknown = request.body._csrf ?? request.headers['x-csrf-token']
  if (typeof sent !== 'string') return false
  const [given, expected] = [Buffer.from(sent), Buffer.from(sign(state.key, subject))]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function subjectOf(request: Request, { isSecure, visitor }: FormState): string | null {
  const sessionId = sessionIdOf(request)
  if (sessionId !== null) return `session ${sessionId}`
  const known = visitor ?? readCookie(request, cookieName('visitor', isSecure))
  return known !== null && VISITOR.test(known) ? `visitor ${known}` : null
}

const sign = (key: Buffer, subject: string): string => createHmac('sha256', key).update(subject).digest('base64url')

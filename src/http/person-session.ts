import type { Request, RequestHandler } from 'express'
import type { Pool } from 'pg'
import { type Person, readPerson } from '../accounts/person.ts'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { readSession } from '../sign-in/sessions.ts'
import { PageError } from './page-error.ts'
import { visitOf } from './visit.ts'

interface SignedInPerson {
  person: Person
  sessionId: string
  /** They have to set up a second factor before anything else. */
  needsSecondFactor: boolean
}

const signedIn = new WeakMap<Request, SignedInPerson>()

/** Where somebody may go who has yet to set up a second factor. */
const SET_UP_PATH = '/security/second-factor'
const STILL_OPEN = /^\/(security(\/|$)|sign-out$)/

/** Finds out who asks, anew for each request: who was disabled, or has another role now, is so at once. */
export function personSession(signIn: SignIn, pool: Pool): RequestHandler {
  return async (request, _response, next) => {
    const session = await readSession(signIn, visitOf(request))
    const person = session && (await readPerson(pool, session.userId))
    if (session && person) {
      const needsSecondFactor = signIn.staffNeedSecondFactor && person.staffRole !== null && !person.secondFactor
      signedIn.set(request, { person, sessionId: session.id, needsSecondFactor })
    }
    next()
  }
}

/** Who is signed in; null = nobody. */
export function personOf(request: Request): Person | null {
  return signedIn.get(request)?.person ?? null
}

/** Which of their sessions it is; null = nobody is signed in. */
export function sessionIdOf(request: Request): string | null {
  return signedIn.get(request)?.sessionId ?? null
}

/**
 * Who is signed in, for handlers behind `requirePerson`.
 * @throws PageError where nobody is
 */
export function signedInPerson(request: Request): Person {
  const person = personOf(request)
  if (person === null) throw new PageError('signed out')
  return person
}

/** Lets through who is signed in; leads everybody else to the sign-in page, and back from there. */
export const requirePerson: RequestHandler = (request, response, next) => {
  const found = signedIn.get(request)
  if (found?.needsSecondFactor && !STILL_OPEN.test(request.baseUrl + request.path)) {
    if (request.method === 'GET') return response.redirect(303, SET_UP_PATH)
    throw new PageError('not allowed')
  }
  if (found) return next()
  const signInPath = `/sign-in?next=${encodeURIComponent(request.originalUrl)}`
  // A part of a page must not become the sign-in page: the whole page goes there.
  if (request.headers['hx-request'] === 'true') return response.status(401).set('hx-redirect', '/sign-in').end()
  if (request.method === 'GET' || request.method === 'HEAD') return response.redirect(303, signInPath)
  throw new PageError('signed out')
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { cookieName, cookieOptions, readCookie } from './cookies.ts'

/** What the next page says once. */
export interface Flash {
  tone: 'done' | 'failed'
  text: string
}

const KEPT_MS = 60_000
const TEXT_LENGTH_MAX = 300

interface FlashState {
  key: Buffer
  isSecure: boolean
}

const states = new WeakMap<Response, FlashState>()

/** Lets pages say something on the next page. */
export function flashes({ formKey, isSecure }: SignIn): RequestHandler {
  return (_request, response, next) => {
    states.set(response, { key: formKey, isSecure })
    next()
  }
}

/** Says something at the head of the next page, as after a form and its redirect. Signed: it is our word. */
export function flash(response: Response, text: string, tone: Flash['tone'] = 'done'): void {
  const { key, isSecure } = stateOf(response)
  const body = Buffer.from(JSON.stringify({ tone, text: text.slice(0, TEXT_LENGTH_MAX) })).toString('base64url')
  const value = `${body}.${sign(key, body)}`
  response.cookie(cookieName('flash', isSecure), value, { ...cookieOptions(isSecure), maxAge: KEPT_MS })
}

/** What there is to say now; saying it forgets it. */
export function takeFlash(request: Request, response: Response): Flash | null {
  const state = states.get(response)
  const name = cookieName('flash', state?.isSecure ?? false)
  const value = state ? readCookie(request, name) : null
  if (!state || value === null) return null
  response.clearCookie(name, cookieOptions(state.isSecure))
  const [body = '', signature = ''] = value.split('.')
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(state.key, body))]
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Flash
}

function stateOf(response: Response): FlashState {
  const state = states.get(response)
  if (!state) throw new Error('flashes has to be mounted before pages that say something')
  return state
}

const sign = (key: Buffer, body: string): string =>
  createHmac('sha256', key).update(`flash ${body}`).digest('base64url')

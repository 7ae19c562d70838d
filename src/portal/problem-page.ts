import type { ErrorRequestHandler, Response } from 'express'
import { PageError, type PageRefusal } from '../http/page-error.ts'
import { isDatabaseAway } from '../lib/database-away.ts'
import type { Logger } from '../lib/logger.ts'
import { sendPage } from './page.ts'

interface Problem {
  title: string
  text: string
  way: { path: string; label: string } | null
}

const HOME = { path: '/', label: 'Go to the overview' }

const PROBLEMS: Readonly<Record<PageRefusal | 'failed' | 'away', Problem>> = {
  'not found': {
    title: 'There is nothing here',
    text: 'The address may be mistyped, or what was here is gone.',
    way: HOME,
  },
  'not allowed': {
    title: 'Your role does not let you do this',
    text: 'Somebody who owns the account can do it, or give you another role.',
    way: HOME,
  },
  'no account': {
    title: 'You belong to no account yet',
    text: 'Ask somebody who owns the account to invite you.',
    way: null,
  },
  forged: {
    title: 'This form is out of date',
    text: 'Nothing was changed. Go back, load the page again, and send the form once more. If that does not help, allow cookies for this site.',
    way: HOME,
  },
  'signed out': {
    title: 'You are signed out',
    text: 'Nothing was changed. Sign in, and do it again.',
    way: { path: '/sign-in', label: 'Sign in' },
  },
  'too large': {
    title: 'That was too much at once',
    text: 'Nothing was changed. Send less, and try again.',
    way: null,
  },
  failed: {
    title: 'This page cannot be shown at the moment',
    text: 'Something went wrong on our side. Try again in a moment.',
    way: null,
  },
  away: {
    title: 'This page cannot be shown at the moment',
    text: 'We are back within moments. Load the page again.',
    way: null,
  },
}

/** A page that says what is the matter, and the way on from there. */
export function sendProblem(response: Response, status: number, problem: keyof typeof PROBLEMS): void {
  sendPage(response, status, 'problem', { ...PROBLEMS[problem], isNarrow: true })
}

/** What a page threw becomes a page. Of a failure of ours nothing is shown. */
export function answerPageErrors(logger: Logger): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    if (error instanceof PageError) return sendProblem(response, error.status, error.refusal)
    logger.error({ err: error }, 'a page failed')
    if (isDatabaseAway(error)) sendProblem(response.set('retry-after', '5'), 503, 'away')
    else sendProblem(response, 500, 'failed')
  }
}

import { type ActionDecorator, NotFoundError } from 'adminjs'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { actorOfRequest } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import { AdminUser } from './admin-user.ts'
import type { BackOffice } from './back-office.ts'
import { mayOpen, PAGES } from './pages.ts'
import { recordRefusal } from './refused-act.ts'

interface Asked {
  readonly place: 'list' | 'bulk' | 'record'
  readonly resourceId: string
  readonly recordId: string | null
  readonly action: string
}

const NOTHING = { notice: { type: 'error', message: 'There is no such thing.' }, records: [] }

const LIST = /^\/api\/resources\/([^/]+)\/(actions|bulk)\/([^/]+)(?:\/[^/]*)?$/
/** Another address of the search, which AdminJS itself calls outdated. */
const OLD_SEARCH = /^\/api\/resources\/([^/]+)\/search(?:\/[^/]*)?$/
const RECORD = /^\/api\/resources\/([^/]+)\/records\/([^/]+)\/([^/]+)$/
/** AdminJS runs any action at any address, and fails where it does not fit. */
const FITS = {
  list: (action: ActionDecorator) => action.isResourceType(),
  bulk: (action: ActionDecorator) => action.isBulkType(),
  record: (action: ActionDecorator) => action.isRecordType(),
}
const PAGE = /^\/api\/pages\/([^/]+)$/

/**
 * Stands in front of AdminJS, which fails at what it does not know and answers refusals with 200: what does not exist is
 * 404 here, and what the role does not allow is 403 and written down.
 */
export function actionGuard(office: BackOffice, deps: AdminDeps): RequestHandler {
  const { admin } = office
  return async (request, response, next) => {
    const openPage = async (name: string) => {
      const { actor } = actorOfRequest(request)
      const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined
      if (!page?.sides.includes(actor.side)) return notFound(response)
      if (mayOpen(page, actor)) return next()
      await recordRefusal(deps, { actor, action: `pages.${name}`, subjectKind: 'page', subjectId: name })
      forbidden(response)
    }
    const name = PAGE.exec(request.path)?.[1]
    if (name !== undefined) return openPage(decode(name))
    if (OLD_SEARCH.test(request.path)) return notFound(response)
    const asked = askedOf(request.path)
    if (asked === null) return next()
    const resource = admin.resources.find((each) => each.id() === asked.resourceId)
    const actions = resource?.decorate().actions ?? {}
    const action = Object.hasOwn(actions, asked.action) ? actions[asked.action] : undefined
    if (!action || !FITS[asked.place](action)) return notFound(response)
    const refuse = async () => {
      const { actor } = actorOfRequest(request)
      const subject = { subjectKind: asked.resourceId, subjectId: asked.recordId ?? '-' }
      await recordRefusal(deps, { actor, action: `${asked.resourceId}.${asked.action}`, ...subject })
    }
    if (!asked.recordId && !action.isAccessible(userOf(request, deps))) {
      await refuse()
      return forbidden(response)
    }
    watchAnswer(response, refuse)
    next()
  }
}

/** AdminJS decides about a row once it has read it, and says so in the answer's notice alone. */
function watchAnswer(response: Response, refuse: () => Promise<void>): void {
  const send = response.send.bind(response)
  response.send = (body) => {
    const message: unknown = body?.notice?.message
    if (message === 'forbiddenError') {
      refuse().then(
        () => send(JSON.stringify(body)),
        (error: unknown) => response.req.next?.(error),
      )
      response.status(403).type('json')
      return response
    }
    // It repeats the address that was asked for; what is not there is told of in the same words everywhere.
    if (typeof message === 'string' && message.startsWith('Record with given id')) {
      response.status(404).type('json')
      return send(JSON.stringify(NOTHING))
    }
    return send(body)
  }
}

function askedOf(path: string): Asked | null {
  const list = LIST.exec(path)
  if (list)
    return {
      place: list[2] === 'bulk' ? 'bulk' : 'list',
      resourceId: decode(list[1]),
      recordId: null,
      action: decode(list[3]),
    }
  const record = RECORD.exec(path)
  if (record)
    return { place: 'record', resourceId: decode(record[1]), recordId: decode(record[2]), action: decode(record[3]) }
  return null
}

function decode(part = ''): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Where AdminJS looks for who is signed in. */
export function userOf(request: Request, { isSandbox }: AdminDeps): AdminUser {
  const { actor, timeZone } = actorOfRequest(request)
  return new AdminUser(actor, timeZone, isSandbox)
}

function notFound(response: Response): void {
  response.status(404).json(NOTHING)
}

/** Rows of a bulk action that are not there, or not for this reader. */
export const notThere: ErrorRequestHandler = (error, _request, response, next) => {
  if (error instanceof NotFoundError && !response.headersSent) return notFound(response)
  next(error)
}

function forbidden(response: Response): void {
  const message = 'Your role does not let you do this.'
  response.status(403).json({ notice: { type: 'error', message }, records: [], meta: null })
}

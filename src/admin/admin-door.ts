import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { PageError } from '../http/page-error.ts'
import { refuseCrossOrigin } from '../http/same-origin.ts'
import { adminHeaders } from '../http/security-headers.ts'
import { rememberActor } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import type { Admin } from './create-admin.ts'
import { doorPage } from './door-page.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface AdminDoor {
  /** To be mounted at /admin, before anything that reads bodies. */
  readonly router: Router
  /** Makes everything ready without waiting for somebody to come. */
  warm(): Promise<Admin>
  close(): Promise<void>
}

/**
 * The door of the back office: who may come in, and from where. What is behind it is loaded when the first person stands
 * there, who sees a page that waits; other processes and the gateway's start do not pay for it.
 */
export function openAdminDoor(deps: AdminDeps): AdminDoor {
  let loading: Promise<Admin> | null = null
  let ready: Admin | null = null
  const warm = (): Promise<Admin> => {
    loading ??= load().catch((error: unknown) => {
      // The next person tries again.
      loading = null
      throw error
    })
    return loading
  }
  const load = async (): Promise<Admin> => {
    const { createAdmin } = await import('./create-admin.ts')
    ready = await createAdmin(deps)
    return ready
  }
  const router = Router()
  router.use(adminHeaders({ publicUrl: deps.publicUrl }))
  router.get('/icon.png', (_request, response) => response.status(204).end())
  for (const handler of [...deps.session, letIn(deps), ...deps.conditions]) router.use(handler)
  router.use(refuseCrossOrigin(deps.publicUrl), refuseUnknownOrigin)
  router.use((request, response, next) => {
    if (ready) return void ready.router(request, response, next)
    warm().catch((error: unknown) => deps.logger.error({ err: error }, 'the back office could not be loaded'))
    if (isForScript(request))
      return void response.status(503).set('retry-after', '2').json({ message: 'Being prepared.' })
    doorPage(response, 200, 'preparing')
  })
  router.use((request, response) => {
    if (isForScript(request)) return void response.status(404).json({ message: 'There is no such thing.' })
    doorPage(response, 404, 'not found')
  })
  router.use(refusals)
  return {
    router,
    warm,
    async close() {
      const admin = await loading?.catch(() => null)
      await admin?.close()
    },
  }
}

function letIn({ visitorOf }: AdminDeps): RequestHandler {
  return (request, response, next) => {
    const visitor = visitorOf(request)
    if (visitor.kind === 'actor') {
      rememberActor(request, visitor)
      return next()
    }
    if (isForScript(request)) {
      const status = visitor.kind === 'nobody' ? 401 : 403
      return void response.status(status).json({ message: status === 401 ? 'Sign in first.' : 'This is not for you.' })
    }
    if (visitor.kind === 'nobody')
      return response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`)
    doorPage(response, 403, 'outsider')
  }
}

/** A change has to say where it comes from: as every browser of today does, or by a header that no form can send. */
const refuseUnknownOrigin: RequestHandler = (request, _response, next) => {
  const { origin, 'sec-fetch-site': site, 'x-farebox-admin': header } = request.headers
  const isKnown = site === 'same-origin' || (origin !== undefined && origin !== 'null') || header !== undefined
  if (!READS.has(request.method) && !isKnown) throw new PageError('forged')
  next()
}

const refusals: ErrorRequestHandler = (error, request, response, next) => {
  if (!(error instanceof PageError) || response.headersSent) return next(error)
  if (isForScript(request)) return void response.status(error.status).json({ message: error.message })
  doorPage(response, error.status, error.status === 404 ? 'not found' : 'refused')
}

/** What a page's script asks for wants no page. */
function isForScript(request: Request): boolean {
  return !READS.has(request.method) || /^\/(api|frontend|data|jobs\/api)\//.test(request.path) || isAsking(request)
}

function isAsking({ headers }: Request): boolean {
  return headers.accept !== undefined && !/text\/html|\*\/\*/.test(headers.accept)
}

import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { ExpressAdapter } from '@bull-board/express'
import { type RequestHandler, Router } from 'express'
import { openBackend } from '../../jobs/backend.ts'
import { JOB_KINDS } from '../../jobs/queues.ts'
import { may } from '../accounts/permissions.ts'
import { recordAct } from '../audit/record-act.ts'
import { inTransaction } from '../db/transaction.ts'
import { PageError } from '../http/page-error.ts'
import { actorOfRequest } from './actor-of-request.ts'
import type { AdminDeps } from './admin-deps.ts'
import { recordRefusal } from './refused-act.ts'

const READS = new Set(['GET', 'HEAD'])
/**
 * What may be done to jobs: to do them again, or now, or none of a kind for a while. To write jobs by hand, or to take
 * away those that wait, is nothing that anybody needs: the rows are the truth, and the sweeps find them.
 */
const CHANGES: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/queues\/([^/]+)\/([^/]+)\/retry$/, 'job.retry'],
  [/^\/api\/queues\/([^/]+)\/retry\/[^/]+$/, 'job.retry'],
  [/^\/api\/queues\/([^/]+)\/([^/]+)\/promote$/, 'job.promote'],
  [/^\/api\/queues\/([^/]+)\/promote$/, 'job.promote'],
  [/^\/api\/queues\/([^/]+)\/pause$/, 'queue.pause'],
  [/^\/api\/queues\/([^/]+)\/resume$/, 'queue.resume'],
]
const WEB_FONT = /<link href="https:\/\/fonts\.googleapis\.com[^>]*>/

export interface JobsBoard {
  readonly router: Router
  close(): Promise<void>
}

/** The queues and their jobs, for who may look at them; under /admin/jobs. */
export function openJobsBoard(deps: AdminDeps): JobsBoard {
  const { redisUrl, connectionString, logger } = deps
  const onError = (error: Error) => logger.debug({ error: error.message }, 'the queues cannot be reached')
  const backend = openBackend({ redisUrl, connectionString, use: 'producer', onError })
  const queues = JOB_KINDS.map((kind) => backend.openQueue(kind))
  const adapter = new ExpressAdapter()
  adapter.setBasePath('/admin/jobs')
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue as never, { description: '' })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Farebox jobs',
        hideRedisDetails: true,
        miscLinks: [{ text: 'Back office', url: '/admin' }],
      },
    },
  })
  const router = Router()
  router.use(mayLookAtJobs(deps), ownPage, change(deps), adapter.getRouter())
  return {
    router,
    async close() {
      await Promise.all(queues.map((queue) => queue.close().catch(() => undefined)))
      await backend.end()
    },
  }
}

function mayLookAtJobs(deps: AdminDeps): RequestHandler {
  return async (request, _response, next) => {
    const { actor } = actorOfRequest(request)
    const permission = READS.has(request.method) ? 'look at jobs' : 'manage jobs'
    if (may(actor, permission)) return next()
    await recordRefusal(deps, { actor, action: 'jobs.look', subjectKind: 'jobs', subjectId: '-' })
    throw new PageError('not allowed')
  }
}

/** The board's page names its own folder as the base of its addresses, and would like a font from elsewhere. */
const ownPage: RequestHandler = (_request, response, next) => {
  const policy = String(response.getHeader('content-security-policy') ?? '')
  response.set('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"))
  const send = response.send.bind(response)
  response.send = (body) => send(typeof body === 'string' ? body.replace(WEB_FONT, '') : body)
  next()
}

/** Lets through the changes that there are, and writes each down before it is done: an act that fails was tried. */
function change(deps: AdminDeps): RequestHandler {
  return async (request, _response, next) => {
    if (READS.has(request.method)) return next()
    const found = CHANGES.map(([pattern, action]) => ({ action, match: pattern.exec(request.path) })).find(
      ({ match }) => match !== null,
    )
    if (!found?.match) throw new PageError('not allowed')
    const { actor } = actorOfRequest(request)
    const [, queue = '', job] = found.match
    await inTransaction(deps.pool, (client) =>
      recordAct(client, deps.clock, {
        ...{
          actor,
          action: found.action,
          subjectKind: 'job',
          subjectId: job === undefined ? queue : `${queue}/${job}`,
        },
        ...{ accountId: null, outcome: 'DONE', reason: null, before: null, after: null },
      }),
    )
    next()
  }
}

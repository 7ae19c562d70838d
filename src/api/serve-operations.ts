import { type ErrorRequestHandler, type Request, type Response, Router } from 'express'
import { z } from 'zod'
import type { Gateway } from '../gateway/gateway.ts'
import { type ApiCaller, identifyCaller } from './api-caller.ts'
import { sendApiError } from './api-error.ts'
import { ApiRefusal } from './api-refusal.ts'
import { noteLastUsed } from './last-used.ts'
import { type Answer, type Call, type Operation, SENT } from './operation.ts'
import { createRateLimiter, type Rate } from './rate-limits.ts'
import { idempotencyKeyOf, readAs, readJson } from './read-request.ts'

/** Where nobody has to say who they are. */
const NOBODY: ApiCaller = {
  ...{ accountId: '', credentialId: '', kind: 'api_key', scopes: [], expiresAt: null, clientIp: null },
}

/** The routes of a table of operations: who calls, how often, with what; then the handler, then its reply. */
export function serveOperations(gateway: Gateway, operations: readonly Operation[]): Router {
  const router = Router()
  const limiter = createRateLimiter(gateway.clock)
  const noteUse = noteLastUsed(gateway.pool, gateway.clock, gateway.logger)

  async function letIn(request: Request, response: Response, { access, rate }: Operation): Promise<ApiCaller> {
    if (access === 'anybody') return NOBODY
    const caller = await identifyCaller(gateway, request, access)
    const taken = limiter.take(caller.credentialId, rate)
    tellRate(response, taken)
    if (!taken.allowed) throw rateLimited(response, taken)
    if (caller.kind === 'api_key') noteUse(caller.credentialId)
    return caller
  }

  for (const operation of operations) {
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1')
    router[operation.method](path, async (request, response) => {
      const caller = await letIn(request, response, operation)
      const call = await readCall(operation, caller, request, response)
      const answered = await operation.handle(call as Call<never, never, never>)
      if (answered !== SENT) send(response, answered)
    })
  }
  const handleError: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    sendApiError(response, error, gateway.logger)
  }
  router.use(handleError)
  return router
}

async function readCall(
  { params, missing, query, body, takesIdempotencyKey }: Operation,
  caller: ApiCaller,
  request: Request,
  response: Response,
): Promise<Call<unknown, unknown, unknown>> {
  return {
    ...{ caller, request, response },
    params: params ? readParams(params, missing, request) : undefined,
    query: readQuery(query, request),
    idempotencyKey: takesIdempotencyKey ? idempotencyKeyOf(request) : null,
    body: body ? readAs(body, await readJson(request, response), 'body') : undefined,
  }
}

function readParams(params: NonNullable<Operation['params']>, missing: Operation['missing'], request: Request) {
  const read = params.safeParse(request.params)
  if (read.success) return read.data
  throw missing?.() ?? new Error(`nothing says what is missing at ${request.path}`)
}

/** Where a query is none, nothing is read: most requests have none. */
function readQuery(query: Operation['query'], request: Request): unknown {
  const hasQuery = request.url.includes('?')
  if (!hasQuery) return query ? readAs(query, {}, 'query') : undefined
  // The place of a key that some clients know; who calls has been read from it already.
  const { key: _, ...named } = request.query
  if (query) return readAs(query, named, 'query')
  return readAs(NO_QUERY, named, 'query')
}

const NO_QUERY = z.strictObject({})

function rateLimited(response: Response, { resetSeconds }: Rate): Error {
  response.setHeader('retry-after', String(resetSeconds))
  return new ApiRefusal('rate_limited', `Too many requests with this key. Try again in ${resetSeconds} s.`)
}

/** Twice, for clients know the one or the other: draft-ietf-httpapi-ratelimit-headers before 2023, and what came before it. */
function tellRate(response: Response, { limit, remaining, resetSeconds }: Rate): void {
  for (const start of ['ratelimit-', 'x-ratelimit-']) {
    response.setHeader(`${start}limit`, limit)
    response.setHeader(`${start}remaining`, remaining)
    response.setHeader(`${start}reset`, resetSeconds)
  }
}

function send(response: Response, { status, body, headers }: Answer<unknown>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // What is said of an account is its own, and true now.
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'private, no-store')
  if (body === undefined) {
    response.writeHead(status).end()
    return
  }
  const text = JSON.stringify(body)
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.writeHead(status).end(text)
}

import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import Stripe from 'stripe'
import { z } from 'zod'
import type { StripeAccount } from '../records/stripe-account.ts'
import { sweep } from '../sweep.ts'
import { expandObject } from './expand-objects.ts'
import { type FormObject, parseForm } from './form-body.ts'
import { Idempotency } from './idempotency.ts'
import { Outages } from './outages.ts'
import { expandParam, readParams } from './read-params.ts'
import { findRoute } from './routes.ts'
import { StripeRefusal } from './stripe-refusal.ts'

export interface ApiServerDeps {
  account: StripeAccount
  secretKey: string
  report: (error: Error) => void
}

interface ApiReply {
  status: number
  body: string
  /** Of the call that was answered first, where this is its reply again. */
  originalRequestId: string | null
  isStored: boolean
}

interface IncomingCall {
  method: string
  path: string
  query: string
  body: string
  requestId: string
  idempotencyKey: string | null
  authorization: string
}

const expansion = z.looseObject(expandParam)

/** Answers `/v1/…` as Stripe does. */
export class ApiServer {
  readonly outages = new Outages()
  private readonly account: StripeAccount
  private readonly secretKey: string
  private readonly report: (error: Error) => void
  private readonly idempotency: Idempotency

  constructor({ account, secretKey, report }: ApiServerDeps) {
    this.account = account
    this.secretKey = secretKey
    this.report = report
    this.idempotency = new Idempotency(account)
  }

  async answer(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const call = this.incoming(request, body)
    const version = String(request.headers['stripe-version'] ?? Stripe.API_VERSION)
    const outage = this.outages.take(call.path)
    const reply = outage && !outage.after ? null : await this.reply(call)
    if (outage?.status === 'timeout') return
    if (outage?.status === 'disconnect') response.destroy()
    else if (outage) send(response, call, version, outageReply(outage.status))
    else if (reply) send(response, call, version, reply)
  }

  private incoming(request: IncomingMessage, body: string): IncomingCall {
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
    const key = request.headers['idempotency-key']
    const method = request.method ?? 'GET'
    return {
      method,
      path,
      query,
      body,
      requestId: this.account.newId('req'),
      idempotencyKey: method === 'POST' && typeof key === 'string' && key !== '' ? key : null,
      authorization: request.headers.authorization ?? '',
    }
  }

  private async reply(call: IncomingCall): Promise<ApiReply> {
    const { idempotencyKey: key } = call
    let isBegun = false
    let stored: ApiReply | null = null
    try {
      this.authenticate(call.authorization)
      if (key === null) {
        await this.outages.holdIfAsked(call.path)
        return this.work(call)
      }
      const fingerprint = `${call.method} ${call.path}?${call.query} ${call.body}`
      const known = this.idempotency.begin(key, fingerprint)
      if (known) return { status: known.status, body: known.body, originalRequestId: known.requestId, isStored: false }
      isBegun = true
      await this.outages.holdIfAsked(call.path)
      stored = this.work(call)
      return stored
    } catch (error) {
      return this.refusal(error, call)
    } finally {
      if (key !== null && isBegun) this.finish(key, call, stored)
    }
  }

  private finish(key: string, call: IncomingCall, reply: ApiReply | null): void {
    const fingerprint = `${call.method} ${call.path}?${call.query} ${call.body}`
    const facts = { id: key, fingerprint, storedAt: this.account.clock.now(), requestId: call.requestId }
    this.idempotency.finish(key, reply?.isStored ? { ...facts, status: reply.status, body: reply.body } : null)
    this.account.onChange()
  }

  /** Does the work without waiting, so that nothing comes between. */
  private work(call: IncomingCall): ApiReply {
    const { account } = this
    sweep(account)
    account.call = { requestId: call.requestId, idempotencyKey: call.idempotencyKey }
    try {
      const route = findRoute(call.method, call.path)
      if (!route) throw unknownUrl(call.method, call.path)
      const params = paramsOf(call)
      const done = route.handle({ account, path: call.path, ids: route.ids, params })
      const { expand } = readParams(expansion, params)
      const object = expand ? expandObject(account, done, expand) : done
      if (call.method === 'POST') account.onChange()
      return { status: 200, body: `${JSON.stringify(object, null, 2)}\n`, originalRequestId: null, isStored: true }
    } catch (error) {
      return this.refusal(error, call)
    } finally {
      account.call = null
    }
  }

  private refusal(error: unknown, call: IncomingCall): ApiReply {
    const isExpected = error instanceof StripeRefusal
    if (!isExpected) this.report(error instanceof Error ? error : new Error(String(error)))
    const refusal = isExpected ? error : new StripeRefusal(500, API_ERROR)
    const log = `${this.account.origin}/logs/${call.requestId}`
    const body = `${JSON.stringify({ error: { ...refusal.body, request_log_url: log } }, null, 2)}\n`
    return { status: refusal.status, body, originalRequestId: null, isStored: isExpected && !refusal.isBeforeWork }
  }

  private authenticate(authorization: string): void {
    const key = keyIn(authorization)
    if (key === '')
      throw unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      )
    if (!isSame(key, this.secretKey)) throw unauthorized(`Invalid API Key provided: ${masked(key)}`)
  }
}

const API_ERROR = {
  type: 'api_error' as const,
  message: 'An unknown error occurred while processing the request.',
}

function unauthorized(message: string): StripeRefusal {
  return new StripeRefusal(401, { type: 'invalid_request_error', message }, true)
}

function unknownUrl(method: string, path: string): StripeRefusal {
  const message = `Unrecognized request URL (${method}: ${path}). The sandbox simulates a part of Stripe's API only.`
  return new StripeRefusal(404, { type: 'invalid_request_error', message }, true)
}

function paramsOf({ method, query, body }: IncomingCall): FormObject {
  return parseForm(method === 'GET' ? query : body === '' ? query : body)
}

/** The key in a Bearer or Basic header (there it is the user's name); empty where there is none. */
function keyIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ', 2)
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return ''
  return Buffer.from(value, 'base64').toString('utf8').split(':', 1)[0] ?? ''
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function masked(key: string): string {
  return key.length <= 12 ? '***' : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`
}

function outageReply(status: 500 | 429): ApiReply {
  const error =
    status === 429
      ? { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' }
      : API_ERROR
  return { status, body: `${JSON.stringify({ error }, null, 2)}\n`, originalRequestId: null, isStored: false }
}

function send(response: ServerResponse, call: IncomingCall, version: string, reply: ApiReply): void {
  const { idempotencyKey, requestId } = call
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-cache, no-store',
    'request-id': requestId,
    'stripe-version': version,
    ...(idempotencyKey === null
      ? {}
      : { 'idempotency-key': idempotencyKey, 'original-request': reply.originalRequestId ?? requestId }),
    ...(reply.originalRequestId === null ? {} : { 'idempotent-replayed': 'true' }),
  })
  response.end(reply.body)
}

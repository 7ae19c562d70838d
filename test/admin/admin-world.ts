import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type ErrorRequestHandler } from 'express'
import pg from 'pg'
import { pino } from 'pino'
import type { Actor, MemberRole, StaffRole } from '../../src/accounts/actor.ts'
import type { AdminVisitor } from '../../src/admin/actor-of-request.ts'
import { type AdminDoor, openAdminDoor } from '../../src/admin/admin-door.ts'
import type { Admin } from '../../src/admin/create-admin.ts'
import { type DocumentStorage, openDocumentStorage } from '../../src/invoicing/document-storage.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import type { CashDesk } from '../../src/orders/cash-desk.ts'
import { openStripeAccount } from '../../src/orders/stripe/stripe-client.ts'
import { sandboxStripeAccess } from '../../src/sandbox/sandbox-stripe-access.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

/** The scripts are the same for all suites, and take seconds to bundle: they are kept between them. */
const BUNDLES = join(tmpdir(), 'farebox-test-back-office')

export interface AdminWorld {
  readonly url: string
  readonly database: TestDatabase
  readonly pool: pg.Pool
  readonly door: AdminDoor
  readonly admin: Admin
  /** Lets somebody in under a name, which the cookie `visitor` says. */
  enter(name: string, visitor: AdminVisitor): void
  get(visitor: string, path: string, headers?: Record<string, string>): Promise<Response>
  post(visitor: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** The back office alone on a database of its own: its door is told by a cookie who stands there. */
export async function startAdminWorld({
  isWarm = true,
  ...given
}: {
  isWarm?: boolean
  /** Somebody else's, who drops it. */
  database?: TestDatabase
  clock?: Clock
} = {}): Promise<AdminWorld> {
  const database = given.database ?? (await createTestDatabase())
  const clock = given.clock ?? { now: () => Date.now() }
  const { connectionString } = database
  const pool = new pg.Pool({ connectionString, max: 4 })
  pool.on('error', () => undefined)
  mkdirSync(BUNDLES, { recursive: true })
  const visitors = new Map<string, AdminVisitor>()
  const app = express()
  app.set('query parser', 'simple')
  app.set('etag', false)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const storage = openDocumentStorage({ location: join(BUNDLES, 'documents'), credentials: null })
  const door = openAdminDoor({
    ...{ pool, connectionString, clock, logger: pino({ level: 'silent' }) },
    ...{ dataDirectory: BUNDLES, publicUrl: url, isSandbox: true, currency: 'USD', redisUrl: null },
    processingFeeNano: 50_000_000n,
    ...{ session: [], conditions: [], storage, fourEyesLimitMinor: 100_000n, desk: deskOf(pool, storage, url) },
    visitorOf: (request) => {
      const name = /(?:^|; )visitor=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
      return visitors.get(name ?? '') ?? { kind: 'nobody' }
    },
  })
  app.use('/admin', door.router)
  const lastResort: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    response.status(500).json({ failed: String(error?.stack ?? error) })
  }
  app.use(lastResort)
  const admin = isWarm ? await door.warm() : (null as unknown as Admin)
  const ask = (visitor: string, path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie: `visitor=${visitor}`, ...(init.headers as object) },
    })
  return {
    ...{ url, database, pool, door, admin },
    enter: (name, visitor) => visitors.set(name, visitor),
    get: (visitor, path, headers = {}) => ask(visitor, path, { headers }),
    post: (visitor, path, body, headers = {}) =>
      ask(visitor, path, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body ?? {}),
      }),
    async close() {
      await door.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await pool.end()
      if (!given.database) await database.drop()
    },
  }
}

/** Where money comes in, with a payment provider that cannot be reached. */
function deskOf(pool: pg.Pool, storage: DocumentStorage, publicUrl: string): CashDesk {
  return {
    ...{ pool, storage, publicUrl, currency: 'USD', isSandbox: true, vatRegister: null },
    ...{ clock: systemClock, logger: pino({ level: 'silent' }), nudge: () => undefined, count: () => undefined },
    stripe: openStripeAccount(sandboxStripeAccess('http://127.0.0.1:9', 'the secret of the tests')),
    limits: { currency: 'USD', minimumMinor: 500n, maximumMinor: 1_000_000n },
  }
}

const who = (name: string, userId: string) => ({ userId, name, email: `${name}@example.test`, clientIp: '192.0.2.7' })

export function staff(role: StaffRole, userId: string, name = `Staff ${role}`): AdminVisitor {
  const actor: Actor = { ...who(name, userId), side: 'OPERATOR', role, resellerId: null }
  return { kind: 'actor', actor, timeZone: 'Europe/Berlin' }
}

export function member(role: MemberRole, resellerId: string, userId: string): AdminVisitor {
  const actor: Actor = { ...who(`Member ${role}`, userId), side: 'RESELLER', role, resellerId }
  return { kind: 'actor', actor, timeZone: null }
}

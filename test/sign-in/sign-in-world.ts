import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import pg from 'pg'
import { pino } from 'pino'
import { addUser, type NewUser } from '../../src/accounts/add-user.ts'
import { openAccount } from '../../src/accounts/open-account.ts'
import { readConfig } from '../../src/config.ts'
import { createPrisma } from '../../src/db/prisma.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { sandboxStripeAccess } from '../../src/sandbox/sandbox-stripe-access.ts'
import { type Running, serve } from '../../src/serve.ts'
import type { SignIn } from '../../src/sign-in/create-sign-in.ts'
import { createTestDatabase } from '../support/test-database.ts'

export const PASSWORD = 'correct horse battery'
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
const SECRET = 'the secret of the tests'
/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:9'

/** A Farebox to sign in to: its time goes on only where a test says so, and a little by itself. */
export interface SignInWorld {
  readonly url: string
  readonly running: Running
  readonly signIn: SignIn
  readonly pool: pg.Pool
  readonly log: string[]
  readonly clock: Clock & { advance(milliseconds: number): void }
  account(name: string, kind?: 'CUSTOMER' | 'RESELLER'): Promise<string>
  /** Somebody with `PASSWORD`, at an address of their own. */
  person(of?: Partial<Pick<NewUser, 'staffRole' | 'membership' | 'name'>>): Promise<{ userId: string; email: string }>
  rows<Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<Row[]>
  /** The path in the latest mail to that address that was not sent yet. */
  mailedPath(recipient: string, template: string): Promise<string>
  visitor(): Visitor
  close(): Promise<void>
}

export async function startSignInWorld(settings: Record<string, string> = {}): Promise<SignInWorld> {
  const database = await createTestDatabase()
  const { connectionString } = database
  const pool = new pg.Pool({ connectionString, max: 4 })
  const prisma = createPrisma(connectionString)
  const dataDirectory = await mkdtemp(join(tmpdir(), 'farebox-sign-in-'))
  const log: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk))
      done()
    },
  })
  let offset = 0
  const clock = {
    now: () => Date.now() + offset,
    advance(milliseconds: number) {
      offset += milliseconds
    },
  }
  const running = await serve({
    config: readConfig({ PORT: '0', FAREBOX_DATA_DIR: dataDirectory, ROLES: 'gateway,api,portal,admin', ...settings }),
    connectionString,
    secret: SECRET,
    stripe: sandboxStripeAccess(NOBODY, SECRET),
    logger: pino({ level: 'debug' }, sink),
    clock,
  })
  const url = `http://127.0.0.1:${running.port}`
  let people = 0
  return {
    ...{ url, running, signIn: running.signIn, pool, log, clock },
    account: (name, kind = 'CUSTOMER') =>
      openAccount(prisma, clock, { kind, name, slug: name.toLowerCase(), resellerId: null, currency: 'USD' }),
    async person({ staffRole = null, membership = null, name = 'Petra Person' } = {}) {
      people += 1
      const email = `person-${people}@example.test`
      return { email, userId: await addUser(prisma, clock, { email, name, password: PASSWORD, staffRole, membership }) }
    },
    rows: async (sql, ...values) => (await pool.query(sql, values)).rows,
    async mailedPath(recipient, template) {
      const { rows } = await pool.query(
        'SELECT data FROM mail WHERE recipient = $1 AND template = $2 ORDER BY created_at DESC, id DESC LIMIT 1',
        [recipient, template],
      )
      return rows[0].data.path
    },
    visitor: () => new Visitor(url),
    async close() {
      await running.stop()
      await prisma.$disconnect()
      await pool.end()
      await rm(dataDirectory, { recursive: true, force: true })
      await database.drop()
    },
  }
}

export interface Page {
  status: number
  headers: Headers
  html: string
  /** Where it leads, if it does. */
  location: string | null
}

/** A browser without script: keeps cookies, follows nothing by itself, and sends the forms that it was shown. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  /** Headers of every answer's cookies, as they came. */
  readonly setCookies: string[] = []
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(path, { headers })
  }

  /** Sends a form as it stands on `from`, with its token. */
  async post(path: string, fields: Record<string, string>, from = path): Promise<Page> {
    const token = await this.token(from)
    return this.postRaw(path, { _csrf: token, ...fields })
  }

  async postRaw(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  async token(path: string): Promise<string> {
    const { html } = await this.get(path)
    const token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1]
    if (!token) throw new Error(`there is no form at ${path}`)
    return token
  }

  async signIn(email: string, password = PASSWORD): Promise<Page> {
    return this.post('/sign-in', { email, password })
  }

  async #send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(this.url + path, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie && { cookie }), ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) {
      this.setCookies.push(line)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    const html = await response.text()
    return { status: response.status, headers: response.headers, html, location: response.headers.get('location') }
  }
}

const STEP_MS = 30_000
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 6238 with SHA-1 and six digits, from a key as apps are given it. `step` = how many half minutes from now. */
export function totp(secret: string, step = 0): string {
  const bits = [...secret.replace(/\s/g, '')].map((sign) => BASE32.indexOf(sign).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + step))
  const digest = createHmac('sha1', key).update(counter).digest()
  const at = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

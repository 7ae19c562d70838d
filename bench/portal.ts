import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { addUser } from '../src/accounts/add-user.ts'
import { createPrisma } from '../src/db/prisma.ts'
import { systemClock } from '../src/lib/clock.ts'
import { rollUpUsage } from '../src/reports/usage-rollup.ts'
import { type Bench, type BenchOptions, type BenchResult, type Row, rounded } from './support/bench.ts'
import { startLedgerServer } from './support/ledger-server.ts'
import { freePort, projectPath, startProcess, stopAllProcesses, untilReady } from './support/processes.ts'
import { BUSY, fillReports } from './support/reports-world.ts'

/** How long does each page of the portal take, for an account with a million requests? */
export const portal: Bench = { name: 'portal', run }

const SIZES = { whole: 1_000_000, quick: 50_000 }
/** The others of the platform: a quarter as many requests. */
const OTHERS = 1_001
const DAYS = 90
const ROUNDS = { whole: 60, quick: 10 }
const P95_MAX_MS = 200
const START_MS_MAX = 120_000
const EMAIL = 'busy@bench.farebox.test'

const PAGES: readonly (readonly [what: string, path: string])[] = [
  ['overview', '/'],
  ['credits', '/credits'],
  ['add credits', '/add-credits'],
  ['automatic top-up', '/auto-top-up'],
  ['transactions', '/transactions'],
  ['invoices', '/invoices'],
  ['usage, 30 days by day', '/usage?range=30d'],
  ['usage, 30 days by model', '/usage?range=30d&group=model'],
  ['usage, 30 days by key', '/usage?range=30d&group=key'],
  ['usage, 24 hours by model', '/usage?range=24h&group=model'],
  ['requests', '/requests'],
  ['requests that failed', '/requests?status=FAILED'],
  ['keys', '/keys'],
  ['projects', '/projects'],
  ['exports', '/exports'],
  ['billing profile', '/settings/billing'],
  ['settings', '/settings'],
]

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const busyEvents = isQuick ? SIZES.quick : SIZES.whole
  const server = await startLedgerServer()
  const home = await mkdtemp(join(tmpdir(), 'farebox-bench-portal-'))
  try {
    const connectionString = await server.createDatabase('portal')
    const events = Math.round(busyEvents * 1.25)
    await fillReports(connectionString, Date.now(), { accounts: OTHERS, events, busyEvents, days: DAYS }, progress)
    const password = await prepare(connectionString, progress)
    const url = await startPages(connectionString, home)
    const cookie = await signIn(url, password)
    return await measure(url, cookie, isQuick ? ROUNDS.quick : ROUNDS.whole, events, progress)
  } finally {
    await stopAllProcesses()
    await server.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function prepare(connectionString: string, progress: (line: string) => void): Promise<string> {
  progress('portal: summing the usage')
  const pool = new pg.Pool({ connectionString, max: 1 })
  await rollUpUsage({ pool, clock: systemClock })
  await pool.query('VACUUM ANALYZE')
  await pool.end()
  const password = randomBytes(12).toString('base64url')
  const prisma = createPrisma(connectionString)
  const membership = { accountId: BUSY, role: 'OWNER' as const }
  await addUser(prisma, systemClock, { email: EMAIL, name: 'Busy', password, staffRole: null, membership })
  await prisma.$disconnect()
  return password
}

async function startPages(databaseUrl: string, home: string): Promise<string> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    NODE_ENV: 'development',
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    FAREBOX_DATA_DIR: home,
  }
  const started = startProcess({ name: 'farebox', arguments: [projectPath('src/main.ts')], env })
  await untilReady(started, async () => (await fetch(`${url}/readyz`)).status === 200, START_MS_MAX)
  return url
}

/** The cookie of a session, by way of the form. */
async function signIn(url: string, password: string): Promise<string> {
  const page = await fetch(`${url}/sign-in`)
  const token = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const before = cookiesOf(page)
  const body = new URLSearchParams({ _csrf: token, email: EMAIL, password })
  const headers = { cookie: before, origin: url }
  const signedIn = await fetch(`${url}/sign-in`, { method: 'POST', body, headers, redirect: 'manual' })
  if (signedIn.status !== 303) throw new Error(`signing in answered ${signedIn.status}`)
  return [before, cookiesOf(signedIn)].filter(Boolean).join('; ')
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

async function measure(
  url: string,
  cookie: string,
  rounds: number,
  events: number,
  progress: (line: string) => void,
): Promise<BenchResult> {
  const rows: Row[] = []
  for (const [what, path] of PAGES) {
    progress(`portal: ${what}`)
    const times: number[] = []
    // The first ones fill the caches.
    for (let round = -3; round < rounds; round += 1) {
      const startedAt = performance.now()
      const response = await fetch(url + path, { headers: { cookie }, redirect: 'manual' })
      await response.arrayBuffer()
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
      if (round >= 0) times.push(performance.now() - startedAt)
    }
    times.sort((left, right) => left - right)
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
    rows.push({
      ...{ what, 'p50 ms': rounded(at(0.5)), 'p95 ms': rounded(at(0.95)), 'to reach, p95 ms': P95_MAX_MS },
      reached: at(0.95) <= P95_MAX_MS ? 'yes' : 'no',
    })
  }
  return { rows, ratios: [], notes: [`${events} requests on the platform, four fifths of them one account's.`] }
}

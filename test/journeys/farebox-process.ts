import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { formatVerifyReport } from '../../src/ledger/verify/verify-ledger.ts'
import { verifyBooks } from '../../src/verify-books.ts'
import { ownRedisUrl } from '../support/redis-server.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The first start creates a database, applies the migrations and seeds the demo. */
const START_MS_MAX = 60_000

/** A place of its own, as a fresh machine would be: Farebox is started here again and again. */
export interface FareboxHome {
  readonly dataDirectory: string
  readonly port: number
  readonly url: string
  /** Starts `node src/main.ts` and waits until it can serve, or until it has ended. */
  start(env?: Record<string, string>): Promise<FareboxProcess>
  /** Runs `node src/cli.ts` on the data directory. */
  cli(...words: string[]): Promise<{ code: number | null; output: string }>
  accessKey(): Promise<string>
  connectionString(): Promise<string>
  query<Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<Row[]>
  verify(): Promise<string>
  /** Ends what is left and removes it. */
  clear(): Promise<void>
}

export interface FareboxProcess {
  readonly child: ChildProcess
  /** Resolves with the exit code once the process is gone. */
  readonly ended: Promise<number | null>
  stdout(): string
  stderr(): string
}

export async function createFareboxHome(environment: Record<string, string> = {}): Promise<FareboxHome> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'farebox-journey-'))
  // As root PostgreSQL runs under another account, which has to reach its data below this directory.
  await chmod(dataDirectory, 0o755)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const processes: FareboxProcess[] = []
  const redisUrl = await ownRedisUrl()
  const redis = redisUrl === null ? {} : { REDIS_URL: redisUrl }
  const base = { ...process.env, ...redis, ...environment, FAREBOX_DATA_DIR: dataDirectory, NODE_ENV: 'test' }
  const read = (name: string) => readFile(join(dataDirectory, name), 'utf8')

  const home: FareboxHome = {
    ...{ dataDirectory, port, url },
    async start(env = {}) {
      const started = run(['src/main.ts'], { ...base, PORT: String(port), ...env })
      processes.push(started)
      await readyOrEnded(started, url)
      return started
    },
    async cli(...words) {
      const command = run(['src/cli.ts', ...words], base)
      processes.push(command)
      const code = await command.ended
      return { code, output: command.stdout() + command.stderr() }
    },
    accessKey: async () => JSON.parse(await read('demo.json')).customer.accessKey,
    connectionString: () => read('database.url'),
    async query(sql, ...values) {
      const client = new pg.Client({ connectionString: await home.connectionString() })
      await client.connect()
      try {
        return (await client.query(sql, values)).rows
      } finally {
        await client.end()
      }
    },
    verify: async () => formatVerifyReport(await verifyBooks(await home.connectionString())),
    async clear() {
      const alive = processes.filter(({ child }) => child.exitCode === null && child.signalCode === null)
      for (const { child } of alive) child.kill('SIGTERM')
      await Promise.all(alive.map(({ ended }) => ended))
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
  return home
}

function run(words: string[], env: NodeJS.ProcessEnv): FareboxProcess {
  const child = spawn(process.execPath, words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece
  })
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, ended, stdout: () => stdout, stderr: () => stderr }
}

async function readyOrEnded(started: FareboxProcess, url: string): Promise<void> {
  const giveUpAt = performance.now() + START_MS_MAX
  const { child } = started
  for (;;) {
    // Up is who has greeted: at this address another may be listening.
    const greeted = started.stdout().includes('Stop with Ctrl-C')
    if (greeted && (await fetch(`${url}/readyz`).catch(() => null))?.status === 200) return
    if (child.exitCode !== null || child.signalCode !== null) {
      await started.ended
      return
    }
    if (performance.now() > giveUpAt) throw new Error(`Farebox was not ready in time:\n${started.stderr()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

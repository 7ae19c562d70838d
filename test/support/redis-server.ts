import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Null = the tests that are about no queue leave the queues in PostgreSQL. */
    redisUrl: string | null
  }
}

/** Set to 1, it gives every Farebox of the tests a Redis for its queues. */
const SWITCH = 'FAREBOX_TEST_REDIS'
/** One for each Farebox of a run; an empty one costs the server next to nothing. */
const DATABASES_MAX = 4_096
const START_TRIES_MAX = 5
const START_TIMEOUT_MS = 10_000

export interface RedisServer {
  url: string
  /** Forgets everything. */
  flush(): Promise<void>
  /** Kills the server; what it held is gone. */
  kill(): Promise<void>
  /** Starts it again at the same address. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The program's path; null where it is not installed, which is no error: Redis is optional. */
export function findRedisServer(): string | null {
  const places = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'redis-server'))
  return [...places, '/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A private Redis on a free port of this machine, which writes nothing to disk. */
export async function startRedisServer(program: string): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'farebox-redis-'))
  let { child, port } = await startOnFreePort(program, directory)
  const url = `redis://127.0.0.1:${port}`
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return {
    url,
    async flush() {
      const redis = new Redis(url)
      await redis.flushall()
      redis.disconnect()
    },
    kill,
    async restart() {
      child = await start(program, directory, port)
    },
    async stop() {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Vitest's global set-up: where `FAREBOX_TEST_REDIS=1`, one Redis a run; the returned function takes it away.
 * @throws when it is asked for and not installed: a run that should have been on Redis must not pass without it
 */
export default async function setUpRedis(project: TestProject): Promise<() => Promise<void>> {
  if (process.env[SWITCH] !== '1') {
    project.provide('redisUrl', null)
    return () => Promise.resolve()
  }
  const program = findRedisServer()
  if (program === null) throw new Error(`${SWITCH}=1, but redis-server is not installed.`)
  const server = await startRedisServer(program)
  project.provide('redisUrl', server.url)
  return () => server.stop()
}

/**
 * A Redis for one Farebox: a database of its own, so that no worker takes another database's jobs. Null where the run's
 * queues are in PostgreSQL.
 */
export async function ownRedisUrl(): Promise<string | null> {
  const url = inject('redisUrl') ?? null
  if (url === null) return null
  const redis = new Redis(url)
  try {
    const number = await redis.incr('databases')
    if (number >= DATABASES_MAX) throw new Error(`more than ${DATABASES_MAX - 1} databases were asked of Redis`)
    return `${url}/${number}`
  } finally {
    redis.disconnect()
  }
}

/** Another program may take the port between our look and the server's start. */
async function startOnFreePort(program: string, directory: string): Promise<{ child: ChildProcess; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort()
    try {
      return { child: await start(program, directory, port), port }
    } catch (error) {
      if (tries === START_TRIES_MAX) throw error
    }
  }
}

async function start(program: string, directory: string, port: number): Promise<ChildProcess> {
  const settings = [
    '--port',
    String(port),
    '--databases',
    String(DATABASES_MAX),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ]
  const child = spawn(program, settings, { stdio: ['ignore', 'pipe', 'inherit'] })
  const failed = once(child, 'exit').then(() => {
    throw new Error(`redis-server did not start on port ${port}`)
  })
  failed.catch(() => undefined)
  // A run that is cut short leaves no server behind.
  const killServer = () => child.kill('SIGKILL')
  process.once('exit', killServer)
  child.once('exit', () => process.removeListener('exit', killServer))
  await Promise.race([acceptsConnections(child), failed])
  return child
}

async function acceptsConnections(child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS)
  let printed = ''
  while (!printed.includes('Ready to accept connections')) {
    const [chunk] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data', { signal })
    printed += String(chunk)
  }
  child.stdout?.resume()
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

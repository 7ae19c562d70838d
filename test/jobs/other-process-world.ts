import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/lib/logger.ts'
import { sandboxStripeAccess } from '../../src/sandbox/sandbox-stripe-access.ts'
import { serve } from '../../src/serve.ts'

const READY = 'ready'
const START_TIMEOUT_MS = 30_000

/** What a process of its own needs to work for a Farebox of the tests. */
const places = z.strictObject({
  connectionString: z.string(),
  redisUrl: z.string().nullable(),
  stripeUrl: z.string(),
  dataDirectory: z.string(),
})

export interface OtherProcess {
  /** `kill -9`: it says nothing more to anybody. */
  kill(): Promise<void>
}

/** Starts a process that does nothing but background jobs, and waits until it works. */
export async function startOtherProcess(where: Omit<z.input<typeof places>, 'dataDirectory'>): Promise<OtherProcess> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'farebox-worker-'))
  const words = [import.meta.filename, JSON.stringify({ ...where, dataDirectory })]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  // A run that is cut short leaves no process behind.
  const killChild = () => child.kill('SIGKILL')
  process.once('exit', killChild)
  const kill = async () => {
    process.removeListener('exit', killChild)
    killChild()
    await ended
    await rm(dataDirectory, { recursive: true, force: true })
  }
  await said(child, READY).catch(async (error: unknown) => {
    await kill()
    throw error
  })
  return { kill }
}

async function said(child: ChildProcess, word: string): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS)
  let printed = ''
  while (!printed.includes(word)) {
    const [chunk] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data', { signal })
    printed += String(chunk)
  }
  child.stdout?.resume()
}

async function work(text: string): Promise<void> {
  const { connectionString, redisUrl, stripeUrl, dataDirectory } = places.parse(JSON.parse(text))
  const config = readConfig({
    ...{ PORT: '0', ROLES: 'worker', FAREBOX_DATA_DIR: dataDirectory },
    ...(redisUrl !== null && { REDIS_URL: redisUrl }),
  })
  const secret = 'the secret of another process'
  const stripe = sandboxStripeAccess(stripeUrl, secret)
  await serve({ config, connectionString, secret, stripe, logger: createLogger('silent') })
  process.stdout.write(READY)
}

if (import.meta.main) await work(process.argv[2] as string)

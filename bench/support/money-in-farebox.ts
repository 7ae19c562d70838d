import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECRET, type Simulator } from './money-in-simulator.ts'
import { freePort, projectPath, startProcess, untilReady } from './processes.ts'
import type { Target } from './target.ts'

/** It seeds the demo first. */
const START_MS_MAX = 60_000

export interface FareboxOptions {
  connectionString: string
  /** Null = the queues live in PostgreSQL. */
  redisUrl: string | null
  upstream: Target
  simulator: Simulator
}

export interface FareboxProcess {
  pid: number
  port: number
  /** A model of the demo catalog that everybody may call. */
  model: string
  stop(): Promise<void>
}

/** One process of Farebox with all roles on the bench's database; the simulated Stripe sends its webhooks there. */
export async function startFareboxProcess(options: FareboxOptions, accessKey: string): Promise<FareboxProcess> {
  const { connectionString, redisUrl, upstream, simulator } = options
  const dataDirectory = await mkdtemp(join(tmpdir(), 'farebox-bench-money-in-'))
  const port = await freePort()
  const started = startProcess({
    name: 'farebox',
    arguments: [projectPath('src/main.ts')],
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      NODE_ENV: 'development',
      LOG_LEVEL: 'warn',
      DATABASE_URL: connectionString,
      // An empty variable is as good as none, also where the bench's own environment has one.
      REDIS_URL: redisUrl ?? '',
      FAREBOX_DATA_DIR: dataDirectory,
      FAREBOX_SECRET: SECRET,
      FAREBOX_SANDBOX_PROVIDER_URL: `http://127.0.0.1:${upstream.port}/v1`,
      FAREBOX_SANDBOX_STRIPE_URL: simulator.url,
      STRIPE_SECRET_KEY: '',
      WEB_CONCURRENCY: '1',
    },
    cleanUp: () => rmSync(dataDirectory, { recursive: true, force: true }),
  })
  const url = `http://127.0.0.1:${port}`
  try {
    await untilReady(started, async () => (await fetch(`${url}/readyz`)).status === 200, START_MS_MAX)
    const model = await firstModel(url, accessKey)
    simulator.sendWebhooksTo(port)
    return { pid: started.pid, port, model, stop: started.stop }
  } catch (error) {
    await started.stop()
    throw error
  }
}

async function firstModel(url: string, accessKey: string): Promise<string> {
  const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${accessKey}` } })
  const { data } = (await response.json()) as { data?: { id: string }[] }
  if (!data?.[0]) throw new Error(`farebox lists no model (status ${response.status})`)
  return data[0].id
}

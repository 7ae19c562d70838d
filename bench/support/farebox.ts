import { existsSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, projectPath, startProcess, untilReady } from './processes.ts'
import type { MissingTarget, Target } from './target.ts'

/** The first start creates a database, applies the migrations and seeds the demo. */
const START_MS_MAX = 90_000

/** Starts all of Farebox on a new, empty data directory: every request is authorized, metered and charged. */
export async function startFarebox(upstream: Target): Promise<Target | MissingTarget> {
  const name = 'farebox'
  if (!existsSync(projectPath('src/main.ts'))) return { name, reason: 'src/main.ts does not exist yet' }
  const dataDir = await mkdtemp(join(tmpdir(), 'farebox-bench-'))
  // PostgreSQL runs as another user when we are root, and has to reach its data below this directory.
  await chmod(dataDir, 0o755)
  const port = await freePort()
  const started = startProcess({
    name,
    arguments: [projectPath('src/main.ts')],
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      FAREBOX_DATA_DIR: dataDir,
      NODE_ENV: 'development',
      FAREBOX_SANDBOX_PROVIDER_URL: `http://127.0.0.1:${upstream.port}/v1`,
    },
    cleanUp: () => rmSync(dataDir, { recursive: true, force: true }),
  })
  try {
    await untilReady(started, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200, START_MS_MAX)
    const headers = { authorization: `Bearer ${await readAccessKey(dataDir)}` }
    const model = await firstModel(port, headers)
    const { pid, stop } = started
    return { name, pid, port, path: '/v1/chat/completions', model, headers, stop }
  } catch (error) {
    await started.stop()
    throw error
  }
}

async function readAccessKey(dataDir: string): Promise<string> {
  const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as { customer: { accessKey: string } }
  return demo.customer.accessKey
}

/** The first model of the demo catalog; any does, for all of them lead to the same upstream. */
async function firstModel(port: number, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/models`, { headers })
  const { data } = (await response.json()) as { data?: { id: string }[] }
  if (!data?.[0]) throw new Error(`farebox lists no model (status ${response.status})`)
  return data[0].id
}

import { existsSync } from 'node:fs'
import { freePort, projectPath, startProcess, untilReady } from './processes.ts'
import { type MissingTarget, type Target, UPSTREAM_MODEL } from './target.ts'

const PROGRAM = 'bench/peers/node_modules/@portkey-ai/gateway/build/start-server.js'
const START_MS_MAX = 20_000

/** Starts Portkey's open source gateway, which routes but does not bill. */
export async function startPortkey(upstream: Target): Promise<Target | MissingTarget> {
  const name = 'portkey'
  if (!existsSync(projectPath(PROGRAM))) return { name, reason: 'not installed: npm run bench:peers' }
  const port = await freePort()
  const program = [projectPath(PROGRAM), `--port=${port}`, '--headless']
  const started = startProcess({ name, arguments: program, cwd: projectPath('bench/peers') })
  await untilReady(started, async () => (await fetch(`http://127.0.0.1:${port}/`)).status < 500, START_MS_MAX)
  const headers = {
    authorization: 'Bearer sk-bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstream.port}/v1`,
  }
  const { pid, stop } = started
  return { name, pid, port, path: '/v1/chat/completions', model: UPSTREAM_MODEL, headers, stop }
}

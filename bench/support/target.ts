import { firstMessage, projectPath, type StartedProcess, startProcess } from './processes.ts'

/** Something that answers chat completions, and how to ask it. */
export interface Target {
  name: string
  /** Root of the process tree whose CPU time is counted. */
  pid: number
  port: number
  path: string
  model: string
  headers: Record<string, string>
  stop(): Promise<void>
}

/** A target that was not there to be measured, and why. */
export interface MissingTarget {
  name: string
  reason: string
}

/** The model that the bare upstream and the targets without a catalog are asked for. */
export const UPSTREAM_MODEL = 'bench-model'
const UPSTREAM_HEADERS = { authorization: 'Bearer sk-bench' }

/** Starts the provider that all targets forward to; it is a target too, asked directly. */
export async function startUpstream(): Promise<Target> {
  const started = startProcess({
    name: 'upstream',
    arguments: [projectPath('bench/support/upstream.ts')],
    hasChannel: true,
  })
  return ownTarget(started)
}

/** Starts the bare pass-through in front of the upstream. */
export async function startPassThrough(upstream: Target): Promise<Target> {
  const program = [projectPath('bench/support/pass-through.ts'), `http://127.0.0.1:${upstream.port}`]
  return ownTarget(startProcess({ name: 'pass-through', arguments: program, hasChannel: true }))
}

async function ownTarget(started: StartedProcess): Promise<Target> {
  const { port } = await firstMessage<{ port: number }>(started)
  const { name, pid, stop } = started
  return { name, pid, port, path: '/v1/chat/completions', model: UPSTREAM_MODEL, headers: UPSTREAM_HEADERS, stop }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** Time for an orderly end (a database closes, replies drain) before the process is killed. */
const STOP_MS_MAX = 15_000
/** Kept of a process's output, to show why it did not start. */
const OUTPUT_LENGTH_MAX = 4_000

/** A process of the bench, with what it printed last. */
export interface StartedProcess {
  name: string
  pid: number
  child: ChildProcess
  output(): string
  stop(): Promise<void>
  /** Kills what is left of the process and its children at once, and cleans up. */
  kill(): void
}

export interface ProcessOptions {
  name: string
  /** Arguments of `node`: the program and what it takes. */
  arguments: string[]
  env?: Record<string, string>
  cwd?: string
  /** Our own programs talk over IPC and end when the bench does. */
  hasChannel?: boolean
  /** Removes what the process left on disk; it runs once, after the end of the process, also on an interrupt. */
  cleanUp?: () => void
}

const running = new Set<StartedProcess>()

/** Starts a Node process that is stopped at the end of the bench, however that comes. */
export function startProcess(options: ProcessOptions): StartedProcess {
  const child = spawn(process.execPath, options.arguments, {
    cwd: options.cwd ?? projectPath('.'),
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    // A group of its own: what it started in turn can be ended with it, and Ctrl-C reaches the bench alone.
    detached: true,
    stdio: options.hasChannel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (piece: Buffer) => {
    output = (output + piece).slice(-OUTPUT_LENGTH_MAX)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(error.message)))
  const started: StartedProcess = {
    name: options.name,
    pid: child.pid ?? 0,
    child,
    output: () => output,
    stop: () => stopProcess(started),
    kill: () => {
      if (!running.delete(started)) return
      killGroup(started)
      options.cleanUp?.()
    },
  }
  running.add(started)
  return started
}

async function stopProcess(started: StartedProcess): Promise<void> {
  const { child } = started
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => killGroup(started), STOP_MS_MAX)
    await ended
    clearTimeout(timer)
  }
  started.kill()
}

/** Ends what a process left behind in its group; there is no group any more when it left nothing. */
function killGroup({ pid }: StartedProcess): void {
  try {
    if (pid > 0) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Stops all that still runs; safe to call twice. */
export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...running].map((started) => started.stop()))
}

/** The last resort when the bench itself must end at once. */
export function killAllProcesses(): void {
  for (const started of running) started.kill()
}

/** Waits until `isReady` says so; fails early when the process ends, and after the time limit. */
export async function untilReady(
  started: StartedProcess,
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const until = performance.now() + timeoutMs
  while (!(await isReady().catch(() => false))) {
    const { exitCode, signalCode } = started.child
    const hasEnded = exitCode !== null || signalCode !== null
    if (hasEnded || performance.now() > until) {
      const reason = hasEnded ? `ended with ${exitCode ?? signalCode}` : `was not ready after ${timeoutMs} ms`
      throw new Error(`${started.name} ${reason}:\n${started.output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Waits for the first message of one of our own programs. */
export function firstMessage<T>(started: StartedProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    started.child.once('message', (message) => resolve(message as T))
    started.child.once('exit', () => reject(new Error(`${started.name} ended:\n${started.output()}`)))
  })
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** A path in the checkout. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

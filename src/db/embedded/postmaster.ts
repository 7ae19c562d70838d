import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Placement } from './placement.ts'
import { commandOf, isAlive } from './process-identity.ts'
import { serverEnvironment } from './run-as.ts'

const run = promisify(execFile)

/** A fast shutdown ends sessions and writes one checkpoint; on a slow disk that takes a while, but not minutes. */
const STOP_TIMEOUT_SECONDS = 120

/** Marks the servers that Farebox starts: it stands in their command line, which also outlives the one who started them. */
export const CLUSTER_NAME = 'cluster_name=farebox'

/**
 * Clears what a former server left in the data directory, for the holder of the owner lock (so no live Farebox runs one
 * here). Its `postmaster.pid` names
 * - a dead process, or one that is no server of this directory (the pid was recycled): the file goes;
 * - a live server with our mark: it is an orphan, so it is stopped;
 * - a live server without it: somebody else started it, so our start is refused;
 * - a process we cannot look at: the file stays, and PostgreSQL itself decides.
 */
export async function clearFormerServer(placement: Placement): Promise<'none' | 'stale' | 'stopped' | 'unknown'> {
  const { dataDirectory } = placement
  const pidFile = join(dataDirectory, 'postmaster.pid')
  const pid = await readPid(pidFile)
  if (pid === undefined) return 'none'
  const command = pid !== 'torn' && isAlive(pid) ? await commandOf(pid) : ''
  if (command === undefined) return 'unknown'
  if (!isServerOn(command, dataDirectory)) {
    await rm(pidFile, { force: true })
    return 'stale'
  }
  if (!command.includes(CLUSTER_NAME)) {
    throw new Error(`The data directory ${dataDirectory} is in use by process ${pid}, which Farebox did not start.`)
  }
  await stopServer(placement)
  return 'stopped'
}

function isServerOn(command: string, dataDirectory: string): boolean {
  return /^\S*postgres(\.exe)? /.test(command) && `${command} `.includes(` ${dataDirectory} `)
}

/** Asks for a fast shutdown and waits for its end. */
export async function stopServer({ dataDirectory, binaries, runAs }: Placement): Promise<void> {
  const options = ['stop', '-D', dataDirectory, '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT_SECONDS)]
  const cwd = process.platform === 'win32' ? dataDirectory : '/'
  await run(binaries.pgCtl, options, { ...runAs, cwd, env: serverEnvironment() })
}

/** The first line is the pid (negative in single-user mode). A file torn by a loss of power names nobody who lives. */
async function readPid(pidFile: string): Promise<number | 'torn' | undefined> {
  try {
    return Math.abs(Number.parseInt(await readFile(pidFile, 'utf8'), 10)) || 'torn'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

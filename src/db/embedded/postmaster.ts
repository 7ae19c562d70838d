import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Placement } from './placement.ts'
import { isAlive, isPostgresOn } from './process-identity.ts'
import { serverEnvironment } from './run-as.ts'

const run = promisify(execFile)

/** A fast shutdown ends sessions and writes one checkpoint; on a slow disk that takes a while, but not minutes. */
const STOP_TIMEOUT_SECONDS = 120

/**
 * Clears what a former server left in the data directory. Its `postmaster.pid` names
 * - a dead process, or one that is no server of this directory (the pid was recycled): the file goes;
 * - a live server, and a Farebox process that died left its lock: it is our orphan, so it is stopped;
 * - a live server that no Farebox process started: it is somebody's, so the start is refused.
 */
export async function clearFormerServer(placement: Placement, wasOurs: boolean): Promise<'none' | 'stale' | 'stopped'> {
  const { dataDirectory } = placement
  const pidFile = join(dataDirectory, 'postmaster.pid')
  const pid = await readPid(pidFile)
  if (pid === undefined) return 'none'
  const serves = pid !== 'torn' && isAlive(pid) ? await isPostgresOn(pid, dataDirectory) : false
  if (serves === false) {
    await rm(pidFile, { force: true })
    return 'stale'
  }
  if (!wasOurs) {
    throw new Error(`The data directory ${dataDirectory} is in use by process ${pid}, which Farebox did not start.`)
  }
  await stopServer(placement)
  return 'stopped'
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

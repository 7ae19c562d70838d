import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Field 22 of /proc/PID/stat is the start time; counted here from the state (field 3), the first one after the command. */
const START_TIME_INDEX = 22 - 3

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * A mark that two processes with one recycled pid do not share: boot and start tick on Linux, the start time that `ps`
 * prints elsewhere, and an empty string where neither is to be had (then the pid alone decides).
 */
export async function processMark(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The command name may hold spaces and parentheses, so count from its closing one.
    const startTick = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_INDEX]
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${bootId.trim()}:${startTick}`
  } catch {
    return (await psColumn(pid, 'lstart')) ?? ''
  }
}

/** Says whether a live pid is a `postgres` that serves this data directory, or undefined where that cannot be seen. */
export async function isPostgresOn(pid: number, dataDirectory: string): Promise<boolean | undefined> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    if (!/(^|\/)postgres$/.test(command[0] ?? '')) return false
    // The postmaster works inside its data directory; the link may be closed to us, its arguments never are.
    const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
    return workingDirectory === dataDirectory || command.includes(dataDirectory)
  } catch {
    const command = await psColumn(pid, 'command')
    return command === undefined ? undefined : command.includes('postgres') && command.includes(dataDirectory)
  }
}

async function psColumn(pid: number, column: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  try {
    const { stdout } = await run('ps', ['-o', `${column}=`, '-p', String(pid)])
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}

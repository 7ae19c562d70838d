import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Field 22 of /proc/PID/stat is the start time; counted here from the state (field 3), the first one after the command. */
const START_TIME_INDEX = 22 - 3

/** The state of a process that has ended and waits for its parent to take notice, which some containers' init never does. */
const ZOMBIE = 'Z'

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
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === ZOMBIE) return 'ended'
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${bootId.trim()}:${fields[START_TIME_INDEX]}`
  } catch {
    return (await psColumn(pid, 'lstart')) ?? ''
  }
}

/** The command line of a live process, words apart by spaces; undefined where that cannot be seen. */
export async function commandOf(pid: number): Promise<string | undefined> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
  } catch {
    return psColumn(pid, 'args')
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

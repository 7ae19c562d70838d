import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Where a process number means something: this boot of this machine, and this namespace of numbers. Two containers may
 * share a host name, and a host name outlives a boot. Null where the system does not tell: then only heartbeats count.
 */
export function processPlace(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    // Not Linux.
    return null
  }
}

/** Whether a process of this very place still runs. A number that is in use again counts as running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: running, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

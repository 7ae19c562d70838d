import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in ticks of 10 ms (USER_HZ), whatever the kernel was built with. */
const TICK_MS = 10

/** CPU time of a process and all below it, in milliseconds; null where there is no /proc. */
export function cpuTimeMs(pid: number): number | null {
  try {
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readStat(Number(name)))
      .filter((stat) => stat !== null)
    const tree = new Set([pid])
    // Repeated until nothing is added, for a child may have a lower id than its parent.
    for (let size = 0; size < tree.size; ) {
      size = tree.size
      for (const stat of processes) if (tree.has(stat.parent)) tree.add(stat.pid)
    }
    const ticks = processes.filter((stat) => tree.has(stat.pid)).reduce((sum, stat) => sum + stat.ticks, 0)
    return ticks * TICK_MS
  } catch {
    return null
  }
}

/** Resident memory of one process in bytes; null where there is no /proc. */
export function residentBytes(pid: number): number | null {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match ? Number(match[1]) * 1024 : null
  } catch {
    return null
  }
}

function readStat(pid: number): { pid: number; parent: number; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; the fields after it are plain: state, parent, …, utime (12th), stime.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return null
  }
}

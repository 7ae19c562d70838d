import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { expect, vi } from 'vitest'
import { findBinaries } from '../../src/db/embedded/binaries.ts'
import { isAlive } from '../../src/db/embedded/process-identity.ts'
import { chooseRunAs } from '../../src/db/embedded/run-as.ts'
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/db/embedded/start-embedded-postgres.ts'
import type { OwnerReport } from './owner-process.ts'

/** Scratch directories, servers and stand-ins for Farebox processes, all taken away at the end of a test. */
export class Scene {
  private readonly homes: string[] = []
  private readonly servers: EmbeddedPostgres[] = []
  private readonly owners: ChildProcess[] = []
  private readonly otherServerPids: number[] = []

  /** A data directory that does not exist yet, in a home of its own that every account may pass through. */
  async directory(name = 'postgres'): Promise<string> {
    const home = await mkdtemp(join(tmpdir(), 'farebox-scene-'))
    await chmod(home, 0o711)
    this.homes.push(home)
    return join(home, name)
  }

  async start(directory: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({
      ...options,
      directory,
      settings: { fsync: 'off', ...options.settings },
    })
    this.servers.push(server)
    return server
  }

  /** Another process that owns the directory, in a process group of its own like a command in a terminal. */
  async startOwner(directory: string): Promise<{ owner: ChildProcess; report: OwnerReport }> {
    const script = join(import.meta.dirname, 'owner-process.ts')
    const owner = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    this.owners.push(owner)
    for await (const line of createInterface(owner.stdout)) {
      const report = JSON.parse(line) as OwnerReport
      if ('serverPid' in report) this.otherServerPids.push(report.serverPid)
      return { owner, report }
    }
    throw new Error('The owner process ended without a report.')
  }

  /** A server that no Farebox started, on the directory's own socket. */
  async startStranger(directory: string, port: number): Promise<ChildProcess> {
    const { postgres } = await findBinaries()
    const options = ['-D', directory, '-p', String(port), '-h', '', '-k', directory]
    const stranger = spawn(postgres, options, { ...(await chooseRunAs([directory])), cwd: '/', stdio: 'ignore' })
    this.otherServerPids.push(stranger.pid!)
    return stranger
  }

  async clear(): Promise<void> {
    await Promise.all(this.owners.splice(0).map(killHard))
    for (const server of this.servers.splice(0)) await server.stop()
    for (const pid of this.otherServerPids.splice(0)) await endOrphan(pid)
    for (const home of this.homes.splice(0)) await rm(home, { recursive: true, force: true })
  }
}

/** kill -9, and the wait for the end. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

async function endOrphan(pid: number): Promise<void> {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGQUIT')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 20 })
}

/** The report of an owner that is expected to have a server. */
export function running(report: OwnerReport): { serverPid: number; connectionString: string } {
  if ('error' in report) throw new Error(report.error)
  return report
}

export async function query<Row extends pg.QueryResultRow>(connectionString: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

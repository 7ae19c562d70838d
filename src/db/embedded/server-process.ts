import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type Address, connectionUrl, HOST } from './addresses.ts'
import { giveTo, passwordFile } from './cluster.ts'
import type { Placement } from './placement.ts'
import { CLUSTER_NAME } from './postmaster.ts'
import { serverEnvironment } from './run-as.ts'
import { settingArguments } from './settings.ts'

/** Recovery after a crash replays up to max_wal_size (1 GB) of log, which a slow disk does in minutes. */
const READY_TIMEOUT_MS = 300_000
const READY_POLL_MS = 20
const CONNECT_TIMEOUT_MS = 5_000

/** At start, a log beyond this size makes way for a new one; one older log is kept. */
const LOG_BYTES_MAX = 10_000_000

/** As much of the log as an error message can carry. */
const LOG_TAIL_BYTES = 4_000
const LOG_TAIL_LINES = 15

/** A server that runs: the child, and the end of its life as a promise that never fails. */
export interface ServerProcess {
  child: ChildProcess
  ended: Promise<void>
  logTail(): Promise<string>
}

/** The server ended before it was ready; `logTail` says why. */
export class StartFailure extends Error {
  readonly logTail: string

  constructor(message: string, logTail: string) {
    super(`${message} The server's log ends with:\n${logTail || '(nothing)'}`)
    this.name = 'StartFailure'
    this.logTail = logTail
  }
}

/** Starts the server in a session of its own, so that a Ctrl-C in the terminal reaches Farebox and not the database. */
export async function spawnServer(
  { dataDirectory, binaries, runAs }: Placement,
  address: Address,
  overrides: Record<string, string>,
): Promise<ServerProcess> {
  const logFile = join(dataDirectory, 'server.log')
  const log = await openLog(logFile)
  const { size: logStart } = await log.stat()
  await giveTo(runAs, logFile)
  const listen = ['-h', HOST, '-p', String(address.port), '-k', address.socketDirectory ?? '']
  try {
    // The log is a file and not a pipe: a pipe would break with us, and the server should outlive us undisturbed.
    const settings = [...settingArguments(overrides), '-c', CLUSTER_NAME]
    const child = spawn(binaries.postgres, ['-D', dataDirectory, ...listen, ...settings], {
      ...runAs,
      cwd: process.platform === 'win32' ? dirname(dataDirectory) : '/',
      env: serverEnvironment(),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    return { child, ended, logTail: () => readTail(logFile, logStart) }
  } finally {
    await log.close()
  }
}

/**
 * Waits until a real connection succeeds, and returns the address it went by: the socket, else TCP where the socket is closed to
 * us. (The socket first: behind a port that was lost to another program would be a stranger.) Throws a StartFailure when the
 * server gives up before.
 */
export async function waitUntilReady(server: ServerProcess, wanted: Address, dataDirectory: string): Promise<Address> {
  let address = wanted
  const deadline = Date.now() + READY_TIMEOUT_MS
  for (;;) {
    const failure = await tryConnection(connectionUrl(address, 'postgres'), server.ended)
    if (hasEnded(server)) throw new StartFailure('PostgreSQL stopped while starting.', await server.logTail())
    if (failure === undefined) return address
    if (failure.code === 'EACCES') address = { ...wanted, socketDirectory: undefined }
    if (failure.code === '28P01') {
      const file = passwordFile(dataDirectory)
      throw new StartFailure(`PostgreSQL refuses the password in ${file}.`, await server.logTail())
    }
    if (Date.now() > deadline) {
      throw new StartFailure(`PostgreSQL was not ready after ${READY_TIMEOUT_MS / 1000} s.`, await server.logTail())
    }
    await Promise.race([delay(READY_POLL_MS), server.ended])
  }
}

/** True once the server's process is gone. */
export function hasEnded({ child }: ServerProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Connects once, unless the server ends meanwhile; returns what went wrong, if anything. */
async function tryConnection(connectionString: string, ended: Promise<void>) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // Losing the connection at its end is no news.
  client.on('error', () => undefined)
  try {
    await Promise.race([client.connect().then(() => client.query('SELECT 1')), ended])
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  } finally {
    // Not awaited: on a connection that was never made, pg does not always say that it has ended.
    client.end().catch(() => undefined)
  }
}

async function openLog(logFile: string): Promise<FileHandle> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0
  if (size > LOG_BYTES_MAX) {
    await rm(`${logFile}.1`, { force: true })
    await rename(logFile, `${logFile}.1`)
  }
  return open(logFile, 'a', 0o600)
}

async function readTail(logFile: string, from: number): Promise<string> {
  const log = await open(logFile, 'r')
  try {
    const { size } = await log.stat()
    const start = Math.max(from, size - LOG_TAIL_BYTES)
    const { buffer, bytesRead } = await log.read(Buffer.alloc(Math.max(0, size - start)), 0, undefined, start)
    return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-LOG_TAIL_LINES).join('\n')
  } finally {
    await log.close()
  }
}

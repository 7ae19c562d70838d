import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, rmdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { giveTo, USER } from './cluster.ts'
import type { Placement } from './placement.ts'

export const HOST = '127.0.0.1'

/** The kernel's bound for a socket's path is 108 bytes with its end mark on Linux and 104 on macOS. */
const SOCKET_PATH_BYTES_MAX = 103

/** A TCP port that nobody has at this moment. Somebody may take it before the server does; the caller tries another. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, HOST, () => {
      const address = probe.address()
      const port = address && typeof address === 'object' ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

/**
 * A directory for the unix socket that only the server's account can enter: the data directory when its path is short
 * enough, else one in /tmp that nobody prepared for us; undefined where neither is to be had (TCP serves then).
 */
export async function chooseSocketDirectory({ dataDirectory, runAs }: Placement): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  if (fits(dataDirectory)) return dataDirectory
  const directory = join('/tmp', `farebox-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)}`)
  try {
    await mkdir(directory, { mode: 0o700 })
    await chmod(directory, 0o700)
    await giveTo(runAs, directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return undefined
  }
  const found = await lstat(directory)
  const isPrivate = found.isDirectory() && (found.mode & 0o777) === 0o700
  return isPrivate && found.uid === (runAs.uid ?? process.getuid?.()) ? directory : undefined
}

/** Takes away what `chooseSocketDirectory` made outside the data directory, once the server has left it. */
export async function removeSocketDirectory(
  { dataDirectory }: Placement,
  directory: string | undefined,
): Promise<void> {
  if (directory && directory !== dataDirectory) await rmdir(directory).catch(() => undefined)
}

function fits(directory: string): boolean {
  // PostgreSQL takes commas and quotes in this setting for list syntax.
  if (/[",]/.test(directory)) return false
  return Buffer.byteLength(join(directory, '.s.PGSQL.65535')) <= SOCKET_PATH_BYTES_MAX
}

export interface Address {
  port: number
  password: string
  socketDirectory?: string | undefined
}

/** A URL that every driver reads: those that know `host` use the socket, all others the same server over TCP. */
export function connectionUrl({ port, password, socketDirectory }: Address, database: string): string {
  const url = new URL(`postgresql://${HOST}:${port}/`)
  url.username = USER
  url.password = password
  url.pathname = `/${encodeURIComponent(database)}`
  if (socketDirectory) url.searchParams.set('host', socketDirectory)
  return url.href
}

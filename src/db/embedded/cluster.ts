import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Placement } from './placement.ts'
import { type RunAs, serverEnvironment } from './run-as.ts'

const run = promisify(execFile)

/** The superuser that Farebox connects as. */
export const USER = 'farebox'

/** Makes the data directory on the first start, checks that this PostgreSQL can serve it later; returns the password. */
export async function prepareCluster(placement: Placement): Promise<string> {
  const { dataDirectory, binaries } = placement
  const version = await existingVersion(dataDirectory)
  if (version === undefined) return initialize(placement)
  if (version !== binaries.majorVersion) {
    throw new Error(
      `The data directory ${dataDirectory} was written by PostgreSQL ${version}, and this is PostgreSQL ` +
        `${binaries.majorVersion}; dump it with the old version and restore it into a new directory.`,
    )
  }
  return readPassword(dataDirectory)
}

/** The major version that wrote the directory; undefined when there is nothing in it yet. */
async function existingVersion(dataDirectory: string): Promise<string | undefined> {
  const version = await unlessMissing(readFile(join(dataDirectory, 'PG_VERSION'), 'utf8'))
  if (version !== undefined) return version.trim()
  const files = (await unlessMissing(readdir(dataDirectory))) ?? []
  if (files.length === 0) return undefined
  throw new Error(`The data directory ${dataDirectory} holds other files, but no PostgreSQL data; choose another one.`)
}

/** Built aside and renamed, so that a start that was cut short leaves no half-made directory in the place. */
async function initialize({ dataDirectory, binaries, runAs }: Placement): Promise<string> {
  const draft = `${dataDirectory}.draft`
  const password = randomBytes(24).toString('base64url')
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await rm(passwordFile(dataDirectory), { force: true })
  await writeFile(passwordFile(dataDirectory), password, { mode: 0o600, flag: 'wx' })
  await giveTo(runAs, draft, passwordFile(dataDirectory))
  const options = [
    `--pgdata=${draft}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile(dataDirectory)}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own collation: the same order on every machine, whatever its C library.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]
  try {
    const cwd = process.platform === 'win32' ? dirname(draft) : '/'
    await run(binaries.initdb, options, { ...runAs, cwd, env: serverEnvironment() })
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    const { stderr, message } = cause as Error & { stderr?: string }
    throw new Error(`PostgreSQL could not initialize ${dataDirectory}: ${stderr?.trim() || message}`, { cause })
  }
  await unlessMissing(rmdir(dataDirectory))
  await rename(draft, dataDirectory)
  return password
}

async function readPassword(dataDirectory: string): Promise<string> {
  const password = await unlessMissing(readFile(passwordFile(dataDirectory), 'utf8'))
  if (password) return password
  throw new Error(`The password of the data in ${dataDirectory} is missing; restore ${passwordFile(dataDirectory)}.`)
}

/** Beside the directory, not in it: initdb wants the directory empty, and a copy of the data should not carry the key. */
export function passwordFile(dataDirectory: string): string {
  return `${dataDirectory}.password`
}

/** Hands files that root made over to the server's account. */
export async function giveTo(runAs: RunAs, ...paths: string[]): Promise<void> {
  const { uid, gid } = runAs
  if (uid === undefined || gid === undefined) return
  await Promise.all(paths.map((path) => chown(path, uid, gid)))
}

async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

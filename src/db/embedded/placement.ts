import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Binaries, canRun, copyBinaries } from './binaries.ts'
import { chooseRunAs, type RunAs, succeedsAs } from './run-as.ts'

/** Where root puts what the server's account could not reach at the place asked for. */
const SHARED_HOME = '/var/lib/farebox'

export interface Placement {
  dataDirectory: string
  binaries: Binaries
  runAs: RunAs
  /** Says what lies elsewhere than asked for, and why; absent when all is in its place. */
  notice?: string
}

/** Decides who runs the server, where its data lies and which copy of the programs it uses. */
export async function choosePlacement(wantedDirectory: string, binaries: Binaries): Promise<Placement> {
  const wanted = resolve(wantedDirectory)
  if (process.getuid?.() !== 0) return { dataDirectory: await ownPlace(wanted), binaries, runAs: {} }

  const home = join(SHARED_HOME, createHash('sha256').update(wanted).digest('hex').slice(0, 12))
  const relocated = join(home, 'data')
  const runAs = await chooseRunAs([wanted, relocated])
  const reachesPrograms = await canRun(binaries, runAs)
  const dataDirectory = await rootPlace(wanted, relocated, runAs)
  const moved: string[] = []
  if (dataDirectory === relocated) moved.push(`its data is in ${relocated} instead of ${wanted}`)
  const usable = reachesPrograms ? binaries : await copyBinaries(binaries, await openDirectory(SHARED_HOME))
  if (!reachesPrograms) moved.push(`its programs were copied to ${usable.root}`)
  if (!(await canRun(usable, runAs))) throw new Error(`User ${runAs.uid} cannot run ${usable.postgres}.`)
  const reason = `PostgreSQL runs as user ${runAs.uid}, who cannot reach the wanted place, so`
  return {
    dataDirectory,
    binaries: usable,
    runAs,
    ...(moved.length > 0 && { notice: `${reason} ${moved.join(' and ')}.` }),
  }
}

/** The wanted directory itself: we run the server as ourselves, so all it takes is that we may write there. */
async function ownPlace(wanted: string): Promise<string> {
  const parent = await makeDirectory(dirname(wanted))
  const place = join(parent, basename(wanted))
  const existing = await stat(place).catch(() => undefined)
  if (existing && process.getuid && existing.uid !== process.getuid()) {
    throw new Error(`The data directory ${place} belongs to user ${existing.uid}, not to us (${process.getuid()}).`)
  }
  const writable = constants.W_OK | constants.X_OK
  await access(parent, writable).catch((cause) => {
    throw unwritable(parent, cause)
  })
  if (existing) {
    await access(place, writable).catch((cause) => {
      throw unwritable(place, cause)
    })
  }
  return place
}

/** The wanted directory where the account can reach it, else the one under /var/lib; once there, data stays there. */
async function rootPlace(wanted: string, relocated: string, runAs: RunAs): Promise<string> {
  if (await hasData(relocated)) return relocated
  const parent = await makeDirectory(dirname(wanted))
  const place = join(parent, basename(wanted))
  if (await succeedsAs(runAs, '/bin/sh', ['-c', 'test -x "$1"', 'sh', parent])) return place
  if (await hasData(place)) {
    throw new Error(
      `The data in ${place} is out of reach for user ${runAs.uid}, whom PostgreSQL runs as; open ${parent}.`,
    )
  }
  await openDirectory(SHARED_HOME)
  await openDirectory(dirname(relocated))
  return relocated
}

async function hasData(directory: string): Promise<boolean> {
  return (await stat(join(directory, 'PG_VERSION')).catch(() => undefined)) !== undefined
}

/** Makes a directory others may pass through, whatever our umask says. */
async function openDirectory(directory: string): Promise<string> {
  const made = await makeDirectory(directory)
  await chmod(made, 0o755)
  return made
}

/** Makes a directory and returns its real path, by which PostgreSQL will know it too. */
async function makeDirectory(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true })
    return await realpath(directory)
  } catch (cause) {
    throw unwritable(directory, cause)
  }
}

function unwritable(directory: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException
  return new Error(
    `The directory ${directory} cannot be written (${code ?? message}); choose another data directory.`,
    {
      cause,
    },
  )
}

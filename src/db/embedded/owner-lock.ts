import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isAlive, processMark } from './process-identity.ts'

/** Several starters may race for the file of a dead owner; each round one of them wins, so a few rounds settle it. */
const ACQUIRE_ROUNDS_MAX = 20

export interface OwnerLock {
  /** Throws when another process has taken the lock since. */
  assertHeld(): Promise<void>
  release(): Promise<void>
}

interface Owner {
  pid: number
  mark: string
  token: string
}

/**
 * Makes this process the one owner of a data directory. The file appears complete (written aside, then hard-linked, which
 * fails when the name is taken) and names its owner by pid and start time, so a recycled pid does not pass for the owner.
 */
export async function acquireOwnerLock(dataDirectory: string): Promise<OwnerLock> {
  const lockFile = `${dataDirectory}.owner`
  const own: Owner = { pid: process.pid, mark: await processMark(process.pid), token: randomUUID() }
  for (let round = 0; round < ACQUIRE_ROUNDS_MAX; round += 1) {
    if (await claim(lockFile, own)) return heldLock(lockFile, own, dataDirectory)
    const holder = await readOwner(lockFile)
    if (holder && (await isHeld(holder))) throw heldError(dataDirectory, holder.pid)
    await removeAbandoned(lockFile, holder)
  }
  throw new Error(`The owner file ${lockFile} keeps changing hands: more than one Farebox process is starting on it.`)
}

function heldLock(lockFile: string, own: Owner, dataDirectory: string): OwnerLock {
  const holdsIt = async () => (await readOwner(lockFile))?.token === own.token
  return {
    assertHeld: async () => {
      if (!(await holdsIt())) throw heldError(dataDirectory, (await readOwner(lockFile))?.pid ?? 0)
    },
    release: async () => {
      if (await holdsIt()) await rm(lockFile, { force: true })
    },
  }
}

async function claim(lockFile: string, own: Owner): Promise<boolean> {
  const draft = `${lockFile}.${own.token}`
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    await link(draft, lockFile)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Takes away the file of a dead owner. Between reading and renaming another starter may have put its own in place: then
 * it is put back, and the caller's next round finds it held.
 */
async function removeAbandoned(lockFile: string, abandoned: Owner | undefined): Promise<void> {
  const aside = `${lockFile}.${randomUUID()}`
  try {
    await rename(lockFile, aside)
  } catch {
    return
  }
  const removed = await readOwner(aside)
  if (removed?.token !== abandoned?.token) await link(aside, lockFile).catch(() => undefined)
  await rm(aside, { force: true })
}

async function isHeld(owner: Owner): Promise<boolean> {
  return isAlive(owner.pid) && (await processMark(owner.pid)) === owner.mark
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner
  } catch (error) {
    // Only a file system that lost power holds a torn file; nobody owns it then.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function heldError(dataDirectory: string, pid: number): Error {
  return new Error(
    `The data directory ${dataDirectory} is in use by the running Farebox process ${pid}; stop it first.`,
  )
}

import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** PostgreSQL refuses to run as root; in order of preference, these are the accounts it gets instead. */
const ACCOUNT = 'postgres'
const LAST_RESORT = 'nobody'

/** Whom the server runs as. An empty object means "as ourselves", which is what `spawn` takes it for. */
export interface RunAs {
  uid?: number
  gid?: number
}

/** A non-root process runs PostgreSQL as itself; root hands it to the owner of existing data, else to a system account. */
export async function chooseRunAs(dataDirectories: string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {}
  for (const directory of dataDirectories) {
    const owner = await stat(join(directory, 'PG_VERSION')).catch(() => undefined)
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  }
  const account = (await lookUp(ACCOUNT)) ?? (await create(ACCOUNT)) ?? (await lookUp(LAST_RESORT))
  if (account) return account
  throw new Error('PostgreSQL cannot run as root, and no other account (postgres, nobody) exists or could be created.')
}

async function create(name: string): Promise<RunAs | undefined> {
  const shell = ['--shell', '/usr/sbin/nologin']
  await run('useradd', ['--system', '--user-group', '--no-create-home', ...shell, name]).catch(() => undefined)
  return lookUp(name)
}

async function lookUp(name: string): Promise<RunAs | undefined> {
  try {
    const [user, group] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(user.stdout), gid: Number(group.stdout) }
  } catch {
    return undefined
  }
}

/** True when a program runs to a good end under that account, without any of our secrets in its environment. */
export async function succeedsAs(runAs: RunAs, program: string, args: string[]): Promise<boolean> {
  try {
    await run(program, args, { ...runAs, cwd: '/', env: serverEnvironment() })
    return true
  } catch {
    return false
  }
}

/** The server gets what it needs to run and none of our own secrets or PG* variables; its messages stay in English. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP']
  const entries = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(entries), LC_ALL: 'C', TZ: 'UTC' }
}

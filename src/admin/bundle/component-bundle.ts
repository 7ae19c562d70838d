import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')
const COMPONENTS = resolve(import.meta.dirname, '../components')
const WRITER = resolve(import.meta.dirname, 'write-bundle.ts')
/** Bundling takes some seconds; on a busy machine many. */
const TIMEOUT_MS = 180_000
const OUTPUT_MAX = 2_000

/** The scripts of the pages, on disk. */
export interface ComponentBundle {
  readonly folder: string
  /** Changes with every byte of them. */
  readonly version: string
}

/**
 * The bundle of this version of the components: as it lies in the data folder, else made now, once for all processes and
 * starts, in a process of its own.
 * @throws Error with the bundler's words
 */
export async function componentBundle(dataDirectory: string): Promise<ComponentBundle> {
  const version = await versionOfSources()
  const parent = join(resolve(dataDirectory), 'back-office')
  const folder = join(parent, version)
  if (!existsSync(folder)) {
    await mkdir(parent, { recursive: true })
    await write(folder, join(parent, `work.${process.pid}`))
  }
  return { folder, version }
}

async function versionOfSources(): Promise<string> {
  const require = createRequire(import.meta.url)
  const hash = createHash('sha256')
    .update(await readFile(WRITER))
    .update(await readFile(resolve(COMPONENTS, '../components.ts')))
  for (const name of ['adminjs', '@adminjs/design-system']) {
    const manifest = await readFile(
      require.resolve(name).replace(/(node_modules\/(?:@[^/]+\/)?[^/]+)\/.*$/, '$1/package.json'),
    )
    hash.update(manifest)
  }
  const entries = await readdir(COMPONENTS, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  for (const file of files.sort()) hash.update(relative(COMPONENTS, file)).update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

function write(folder: string, work: string): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [WRITER, folder, work], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      // In production AdminJS bundles for good, and where it is told to. It needs nothing else that we know.
      env: { NODE_ENV: 'production', ADMIN_JS_TMP_DIR: work },
      timeout: TIMEOUT_MS,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-OUTPUT_MAX)
      })
    }
    child.once('error', failed)
    child.once('exit', (code) => {
      if (code === 0) done()
      else failed(new Error(`the scripts of the back office could not be bundled: ${said.trim()}`))
    })
  })
}

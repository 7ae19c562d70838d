import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import AdminJS from 'adminjs'
import { componentLoader } from '../components.ts'

/**
 * `node src/admin/bundle/write-bundle.ts FOLDER` makes the scripts of the back office's pages: our components in one
 * bundle, AdminJS's own beside it, each also compressed. A process of its own, because bundling takes seconds of a
 * processor and much memory. AdminJS is told by its environment where it works (ADMIN_JS_TMP_DIR).
 */
async function main(folder: string, work: string): Promise<void> {
  await mkdir(work, { recursive: true })
  await new AdminJS({ componentLoader: componentLoader() }).initialize()
  const require = createRequire(import.meta.url)
  const adminScripts = join(dirname(require.resolve('adminjs')), 'lib/frontend/assets/scripts')
  const designSystem = join(dirname(require.resolve('@adminjs/design-system')), '../bundle.production.js')
  const sources: Record<string, string> = {
    'app.bundle.js': join(adminScripts, 'app-bundle.production.js'),
    'global.bundle.js': join(adminScripts, 'global-bundle.production.js'),
    'design-system.bundle.js': designSystem,
    'components.bundle.js': join(work, 'bundle.js'),
  }
  const ready = `${folder}.making-${process.pid}`
  await mkdir(ready, { recursive: true })
  for (const [name, source] of Object.entries(sources)) {
    const content = await readFile(source)
    await writeFile(join(ready, name), content)
    await writeFile(join(ready, `${name}.gz`), await promisify(gzip)(content))
  }
  await rm(work, { recursive: true, force: true })
  // Whoever was first wins: both are the same.
  await rename(ready, folder).catch(() => rm(ready, { recursive: true, force: true }))
  const parent = dirname(folder)
  const others = (await readdir(parent)).filter((name) => join(parent, name) !== folder && !name.includes('.'))
  await Promise.all(others.map((name) => rm(join(parent, name), { recursive: true, force: true })))
}

const [folder, work] = process.argv.slice(2)
if (!folder || !work) throw new Error('Usage: node src/admin/bundle/write-bundle.ts FOLDER WORK_FOLDER')
await main(folder, work)

// Writes Prisma's client into node_modules. Its command insists on a schema engine that generating never uses and that
// it would download; any existing file stands in for it, so that installing needs no network but the package registry.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const command = createRequire(import.meta.url).resolve('prisma/build/index.js')
const { status } = spawnSync(process.execPath, [command, 'generate', '--no-hints'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
})
process.exit(status ?? 1)

import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { MigrationSessions } from './migration-sessions.ts'

/** Prisma's schema engine as WebAssembly: the same code as its binary, from npm instead of Prisma's download host. */
export interface MigrationEngine {
  /** Applies what is missing, in order of name; returns the names applied. */
  apply(migrations: MigrationList): Promise<string[]>
  /** What PostgreSQL said when it last refused a script; the engine's own wording loses half of it. */
  lastRefusal(): Error | undefined
  /** Makes a migration that failed count as not applied, so that its corrected version can run. */
  markRolledBack(migrationName: string): Promise<void>
  /** The SQL that leads from the migrations to the schema. Runs the migrations in the engine's (empty) database. */
  diff(migrations: MigrationList): Promise<string>
  close(): Promise<void>
}

/** What we use of the global that TypeScript's library without the DOM leaves out. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

const SCHEMA_NAME = 'schema.prisma'
const NO_FILTERS = { externalTables: [], externalEnums: [] }

/** Connects the engine to a database; `schema` is the text of schema.prisma. */
export async function openMigrationEngine(connectionString: string, schema: string): Promise<MigrationEngine> {
  const { SchemaEngine } = await loadEngine()
  const connections = new MigrationSessions(connectionString)
  const ignoreLog = () => undefined
  const datamodels: [string, string][] = [[SCHEMA_NAME, schema]]
  const engine = await SchemaEngine.new({ datamodels }, ignoreLog, bindMigrationAwareSqlAdapterFactory(connections))
  return {
    apply: async (migrationsList) =>
      (await engine.applyMigrations({ migrationsList, filters: NO_FILTERS })).appliedMigrationNames,
    lastRefusal: () => connections.lastRefusal,
    markRolledBack: async (migrationName) => {
      await engine.markMigrationRolledBack({ migrationName })
    },
    diff: (migrations) => diff(engine, migrations, schema),
    close: async () => {
      engine.free()
      await connections.close()
    },
  }
}

/** Writes the SQL of the next migration; `connectionString` names an empty database that may be filled and thrown away. */
export async function diffSchema(
  connectionString: string,
  migrationsDirectory: string,
  schemaPath: string,
): Promise<string> {
  const migrations = await readMigrations(migrationsDirectory)
  const engine = await openMigrationEngine(connectionString, await readFile(schemaPath, 'utf8'))
  try {
    return await engine.diff(migrations)
  } finally {
    await engine.close()
  }
}

/** Reads a folder of the standard layout: `NAME/migration.sql`, in order of name. */
export async function readMigrations(directory: string): Promise<MigrationList> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path) => {
      const value = await readFile(join(directory, path, 'migration.sql'), 'utf8')
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } }
    }),
  )
  const lockfile = { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' }
  return { baseDir: directory, lockfile, shadowDbInitScript: '', migrationDirectories }
}

async function diff(engine: SchemaEngine, migrations: MigrationList, schema: string): Promise<string> {
  const { stdout } = await engine.diff({
    from: { tag: 'migrations', ...migrations },
    to: { tag: 'schemaDatamodel', files: [{ path: SCHEMA_NAME, content: schema }] },
    script: true,
    exitCode: null,
    filters: NO_FILTERS,
  })
  return stdout ?? ''
}

let loading: Promise<typeof import('@prisma/schema-engine-wasm/schema_engine_bg')> | undefined

/** The package is written for bundlers; Node instantiates its WebAssembly by hand, once per process. */
function loadEngine() {
  loading ??= (async () => {
    const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg')
    const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    const wasm = await readFile(entry.replace(/\.js$/, '.wasm'))
    const imports = withoutLingeringTimers(bindings as unknown as Record<string, unknown>)
    const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': imports })
    bindings.__wbg_set_wasm(instance.exports)
    instance.exports.__wbindgen_start()
    return bindings
  })()
  return loading
}

/** The engine never clears the 10-second limit on its own lock; such a timer must not keep a finished process alive. */
function withoutLingeringTimers(bindings: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(bindings).map(([name, binding]) => {
    if (!name.startsWith('__wbg_setTimeout_')) return [name, binding]
    const startTimer = binding as (callback: unknown, delayMs: number) => NodeJS.Timeout
    return [name, (callback: unknown, delayMs: number) => startTimer(callback, delayMs).unref()]
  })
  return Object.fromEntries(entries)
}

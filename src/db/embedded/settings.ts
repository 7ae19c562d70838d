/** One machine, one application beside the server. Everything that makes a commit durable stays on. */
const DEFAULTS: Record<string, string> = {
  shared_buffers: '128MB',
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  autovacuum: 'on',
  // Nothing replicates from here, so the log need not carry what a replica would want.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // Our statements are short; compiling them costs more than it saves.
  jit: 'off',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Partitions are many and pruning takes a lock on each that a plan names.
  max_locks_per_transaction: '128',
}

/** The command line of a server: the caller's settings win over ours; a name must look like one, values are free text. */
export function settingArguments(overrides: Record<string, string>): string[] {
  const settings = { ...DEFAULTS, ...overrides }
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!/^[a-z_][\w.]*$/i.test(name)) throw new Error(`"${name}" is not the name of a PostgreSQL setting.`)
    return ['-c', `${name}=${value}`]
  })
}

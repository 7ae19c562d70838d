import { startEmbeddedPostgres } from '../../src/db/embedded/start-embedded-postgres.ts'

/** What this process writes on its first line: where its server is, or why there is none. */
export type OwnerReport = { serverPid: number; connectionString: string } | { error: string }

/**
 * Stands in for a running Farebox: starts a server on the directory given as its argument and holds it until it is killed. It
 * ignores Ctrl-C, as a Farebox does that still drains.
 */
async function main(directory: string): Promise<void> {
  process.on('SIGINT', () => undefined)
  const report = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' } }).then(
    (server): OwnerReport => ({ serverPid: server.pid, connectionString: server.connectionString() }),
    (error: Error): OwnerReport => ({ error: error.message }),
  )
  process.stdout.write(`${JSON.stringify(report)}\n`)
  if ('error' in report) return
  // Ends with the test's side of the pipe at the latest.
  process.stdin.resume()
}

await main(process.argv[2] ?? '')

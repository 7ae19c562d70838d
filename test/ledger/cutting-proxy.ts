import { connect, createServer, type Socket } from 'node:net'

/** Stands between a ledger and PostgreSQL, and can lose the answer to a commit: the worst moment to lose a connection. */
export interface CuttingProxy {
  connectionString: string
  /** From now on the next session whose commit was answered is cut before the answer gets through. */
  loseNextCommit(): void
  /** How many answers were lost. */
  readonly lost: number
  close(): Promise<void>
}

/** The server's message for a commit that succeeded (PostgreSQL manual, 54.7, CommandComplete). */
const COMMITTED = Buffer.from('COMMIT\0')

export async function startCuttingProxy(connectionString: string, port = 0): Promise<CuttingProxy> {
  const target = addressOf(connectionString)
  const sockets = new Set<Socket>()
  let armed = false
  let lost = 0

  const server = createServer((ledger) => {
    const postgres = connect(target)
    const cut = () => {
      ledger.destroy()
      postgres.destroy()
    }
    for (const socket of [ledger, postgres]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    ledger.on('data', (chunk) => postgres.write(chunk))
    postgres.on('data', (chunk) => {
      if (armed && chunk.includes(COMMITTED)) {
        armed = false
        lost += 1
        cut()
      } else {
        ledger.write(chunk)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(connectionString)
  url.searchParams.delete('host')
  url.hostname = '127.0.0.1'
  url.port = String(address.port)
  return {
    connectionString: url.href,
    loseNextCommit: () => {
      armed = true
    },
    get lost() {
      return lost
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** A server is reached by name and port, or by the directory of its socket, as libpq has it. */
function addressOf(connectionString: string): { path: string } | { host: string; port: number } {
  const url = new URL(connectionString)
  const directory = url.searchParams.get('host')
  if (directory?.startsWith('/')) return { path: `${directory}/.s.PGSQL.${url.port || 5432}` }
  return { host: url.hostname, port: Number(url.port || 5432) }
}

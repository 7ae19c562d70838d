import { setTimeout as delay } from 'node:timers/promises'
import { PostgresQueueBackend } from 'bullmq'
import type { BackendConnection, BackendOptions } from './backend.ts'
import { SharedPostgresConnection } from './postgres-connection.ts'

/** One adds while another is being connected. */
const PRODUCER_CONNECTIONS_MAX = 2
/** Statements at once of one process's workers; they take about a millisecond each. */
const WORKER_CONNECTIONS_MAX = 5
/**
 * How long an idle worker waits before it looks by itself. A new job is announced (NOTIFY) and the instant of the next
 * delayed one is known, so this is only for what goes wrong unnoticed.
 */
const LOOK_ANYWAY_SECONDS = 30
/** Between two tries to fetch from a database that is away. */
const FETCH_RETRY_MS = 500

class JobsPostgresBackend extends PostgresQueueBackend {
  /** After a lost connection BullMQ waits this long; its own bound is an hour. */
  override get maximumBlockTimeout(): number {
    return LOOK_ANYWAY_SECONDS
  }

  /** BullMQ tries again at once, however often this fails. */
  override async moveToActive(token: string, name?: string) {
    try {
      return await super.moveToActive(token, name)
    } catch (error) {
      if (!this.closing) await delay(FETCH_RETRY_MS)
      throw error
    }
  }

  /** Workers are not told apart by the listening connection's name: all of a process share it. */
  override setName(): Promise<void> {
    return Promise.resolve()
  }
}

export function connectToPostgres({ connectionString, use, onError }: BackendOptions): BackendConnection {
  const connectionsMax = use === 'producer' ? PRODUCER_CONNECTIONS_MAX : WORKER_CONNECTIONS_MAX
  const connection = new SharedPostgresConnection(connectionString, connectionsMax)
  connection.on('error', onError)
  return {
    ready: () => connection.waitUntilReady(),
    factory: (name, options) => new JobsPostgresBackend(connection, name, { ...options, connection: connectionString }),
    alone: (work) => connection.alone(work),
    lookAnywaySeconds: LOOK_ANYWAY_SECONDS,
    end: () => connection.end(),
  }
}

import { setTimeout } from 'node:timers/promises'
import pg, { type Client } from 'pg'
import { type BookedOperations, bookOperations, type Operation, type Outcome } from './batch.ts'
import { LedgerUnavailable } from './errors.ts'
import type { LedgerConnection } from './ledger-connection.ts'
import type { UsagePartitions } from './usage-partitions.ts'

/** One transaction's worth: large enough to amortize the commit, small enough that a lock is held for milliseconds. */
const OPERATIONS_PER_BATCH_MAX = 512
/**
 * From so many on, a batch begins right behind the commit of the one before. Fewer wait until that commit has come: what
 * arrives meanwhile joins them, and the fixed cost of a batch is shared by more.
 */
const OPERATIONS_BEHIND_MIN = 32
/** More waiting than this is an overload: a request is better refused at once than answered after its client has left. */
const OPERATIONS_WAITING_MAX = 20_000
/** A database in trouble is not asked again at once. */
const RETRY_PAUSE_MS = 50

interface Waiting {
  operation: Operation
  /** An end of a request is tried again until then; everything else fails with its first batch. */
  retryUntil: number
  /** It was in a batch that failed: what that may have booked is looked for, and it gets a batch of its own. */
  isRepeated: boolean
  settle(outcome: Outcome): void
  fail(error: Error): void
}

/** A batch whose transaction has begun; its reads and decisions are under way. */
interface OpenBatch {
  client: Client
  waiting: readonly Waiting[]
  decided: Promise<BookedOperations>
}

export interface GroupCommit {
  submit(operation: Operation): Promise<Outcome>
  /** Resolves once nothing waits any more. */
  drain(): Promise<void>
}

export interface GroupCommitOptions {
  connection: LedgerConnection
  instanceId: string
  now: () => number
  /** How long the end of a request waits for a database that went away, in milliseconds. */
  resolveRetryMs: number
  partitions: UsagePartitions
  /** Hears, once it is committed, that an account's balance has fallen under its top-up's threshold. */
  onTopUpDue: (accountId: string) => void
}

/**
 * Writes what arrives in one transaction at a time; what arrives meanwhile is the next batch. No timers: a lone request
 * waits for one commit, a busy process amortizes it. Where much is waiting, the next batch's reads travel right behind the
 * commit of the one before, so that the database goes from one to the next without waiting for us.
 *
 * When a batch fails, its operations are tried again one by one, so that one bad operation fails alone. When the
 * connection fails, the outcome of its commit is unknown: authorizations are refused (and undone once the database is
 * back), ends of requests are tried again; they find what was booked, so nothing is booked twice.
 */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { connection, partitions } = options
  let waiting: Waiting[] = []
  let isRunning = false
  let idle: (() => void)[] = []

  function submit(operation: Operation): Promise<Outcome> {
    if (waiting.length >= OPERATIONS_WAITING_MAX) {
      return Promise.reject(new LedgerUnavailable('too many operations wait for the ledger'))
    }
    return new Promise((settle, fail) => {
      const retryUntil = operation.kind === 'resolve' ? performance.now() + options.resolveRetryMs : 0
      waiting.push({ operation, retryUntil, isRepeated: false, settle, fail })
      if (!isRunning) {
        isRunning = true
        // What the same turn of the event loop still brings joins the first batch.
        setImmediate(run)
      }
    })
  }

  async function run(): Promise<void> {
    let open: OpenBatch | null = null
    while (open !== null || waiting.length > 0) {
      open = open === null ? await openBatch() : await finish(open)
    }
    isRunning = false
    for (const resolve of idle) resolve()
    idle = []
  }

  async function openBatch(): Promise<OpenBatch | null> {
    const batch = takeBatch()
    try {
      const client = await connection.client()
      if (!partitions.cover(options.now())) await partitions.prepare(client, options.now())
      return connection.together(client, () => begin(client, batch))
    } catch (error) {
      await postpone(batch, error, false)
      return null
    }
  }

  function takeBatch(): Waiting[] {
    const firstRepeated = waiting.findIndex((one) => one.isRepeated)
    if (firstRepeated === 0) return waiting.splice(0, 1)
    const end = firstRepeated === -1 ? OPERATIONS_PER_BATCH_MAX : Math.min(firstRepeated, OPERATIONS_PER_BATCH_MAX)
    return waiting.splice(0, end)
  }

  function begin(client: Client, batch: readonly Waiting[]): OpenBatch {
    const operations = batch.map((one) => one.operation)
    const isDurable = operations.some(({ kind }) => kind !== 'authorize')
    const context = {
      encoders: connection.encoders(client),
      instanceId: options.instanceId,
      now: options.now,
      pipelined: true,
      repeated: batch.some((one) => one.isRepeated),
    }
    const begun = client.query(isDurable ? BEGIN_DURABLE : BEGIN_RESERVATION)
    const decided = Promise.all([bookOperations(client, operations, context), begun]).then(([booked]) => booked)
    // Whoever finishes the batch hears of a failure; it may come before anybody listens.
    decided.catch(() => 'heard of by finish()')
    return { client, waiting: batch, decided }
  }

  /** Writes and commits; returns the batch that was begun right behind it, if anything was waiting. */
  async function finish({ client, waiting: batch, decided }: OpenBatch): Promise<OpenBatch | null> {
    let behind: OpenBatch | null = null
    let isSent = false
    try {
      const { outcomes, topUpsDue, write } = await decided
      const [, committed] = await connection.together(client, () => {
        const committing = Promise.all([write(), client.query('COMMIT')])
        isSent = true
        if (waiting.length >= OPERATIONS_BEHIND_MIN && partitions.cover(options.now()))
          behind = begin(client, takeBatch())
        return committing
      })
      // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, not with an error.
      if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back')
      for (const [index, one] of batch.entries()) one.settle(outcomes[index] as Outcome)
      for (const accountId of topUpsDue) options.onTopUpDue(accountId)
    } catch (error) {
      await recover(client, batch, error, isSent)
    }
    return behind
  }

  async function recover(client: Client, batch: readonly Waiting[], error: unknown, isSent: boolean): Promise<void> {
    if (connection.isLost(client, error)) return postpone(batch, error, isSent)
    // Once the COMMIT is sent it has ended the transaction, this way or that.
    if (!isSent) await rollBack(client)
    if (isTransient(error)) return postpone(batch, error, false)
    const [first] = batch
    if (first?.isRepeated) return first.fail(error instanceof Error ? error : new Error(String(error)))
    // One bad operation must not take the others with it; and what failed for having been booked before is found then.
    for (const one of batch) one.isRepeated = true
    waiting = [...batch, ...waiting]
  }

  /** Ends of requests wait for the database to come back; everything else is refused now. */
  async function postpone(batch: readonly Waiting[], cause: unknown, mayBeBooked: boolean): Promise<void> {
    const again: Waiting[] = []
    for (const one of batch) {
      if (one.retryUntil > performance.now()) {
        one.isRepeated = true
        again.push(one)
      } else {
        one.fail(new LedgerUnavailable('the ledger cannot be reached', { cause }))
        if (mayBeBooked && one.operation.kind === 'authorize') undo(one.operation)
      }
    }
    waiting = [...again, ...waiting]
    if (again.length > 0) await setTimeout(RETRY_PAUSE_MS)
  }

  /** A reservation whose commit may have succeeded unseen is given back; where there is none, this does nothing. */
  function undo({ request }: Extract<Operation, { kind: 'authorize' }>): void {
    const { requestId, accountId, resellerId, budgetIds } = request
    const resolution = { requestId, accountId, resellerId, budgetIds, event: null, attempts: [] }
    const nothing = { ...resolution, priceNano: 0n, wholesaleNano: 0n }
    // When this fails as well, the hold's deadline has the reaper give it back.
    submit({ kind: 'resolve', resolution: nothing }).catch((error: Error) => connection.report(error))
  }

  return {
    submit,
    drain: () => (isRunning ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve()),
  }
}

const BEGIN_DURABLE = 'BEGIN'
/**
 * A reservation alone need not survive a crash of PostgreSQL: its request dies with the connection, uncharged. It is
 * visible to everybody at once, survives any crash of ours, and is made durable by the capture that follows it.
 */
const BEGIN_RESERVATION = 'BEGIN; SET LOCAL synchronous_commit TO OFF'

async function rollBack(client: Client): Promise<void> {
  try {
    await client.query('ROLLBACK')
  } catch {
    // The connection is gone, and the transaction with it.
  }
}

/** SQLSTATE classes of a server in trouble: rollback by contention, resources, locks, intervention, system error. */
const TRANSIENT = /^(40|53|55|57|58)/

function isTransient(error: unknown): boolean {
  return error instanceof pg.DatabaseError && TRANSIENT.test(error.code ?? '')
}

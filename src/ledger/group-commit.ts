import { setTimeout } from 'node:timers/promises'
import pg, { type Client } from 'pg'
import { type BatchContext, bookOperations, type Operation, type Outcome } from './batch.ts'
import { LedgerUnavailable } from './errors.ts'
import type { LedgerConnection } from './ledger-connection.ts'

/** One transaction's worth: large enough to amortize the commit, small enough that a lock is held for milliseconds. */
const OPERATIONS_PER_BATCH_MAX = 512
/** More waiting than this is an overload: a request is better refused at once than answered after its client has left. */
const OPERATIONS_WAITING_MAX = 20_000

/** A database in trouble is not asked again at once. */
const RETRY_PAUSE_MS = 50

interface Waiting {
  operation: Operation
  /** An end of a request is tried again until then; everything else fails with its first batch. */
  retryUntil: number
  repeated: boolean
  settle(outcome: Outcome): void
  fail(error: Error): void
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
  /** Called before a batch whose instant is past what was prepared for (the usage partitions). */
  prepare(client: Client, now: number): Promise<void>
}

/**
 * Writes what arrives in one transaction at a time; what arrives meanwhile is the next batch. No timers: a lone request
 * waits for one commit, a busy process amortizes it.
 *
 * When a batch fails, its operations are tried again one by one, so that one bad operation fails alone. When the
 * connection fails, the outcome of its commit is unknown: authorizations are refused (and undone once the database is
 * back), ends of requests are tried again; they find what was booked, so nothing is booked twice.
 */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  let waiting: Waiting[] = []
  let running = false
  let idle: (() => void)[] = []

  function submit(operation: Operation): Promise<Outcome> {
    if (waiting.length >= OPERATIONS_WAITING_MAX) {
      return Promise.reject(new LedgerUnavailable('too many operations wait for the ledger'))
    }
    return new Promise((settle, fail) => {
      const retryUntil = operation.kind === 'resolve' ? performance.now() + options.resolveRetryMs : 0
      waiting.push({ operation, retryUntil, repeated: false, settle, fail })
      if (!running) {
        running = true
        setImmediate(run)
      }
    })
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, OPERATIONS_PER_BATCH_MAX)
      await commit(batch)
      // What the same turn of the event loop brings, replies of providers and new requests, joins the next batch.
      await turnOfEventLoop()
    }
    running = false
    for (const resolve of idle) resolve()
    idle = []
  }

  async function commit(batch: Waiting[]): Promise<void> {
    let client: Client
    try {
      client = await options.connection.client()
    } catch (error) {
      return await postpone(batch, unavailable(error), false)
    }
    try {
      const outcomes = await transact(client, batch)
      for (const [index, one] of batch.entries()) one.settle(outcomes[index] as Outcome)
    } catch (error) {
      if (options.connection.isLost(client, error)) return await postpone(batch, unavailable(error), true)
      await rollBack(client)
      if (isTransient(error)) return await postpone(batch, unavailable(error), false)
      const [only] = batch
      // A request that is authorized again runs into its own hold; asked as a repetition, it is told what it was granted.
      const alone = batch.length === 1 && (only?.repeated || !isDuplicate(error))
      if (alone) return only?.fail(failureOf(error))
      // One bad operation must not take the others with it.
      for (const one of batch) {
        one.repeated = true
        await commit([one])
      }
    }
  }

  async function transact(client: Client, batch: readonly Waiting[]): Promise<Outcome[]> {
    await options.prepare(client, options.now())
    const context: BatchContext = {
      instanceId: options.instanceId,
      now: options.now,
      repeated: batch.some((one) => one.repeated),
    }
    const durable = batch.some((one) => one.operation.kind !== 'authorize')
    const operations = batch.map((one) => one.operation)
    const { together } = options.connection
    const [, { outcomes, write }] = await together(client, () =>
      Promise.all([
        client.query(durable ? BEGIN_DURABLE : BEGIN_RESERVATION),
        bookOperations(client, operations, context),
      ]),
    )
    const [, committed] = await together(client, () => Promise.all([write(), client.query('COMMIT')]))
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, not with an error.
    if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back')
    return outcomes
  }

  /** Ends of requests wait for the database to come back; everything else is refused now. */
  async function postpone(batch: readonly Waiting[], error: Error, mayBeBooked: boolean): Promise<void> {
    const again: Waiting[] = []
    for (const one of batch) {
      if (one.retryUntil > performance.now()) {
        one.repeated = true
        again.push(one)
      } else {
        one.fail(error)
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
    submit({ kind: 'resolve', resolution: nothing }).catch((error: Error) => options.connection.report(error))
  }

  return {
    submit,
    drain: () => (running ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve()),
  }
}

function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
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

/** SQLSTATE unique_violation. */
function isDuplicate(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505'
}

function failureOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function unavailable(cause: unknown): LedgerUnavailable {
  return new LedgerUnavailable('the ledger cannot be reached', { cause })
}

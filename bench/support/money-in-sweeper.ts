import pg from 'pg'
import { createLedger } from '../../src/ledger/ledger.ts'

/**
 * A process that books due expiries as the job does, with the time that the bench says.
 * `node bench/support/money-in-sweeper.ts <connection string>`
 */

export interface SweepMessage {
  /** What the clock shows, in milliseconds since the epoch. */
  now: number
}

export type SweeperMessage = { kind: 'ready' } | { kind: 'swept'; rounds: number }

const connectionString = process.argv[2] as string
let now = 0
const pool = new pg.Pool({ connectionString, max: 2 })
const fail = (error: Error): never => {
  throw error
}
const ledger = createLedger({ connectionString, pool, clock: { now: () => now }, report: fail })

const send = (message: SweeperMessage): void => void process.send?.(message)

process.on('message', async (message: SweepMessage) => {
  now = message.now
  let rounds = 1
  while ((await ledger.sweepExpired()) > 0) rounds += 1
  send({ kind: 'swept', rounds })
})
process.on('disconnect', () => process.exit(0))
// Nothing is due at the epoch, but the connection is there after it.
await ledger.sweepExpired()
send({ kind: 'ready' })

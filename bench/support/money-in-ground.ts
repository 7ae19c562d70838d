import type pg from 'pg'
import type { BenchResult } from './bench.ts'
import type { LedgerServer } from './ledger-server.ts'
import type { FareboxProcess } from './money-in-farebox.ts'
import type { ExampleEvents, Simulator } from './money-in-simulator.ts'
import type { Target } from './target.ts'

/** How much is measured. */
export interface Size {
  /** Accounts that cross their threshold, one after the other; as many again cross twenty at once. */
  crossings: number
  /** Whose orders are paid, two for each: one on a page, one automatic. */
  accounts: number
  /** Of the one account that is paid for many times. */
  ordersOfOne: number
  /** Into which those orders are divided. */
  rounds: number
  warmUp: number
  /** That expire at the same minute. */
  wallets: number
  /** Of which one transaction each is measured. */
  walletsOneByOne: number
}

/** What the parts of the bench share. */
export interface Ground {
  server: LedgerServer
  upstream: Target
  size: Size
  progress(line: string): void
  result: BenchResult
}

/** A running Farebox with its Stripe, and the bench's own way to its database. */
export interface Scene {
  pool: pg.Pool
  simulator: Simulator
  farebox: FareboxProcess
  examples: ExampleEvents
}

export function noteAim({ notes }: BenchResult, reached: string, aim: string, isReached: boolean): void {
  notes.push(`${reached}, to reach: ${aim}${isReached ? '' : ' (missed)'}`)
}

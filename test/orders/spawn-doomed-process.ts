import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { StripeAccess } from '../../src/orders/stripe/stripe-client.ts'

/** What the process does before it dies. Amounts in minor units as digits: a job travels as JSON. */
export type DoomedAct =
  | { do: 'receive webhook'; body: string; signature: string }
  | { do: 'run top-up'; accountId: string }
  | { do: 'start checkout'; accountId: string; amountMinor: string; idempotencyKey: string; publicUrl: string }
  | { do: 'refund'; orderId: string; actorId: string; idempotencyKey: string }

/**
 * When a process dies at a step: before the statement or call is sent, once it is sent and not answered yet (statements
 * only), or right after its answer came.
 */
export type Moment = 'before' | 'sent' | 'after'

export interface DoomedJob {
  act: DoomedAct
  /** Counted from one; null = it lives. */
  dieAt: { step: number; moment: Moment } | null
  connectionString: string
  applicationName: string
  stripe: StripeAccess
  clockOffsetMs: number
}

export interface DoomedReport {
  /** Every statement and call, by how it begins. */
  steps: string[]
}

export interface Ended {
  signal: NodeJS.Signals | null
  code: number | null
  /** Null when it died before its end. */
  report: DoomedReport | null
  stderr: string
}

const PROGRAM = join(import.meta.dirname, 'doomed-process.ts')

/** Runs one act in a process of its own until it ends or kills itself. */
export function spawnDoomedProcess(job: DoomedJob): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, stderr, report: stdout === '' ? null : (JSON.parse(stdout) as DoomedReport) })
    })
  })
}

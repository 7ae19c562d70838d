import pg from 'pg'
import type { Bench, BenchOptions, BenchResult } from './support/bench.ts'
import { type IssuingSize, measureIssuing, WORKERS } from './support/invoices-issuing.ts'
import type { Ground } from './support/invoices-load.ts'
import { assertInvoiced } from './support/invoices-proof.ts'
import { measureRendering, type RenderingSize } from './support/invoices-rendering.ts'
import { startLedgerServer } from './support/ledger-server.ts'

/** How many invoices a second does one series take, what does that cost a payment, and how long does a PDF take? */
export const invoices: Bench = { name: 'invoices', run }

type Size = IssuingSize & RenderingSize

/** Chosen so that the whole stays under a minute. */
const DEFAULT_SIZE: Size = {
  ...{ accounts: 1_000, invoices: 3_000, payments: 1_000, rounds: 5, warmUp: 60 },
  documents: 200,
}
const QUICK_SIZE: Size = { accounts: 100, invoices: 300, payments: 300, rounds: 3, warmUp: 40, documents: 40 }

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const size = isQuick ? QUICK_SIZE : DEFAULT_SIZE
  const ground: Ground = { progress, result: { rows: [], ratios: [], notes: [] } }
  // First, so that the first document is the first of its process and no database wants the processor.
  await measureRendering(ground, size)
  const server = await startLedgerServer()
  try {
    const connectionString = await server.createDatabase('invoices')
    const pool = new pg.Pool({ connectionString, max: WORKERS })
    const errors: Error[] = []
    pool.on('error', (error) => errors.push(error))
    try {
      const expected = await measureIssuing(ground, { pool, postgresPid: server.pid }, size)
      progress('invoices: verify')
      await assertInvoiced(pool, connectionString, expected)
      if (errors[0]) throw errors[0]
    } finally {
      await pool.end()
    }
    ground.result.notes.push('one invoice an order, numbered without gap or duplicate; documents and books are clean')
    return ground.result
  } finally {
    await server.stop()
  }
}

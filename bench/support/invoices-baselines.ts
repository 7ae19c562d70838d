import type pg from 'pg'
import { inTransaction } from '../../src/db/transaction.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'

/** What is done for one order: ours, or what is measured beside it. */
export type Booking = (pool: pg.Pool, orderId: string, index: number) => Promise<void>

const INSERT = 'INSERT INTO bench_bare (id, noted_at) VALUES ($1, now())'
const COUNT = 'UPDATE bench_counter SET last_number = last_number + 1 RETURNING last_number'

export async function createBaselines(pool: pg.Pool): Promise<void> {
  await pool.query('CREATE TABLE bench_bare (id uuid PRIMARY KEY, noted_at timestamptz NOT NULL)')
  await pool.query('CREATE TABLE bench_counter (last_number bigint NOT NULL)')
  await pool.query('INSERT INTO bench_counter VALUES (0)')
}

/** The least that remembering anything costs: a transaction that inserts one row. */
export const insertBare: Booking = (pool) =>
  inTransaction(pool, async (client) => void (await client.query(INSERT, [uuidV7(systemClock)])))

/** The least that numbers without a gap cost: the same, after one counter was moved on, for which everybody waits. */
export const insertNumbered: Booking = (pool) =>
  inTransaction(pool, async (client) => {
    await client.query(COUNT)
    await client.query(INSERT, [uuidV7(systemClock)])
  })

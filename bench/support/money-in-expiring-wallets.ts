import { once } from 'node:events'
import pg from 'pg'
import { inTransaction } from '../../src/db/transaction.ts'
import { bookOperations } from '../../src/ledger/batch.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { type RowEncoders, readRowEncoders } from '../../src/ledger/sql/row-encoder.ts'
import { ALL_WRITES } from '../../src/ledger/sql/writes.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { createAccounts } from './money-in-accounts.ts'
import { inParallel, type MoneyInLoad } from './money-in-load.ts'
import type { SweeperMessage, SweepMessage } from './money-in-sweeper.ts'
import { firstMessage, projectPath, type StartedProcess, startProcess } from './processes.ts'

/** Wallets with one lot each, which all end at the same minute. */
export interface ExpiringWallets {
  accountIds: string[]
  /** Milliseconds since the epoch. */
  expiresAt: number
}

const CREDIT_NANO = 5_000_000_000n

export async function createExpiringWallets(
  pool: pg.Pool,
  connectionString: string,
  count: number,
  expiresAt: number,
): Promise<ExpiringWallets> {
  const accountIds = await createAccounts(pool, count)
  const ledger = createLedger({
    ...{ connectionString, pool, clock: systemClock },
    report: (error) => {
      throw error
    },
  })
  const grant = { kind: 'GRANT', promotional: false, actorId: null, reason: null, expiresAt } as const
  await Promise.all(
    accountIds.map((accountId) =>
      ledger.credit({ ...grant, accountId, amountNano: CREDIT_NANO, sourceId: uuidV7(systemClock) }),
    ),
  )
  await ledger.stop()
  return { accountIds, expiresAt }
}

export interface Sweeper {
  /** Sweeps until nothing is due any more. */
  sweep(now: number): Promise<void>
  stop(): Promise<void>
}

export async function startSweeper(connectionString: string): Promise<Sweeper> {
  const started = startProcess({
    name: 'sweeper',
    arguments: [projectPath('bench/support/money-in-sweeper.ts'), connectionString],
    hasChannel: true,
  })
  await firstMessage<SweeperMessage>(started)
  return { sweep: (now) => sweep(started, now), stop: started.stop }
}

async function sweep({ child, output }: StartedProcess, now: number): Promise<void> {
  const swept = once(child, 'message')
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the sweeper ended:\n${output()}`)))
  ended.catch(() => 'it may also end long after')
  const message: SweepMessage = { now }
  child.send(message)
  await Promise.race([swept, ended])
}

/** Until every one of these processes finds nothing left. */
export async function runSweepers(
  sweepers: readonly Sweeper[],
  { accountIds, expiresAt }: ExpiringWallets,
): Promise<MoneyInLoad> {
  const load = await inParallel(sweepers, sweepers.length, (sweeper) => sweeper.sweep(expiresAt))
  return { ...load, count: accountIds.length }
}

/** As many transactions at once as Farebox's pool has connections. */
export const ONE_BY_ONE_CONNECTIONS = 8

/** The same entries, each wallet's in a transaction of its own. */
export async function expireOneByOne(connectionString: string, wallets: ExpiringWallets): Promise<MoneyInLoad> {
  const pool = new pg.Pool({ connectionString, max: ONE_BY_ONE_CONNECTIONS })
  const known = new WeakMap<pg.PoolClient, RowEncoders>()
  try {
    return await inParallel(wallets.accountIds, ONE_BY_ONE_CONNECTIONS, (accountId) =>
      inTransaction(pool, async (client) => {
        const encoders = known.get(client) ?? (await readRowEncoders(client, ALL_WRITES))
        known.set(client, encoders)
        const context = { encoders, instanceId: '', now: () => wallets.expiresAt, repeated: false, pipelined: false }
        const { write } = await bookOperations(client, [{ kind: 'expire', accountId }], context)
        await write()
      }),
    )
  } finally {
    await pool.end()
  }
}

/** @throws unless each wallet has exactly one expiry and nothing left */
export async function assertExpiredOnce(pool: pg.Pool, { accountIds }: ExpiringWallets): Promise<void> {
  const { rows } = await pool.query<{ expired: number }>(
    `SELECT count(*)::int AS expired FROM wallet
     WHERE account_id = ANY ($1::uuid[]) AND balance_nano = 0
       AND (SELECT count(*) FROM ledger_entry WHERE ledger_entry.account_id = wallet.account_id AND kind = 'EXPIRY') = 1`,
    [accountIds],
  )
  if (rows[0]?.expired !== accountIds.length) {
    throw new Error(`${rows[0]?.expired} of ${accountIds.length} wallets expired exactly once`)
  }
}

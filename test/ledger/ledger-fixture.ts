import pg from 'pg'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts'
import type { AuthorizeRequest, Resolution } from '../../src/ledger/operations.ts'
import type { UsageEvent } from '../../src/ledger/usage-event.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { demandOf } from './ledger-world.ts'

/** A time that passes only when a test says so. It starts now, because the database's heartbeats are in real time. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void
}

export function manualClock(): ManualClock {
  let now = Date.now()
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}

/** One database, one ledger on it, and the means to make more of either. */
export interface LedgerFixture {
  database: TestDatabase
  pool: pg.Pool
  clock: ManualClock
  ledger: Ledger
  /** What the ledgers reported instead of throwing. */
  reported: Error[]
  /** Another process's ledger on the same database; closed with the fixture. */
  another(connectionString?: string): Ledger
  account(credit?: bigint, of?: { resellerId?: string }): Promise<string>
  close(): Promise<void>
}

export async function openLedger(): Promise<LedgerFixture> {
  const database = await createTestDatabase()
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 4 })
  // Tests terminate sessions; an idle one that goes is no failure.
  pool.on('error', () => undefined)
  const clock = manualClock()
  const ledgers: Ledger[] = []
  const reported: Error[] = []
  const another = (connectionString = database.connectionString) => {
    const report = (error: Error) => reported.push(error)
    const ledger = createLedger({ connectionString, pool, clock, report })
    ledgers.push(ledger)
    return ledger
  }
  const ledger = another()
  return {
    database,
    pool,
    clock,
    ledger,
    reported,
    another,
    async account(credit = 0n, { resellerId } = {}) {
      const id = uuidV7(clock)
      await pool.query(
        `INSERT INTO account (id, kind, name, slug, reseller_id, created_at) VALUES ($1, 'CUSTOMER', 'Test', $2, $3, now())`,
        [id, id, resellerId ?? null],
      )
      await pool.query(`INSERT INTO wallet (account_id, entry_hash) VALUES ($1, decode($2, 'hex'))`, [id, GENESIS_HASH])
      if (credit > 0n) await ledger.credit(creditOf(id, credit, clock))
      return id
    },
    async close() {
      await Promise.all(ledgers.map((one) => one.stop()))
      await pool.end()
      await database.drop()
    },
  }
}

export function creditOf(accountId: string, amountNano: bigint, clock: Clock, expiresAt: number | null = null) {
  const cause = { kind: 'GRANT', sourceId: uuidV7(clock), actorId: null, reason: null } as const
  return { accountId, amountNano, promotional: false, expiresAt, ...cause }
}

/** A request that needs exactly this reservation, or nothing. */
export function requestOf(
  clock: Clock,
  accountId: string,
  amounts: { price: bigint; wholesale?: bigint },
  more: Partial<AuthorizeRequest> = {},
): AuthorizeRequest {
  return {
    requestId: uuidV7(clock),
    accountId,
    resellerId: null,
    budgetIds: [],
    projectId: accountId,
    accessKeyId: accountId,
    model: 'test-model',
    surface: 'chat',
    streaming: false,
    demand: demandOf(amounts.price, amounts.wholesale ?? 0n),
    deadlineAt: clock.now() + 600_000,
    ...more,
  }
}

/** The end of a request: its charge, and the usage event that says the same. */
export function captureOf(request: AuthorizeRequest, priceNano: bigint, wholesaleNano = priceNano): Resolution {
  const { requestId, accountId, resellerId, budgetIds } = request
  const event = usageEventOf(request, priceNano, wholesaleNano)
  return { requestId, accountId, resellerId, budgetIds, event, attempts: [], priceNano, wholesaleNano }
}

export function usageEventOf(request: AuthorizeRequest, priceNano: bigint, wholesaleNano: bigint): UsageEvent {
  const { requestId, accountId, resellerId, projectId, accessKeyId, surface, model, streaming } = request
  const nothing = { routeId: null, providerId: null, upstreamModel: null, errorCode: null, firstByteMs: null }
  const noVersions = { costProfileId: null, listPriceId: null, operatorRuleId: null, resellerRuleId: null }
  const tokens = { inputTokens: 1, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, outputTokens: 1 }
  return {
    id: requestId,
    ...{ accountId, resellerId, projectId, accessKeyId, surface, model, streaming },
    ...nothing,
    ...noVersions,
    ...tokens,
    reasoningTokens: 0,
    status: 'COMPLETED',
    httpStatus: 200,
    estimated: false,
    ownKey: false,
    listNano: priceNano,
    costNano: 0n,
    wholesaleNano,
    priceNano,
    operatorFeeNano: 0n,
    sellerFeeNano: 0n,
    exposureNano: 0n,
    attempts: 1,
    latencyMs: 1,
    clientIp: null,
    userAgent: null,
    createdAt: Number.parseInt(requestId.slice(0, 8) + requestId.slice(9, 13), 16),
  }
}

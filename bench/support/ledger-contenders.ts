import pg from 'pg'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { openOneByOneLedger } from './ledger-one-by-one.ts'
import { CREDIT_NANO } from './ledger-requests.ts'
import type { LedgerServer } from './ledger-server.ts'

export type Booker = Pick<Ledger, 'authorize' | 'resolve'>

/** One way to book, in a database of its own with its own wallets. */
export interface Contender {
  name: string
  /** As many requests wait for it at once as it does best with. */
  inFlight: number
  /** By which worker the request is booked matters only where each has a ledger of its own. */
  booker(worker: number): Booker
  /** Makes the holds that are captured later, as quickly as we can. */
  preparer: Booker
  /** One wallet that is the only one to be spent from, and a thousand. */
  hotWallet: string[]
  manyWallets: string[]
  /** Proves every row, and that there are as many usage events as requests were booked. */
  verify(debits: number): Promise<void>
  close(): Promise<void>
}

export const FAREBOX = 'farebox'
export const ONE_BY_ONE = 'one-by-one'
export const FAREBOX_ALONE = 'farebox, alone'

const MANY_WALLETS = 1_000
/** A full batch of the group commit. */
const GROUP_IN_FLIGHT = 512
const SINGLE_IN_FLIGHT = 8

interface Way {
  inFlight: number
  booker(worker: number): Booker
  close(): Promise<void>
}

export async function openContenders(server: LedgerServer): Promise<Contender[]> {
  return [
    await open(server, FAREBOX, 'bench_group', ({ ledger }) => ({
      inFlight: GROUP_IN_FLIGHT,
      booker: () => ledger,
      close: async () => {},
    })),
    await open(server, ONE_BY_ONE, 'bench_one_by_one', ({ connectionString, ledger }) => {
      const oneByOne = openOneByOneLedger(connectionString, ledger.instanceId)
      return { inFlight: SINGLE_IN_FLIGHT, booker: () => oneByOne, close: oneByOne.close }
    }),
    await open(server, FAREBOX_ALONE, 'bench_alone', ({ another }) => {
      const ledgers = Array.from({ length: SINGLE_IN_FLIGHT }, another)
      return {
        inFlight: SINGLE_IN_FLIGHT,
        booker: (worker) => ledgers[worker % ledgers.length]!,
        close: async () => void (await Promise.all(ledgers.map((ledger) => ledger.stop()))),
      }
    }),
  ]
}

interface Ground {
  connectionString: string
  ledger: Ledger
  another(): Ledger
}

async function open(
  server: LedgerServer,
  name: string,
  database: string,
  openWay: (ground: Ground) => Way,
): Promise<Contender> {
  const connectionString = await server.createDatabase(database)
  const pool = new pg.Pool({ connectionString, max: 2 })
  const errors: Error[] = []
  pool.on('error', (error) => errors.push(error))
  // Never started: one that is would take the others in this same process for dead and give their holds back.
  const another = () =>
    createLedger({ connectionString, pool, clock: systemClock, report: (error) => errors.push(error) })
  const ledger = another()
  const hotWallet = await createWallets(pool, ledger, 1)
  const manyWallets = await createWallets(pool, ledger, MANY_WALLETS)
  // Statistics as a database has them that was not filled a second ago.
  await pool.query('VACUUM ANALYZE')
  const way = openWay({ connectionString, ledger, another })
  return {
    name,
    inFlight: way.inFlight,
    booker: way.booker,
    preparer: ledger,
    hotWallet,
    manyWallets,
    async verify(debits) {
      if (errors[0]) throw errors[0]
      const { ok, checked, findings } = await verifyLedger(connectionString)
      if (!ok) throw new Error(`${name}: the ledger is broken: ${JSON.stringify(findings[0])}`)
      if (checked.usageEvents !== debits || checked.holds > 0) {
        throw new Error(`${name}: ${debits} requests were booked, but it holds ${JSON.stringify(checked)}`)
      }
    },
    async close() {
      await way.close()
      await ledger.stop()
      await pool.end()
    },
  }
}

async function createWallets(pool: pg.Pool, ledger: Ledger, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidV7(systemClock))
  await pool.query(
    `INSERT INTO account (id, kind, name, slug, created_at)
     SELECT id, 'CUSTOMER', 'Bench', id::text, now() FROM unnest($1::uuid[]) AS id`,
    [ids],
  )
  await pool.query(
    `INSERT INTO wallet (account_id, entry_hash) SELECT id, decode($2, 'hex') FROM unnest($1::uuid[]) AS id`,
    [ids, GENESIS_HASH],
  )
  const grant = { kind: 'GRANT', promotional: false, expiresAt: null, actorId: null, reason: null } as const
  await Promise.all(
    ids.map((accountId) =>
      ledger.credit({ ...grant, accountId, amountNano: CREDIT_NANO, sourceId: uuidV7(systemClock) }),
    ),
  )
  return ids
}

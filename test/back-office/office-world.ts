import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { MemberRole, OperatorActor, ResellerActor, StaffRole } from '../../src/accounts/actor.ts'
import type { NewAdjustment } from '../../src/adjustments/adjustment-request.ts'
import type { AdjustmentDeps } from '../../src/adjustments/request-adjustment.ts'
import { refusalOf } from '../../src/back-office/refusal.ts'
import { type DocumentStorage, openDocumentStorage } from '../../src/invoicing/document-storage.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import type { NewSeller } from '../../src/invoicing/seller-schema.ts'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts'
import { formatVerifyReport } from '../../src/ledger/verify/verify-ledger.ts'
import type { Nudged } from '../../src/lib/nudge.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { verifyBooks } from '../../src/verify-books.ts'
import { captureOf, creditOf, type ManualClock, manualClock, requestOf } from '../ledger/ledger-fixture.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

export const UNIT = 1_000_000_000n
export const DAY_MS = 86_400_000
export const CLEAN = 'ledger is clean'
/** Above 1,000.00, somebody else decides. */
export const LIMIT_MINOR = 100_000n

export const SELLER: NewSeller = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  bank: { holder: 'Farebox Operations GmbH', iban: 'DE89 3704 0044 0532 0130 00' },
  vatId: 'DE123456789',
}
export const RESELLER_SELLER: NewSeller = {
  ...SELLER,
  ...{
    legalName: 'Reseller GmbH',
    vatId: 'DE987654321',
    invoicePattern: 'R-{000001}',
    creditNotePattern: 'RC-{000001}',
  },
  numberReset: 'NEVER',
}

export interface OfficeDeps extends AdjustmentDeps {
  currency: string
  isSandbox: boolean
  nudge: (nudged: Nudged) => void
}

export interface AuditRow {
  action: string
  subject_kind: string
  subject_id: string
  account_id: string | null
  outcome: string
  reason: string | null
  actor_role: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** A database with people on both sides, and what tests about the back office do with them. */
export interface OfficeWorld {
  database: TestDatabase
  pool: pg.Pool
  clock: ManualClock
  ledger: Ledger
  storage: DocumentStorage
  deps: OfficeDeps
  nudged: Nudged[]
  /** A new person of the staff. */
  operator(role: StaffRole, name?: string): Promise<OperatorActor>
  reseller(): Promise<string>
  /** A new member of a reseller. */
  member(resellerId: string, role: MemberRole, name?: string): Promise<ResellerActor>
  /** An account with a wallet and an owner. */
  customer(of?: { creditNano?: bigint; resellerId?: string | null; expiresAt?: number | null }): Promise<string>
  credit(accountId: string, amountNano: bigint, expiresAt?: number | null): Promise<string>
  /** Reserves credit for a request; the answer ends it with its charge. */
  hold(accountId: string, nano: bigint): Promise<(chargeNano: bigint) => Promise<unknown>>
  select<Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<Row[]>
  audit(): Promise<AuditRow[]>
  wallet(accountId: string): Promise<{ balance: bigint; debt: bigint; entries: number }>
  verify(): Promise<string>
  close(): Promise<void>
}

export async function openOfficeWorld(): Promise<OfficeWorld> {
  const database = await createTestDatabase()
  const { connectionString } = database
  const pool = new pg.Pool({ connectionString, max: 30 })
  pool.on('error', () => undefined)
  const clock = manualClock()
  const ledger = createLedger({ connectionString, pool, clock, report: () => undefined })
  const home = await mkdtemp(join(tmpdir(), 'farebox-office-'))
  const storage = openDocumentStorage({ location: home, credentials: null })
  const nudged: Nudged[] = []
  const nudge = (one: Nudged) => nudged.push(one)
  const deps: OfficeDeps = {
    ...{ pool, clock, storage, nudge, fourEyesLimitMinor: LIMIT_MINOR, currency: 'USD', isSandbox: true },
  }
  await writeSeller(pool, clock, null, SELLER)

  const select: OfficeWorld['select'] = async (sql, ...values) => (await pool.query(sql, values)).rows
  async function person(name: string, staffRole: StaffRole | null): Promise<{ userId: string; email: string }> {
    const userId = uuidV7(clock)
    const email = `${userId}@example.com`
    await pool.query('INSERT INTO "user" (id, email, name, staff_role, created_at) VALUES ($1, $2, $3, $4, now())', [
      ...[userId, email, name, staffRole],
    ])
    return { userId, email }
  }
  async function addMember(accountId: string, userId: string, role: MemberRole): Promise<void> {
    await pool.query(
      'INSERT INTO membership (id, user_id, account_id, role, created_at) VALUES ($1, $2, $3, $4, now())',
      [uuidV7(clock), userId, accountId, role],
    )
  }
  async function account(kind: 'CUSTOMER' | 'RESELLER', resellerId: string | null): Promise<string> {
    const id = uuidV7(clock)
    await pool.query(
      'INSERT INTO account (id, kind, name, slug, reseller_id, created_at) VALUES ($1, $2, $3, $1::uuid::text, $4, now())',
      [id, kind, `The ${kind.toLowerCase()} ${id.slice(-4)}`, resellerId],
    )
    await pool.query(`INSERT INTO wallet (account_id, entry_hash) VALUES ($1, decode($2, 'hex'))`, [id, GENESIS_HASH])
    return id
  }

  const world: OfficeWorld = {
    ...{ database, pool, clock, ledger, storage, deps, nudged, select },
    async operator(role, name = `${role} person`) {
      const found = await person(name, role)
      return { side: 'OPERATOR', role, resellerId: null, name, clientIp: '192.0.2.7', ...found }
    },
    reseller: () => account('RESELLER', null),
    async member(resellerId, role, name = `${role} of a reseller`) {
      const found = await person(name, null)
      await addMember(resellerId, found.userId, role)
      return { side: 'RESELLER', role, resellerId, name, clientIp: null, ...found }
    },
    async customer({ creditNano = 0n, resellerId = null, expiresAt = null } = {}) {
      const id = await account('CUSTOMER', resellerId)
      await addMember(id, (await person('The owner', null)).userId, 'OWNER')
      if (creditNano > 0n) await world.credit(id, creditNano, expiresAt)
      return id
    },
    async credit(accountId, amountNano, expiresAt = null) {
      const credited = await ledger.credit(creditOf(accountId, amountNano, clock, expiresAt))
      if (credited.outcome !== 'booked') throw new Error('credited before')
      return credited.lotId
    },
    async hold(accountId, nano) {
      const request = requestOf(clock, accountId, { price: nano })
      const { granted } = await ledger.authorize(request)
      if (!granted) throw new Error('the request was refused')
      return (chargeNano) => ledger.resolve(captureOf(request, chargeNano))
    },
    audit: () =>
      select<AuditRow>(
        `SELECT action, subject_kind, subject_id, account_id, outcome, reason, actor_role,
                content::jsonb -> 'before' AS before, content::jsonb -> 'after' AS after
         FROM audit_entry ORDER BY seq`,
      ),
    async wallet(accountId) {
      const [row] = await select<{ balance: string; debt: string; entries: string }>(
        'SELECT balance_nano AS balance, debt_nano AS debt, entry_seq AS entries FROM wallet WHERE account_id = $1',
        accountId,
      )
      if (!row) throw new Error(`no wallet of ${accountId}`)
      return { balance: BigInt(row.balance), debt: BigInt(row.debt), entries: Number(row.entries) }
    },
    async verify() {
      const report = formatVerifyReport(await verifyBooks(connectionString))
      return report.endsWith(CLEAN) ? CLEAN : report
    },
    async close() {
      await ledger.stop()
      await pool.end()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return world
}

/** The code of a refusal; anything else that is thrown is thrown on. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'no refusal'
  } catch (error) {
    const refused = refusalOf(error)
    if (!refused) throw error
    return refused.code
  }
}

/** The sentence of a refusal. */
export async function sentence(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'no refusal'
  } catch (error) {
    const refused = refusalOf(error)
    if (!refused) throw error
    return refused.message
  }
}

type CreditAsked = Extract<NewAdjustment, { kind: 'CREDIT' }>

export function creditFor(accountId: string, amountNano: bigint, more: Partial<CreditAsked> = {}) {
  const reason = 'Goodwill for the outage'
  return { kind: 'CREDIT', accountId, amountNano, reason, idempotencyKey: null, ...more } as const
}

export function debitFor(accountId: string, amountNano: bigint) {
  const reason = 'Credited twice by mistake'
  return { kind: 'DEBIT', accountId, amountNano, reason, idempotencyKey: null } as const
}

export function extensionFor(accountId: string, lotId: string, expiresAt: number) {
  const reason = 'A project that starts later'
  return { kind: 'EXTENSION', accountId, lotId, expiresAt, reason, idempotencyKey: null } as const
}

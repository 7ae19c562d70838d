import pg, { type ClientBase } from 'pg'
import { BUDGET_CHECKS } from './budget-checks.ts'
import { CHAIN_PROMISES, checkChains } from './chain-check.ts'
import type { Check, Finding } from './finding.ts'
import { LOT_CHECKS } from './lot-checks.ts'
import { ORPHAN_CHECKS } from './orphan-checks.ts'
import { streamRows } from './stream-rows.ts'
import { USAGE_CHECKS } from './usage-checks.ts'
import { WALLET_CHECKS } from './wallet-checks.ts'

export { formatVerifyReport } from './format-verify-report.ts'

/** Named rows kept of each check; a ledger that is broken everywhere must not fill the memory. The rest is counted. */
const FINDINGS_PER_CHECK_MAX = 1_000

export interface VerifyReport {
  /** Nothing was found. */
  ok: boolean
  /** How many rows of each sort were looked at. */
  checked: Checked
  /** Every broken row, up to a limit a check; `checks` counts them all. */
  findings: Finding[]
  findingsTotal: number
  checks: CheckResult[]
}

export interface Checked {
  wallets: number
  entries: number
  lots: number
  holds: number
  usageEvents: number
  budgets: number
}

export interface CheckResult {
  name: string
  promise: string
  findings: number
}

const SQL_CHECKS: readonly Check[] = [
  ...WALLET_CHECKS,
  ...LOT_CHECKS,
  ...USAGE_CHECKS,
  ...BUDGET_CHECKS,
  ...ORPHAN_CHECKS,
]

const COUNTS = `
  SELECT (SELECT count(*) FROM wallet) AS wallets, (SELECT count(*) FROM credit_lot) AS lots,
         (SELECT count(*) FROM hold) AS holds, (SELECT count(*) FROM usage_event) AS usage_events,
         (SELECT count(*) FROM budget) AS budgets`

/**
 * Proves the ledger from its stored rows alone. Everything is read in one snapshot, so live traffic beside it neither
 * waits nor raises a false alarm; nothing is written; memory stays constant.
 *
 * Further checks prove what other modules keep beside it, in the same snapshot.
 *
 * A client that is passed in must not be inside a transaction. It stays the caller's, and connected.
 */
export async function verifyLedger(
  database: string | ClientBase,
  furtherChecks: readonly Check[] = [],
): Promise<VerifyReport> {
  const verifyAll = (client: ClientBase) => verify(client, [...SQL_CHECKS, ...furtherChecks])
  if (typeof database !== 'string') return await inSnapshot(database, verifyAll)
  const client = new pg.Client({ connectionString: database, application_name: 'farebox-verify' })
  await client.connect()
  try {
    return await inSnapshot(client, verifyAll)
  } finally {
    await client.end()
  }
}

async function inSnapshot<Result>(client: ClientBase, work: (client: ClientBase) => Promise<Result>): Promise<Result> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    // Each cursor is read to its end, so plan for the whole; a plan is not worth compiling for a run or two a day.
    await client.query('SET LOCAL cursor_tuple_fraction = 1; SET LOCAL jit = off')
    return await work(client)
  } finally {
    // Ends the snapshot and closes the cursors, whatever happened. There is nothing to commit.
    await client.query('ROLLBACK')
  }
}

async function verify(client: ClientBase, checks: readonly Check[]): Promise<VerifyReport> {
  const tally = createTally()
  let entries = 0
  for (const { name, promise, sql } of checks) {
    tally.expect(name, promise)
    for await (const row of streamRows<Omit<Finding, 'check'>>(client, sql)) tally.add({ check: name, ...row })
  }
  for (const [name, promise] of Object.entries(CHAIN_PROMISES)) tally.expect(name, promise)
  for await (const finding of checkChains(client, () => entries++)) tally.add(finding)

  const { rows } = await client.query<Record<string, string>>(COUNTS)
  const counts = rows[0] ?? {}
  return tally.report({
    wallets: Number(counts.wallets),
    entries,
    lots: Number(counts.lots),
    holds: Number(counts.holds),
    usageEvents: Number(counts.usage_events),
    budgets: Number(counts.budgets),
  })
}

function createTally() {
  const checks = new Map<string, CheckResult>()
  const findings: Finding[] = []
  return {
    expect(name: string, promise: string): void {
      checks.set(name, { name, promise, findings: 0 })
    },
    add(finding: Finding): void {
      const check = checks.get(finding.check)
      if (!check) throw new Error(`no check is named ${finding.check}`)
      check.findings += 1
      if (check.findings <= FINDINGS_PER_CHECK_MAX) findings.push(finding)
    },
    report(checked: Checked): VerifyReport {
      const results = [...checks.values()]
      const findingsTotal = results.reduce((sum, check) => sum + check.findings, 0)
      return { ok: findingsTotal === 0, checked, findings, findingsTotal, checks: results }
    },
  }
}

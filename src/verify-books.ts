import type { ClientBase } from 'pg'
import { ADJUSTMENT_CHECKS } from './adjustments/adjustment-checks.ts'
import { AUDIT_CHECKS } from './audit/audit-checks.ts'
import { type VerifyReport, verifyLedger } from './ledger/verify/verify-ledger.ts'
import { CLAIMS_CHECKS } from './orders/verify/claims-checks.ts'
import { ORDER_CHECKS } from './orders/verify/order-checks.ts'
import { JOURNAL_CHECKS } from './reports/journal-checks.ts'

const FURTHER_CHECKS = [...ORDER_CHECKS, ...CLAIMS_CHECKS, ...ADJUSTMENT_CHECKS, ...JOURNAL_CHECKS, ...AUDIT_CHECKS]

/** Proves the ledger and everything that has to agree with it, in one snapshot. */
export function verifyBooks(database: string | ClientBase): Promise<VerifyReport> {
  return verifyLedger(database, FURTHER_CHECKS)
}

import { lotClaims } from './lot-claims.ts'
import type { Amended, Amendment } from './operations.ts'
import { bookDueExpiries, bookReleasedExpiries, repayDebtFromFree, type Wallet } from './wallet.ts'

/** Applies a change from outside the spend path, then books what follows from it: expiry and repayment of debt. */
export function amend(amendment: Amendment, wallet: Wallet, now: number): Amended {
  bookDueExpiries(wallet, now)
  amendment.apply(lotClaims(wallet, now))
  bookReleasedExpiries(wallet, amendment.sourceId, now)
  repayDebtFromFree(wallet, amendment.sourceId, now)
  return { outcome: 'amended', balanceNano: wallet.balanceNano }
}

import { authorize, type LockedForAuthorize } from '../../src/ledger/authorize.ts'
import type { Budget, BudgetPeriod } from '../../src/ledger/budget.ts'
import { credit } from '../../src/ledger/credit.ts'
import { type Entry, GENESIS_HASH } from '../../src/ledger/entry.ts'
import type { Hold } from '../../src/ledger/hold.ts'
import type { Authorization, Demand } from '../../src/ledger/operations.ts'
import { resolve } from '../../src/ledger/resolve.ts'
import { unchanged, type Wallet } from '../../src/ledger/wallet.ts'

export const CUSTOMER = '01900000-0000-7000-8000-00000000000c'
export const RESELLER = '01900000-0000-7000-8000-00000000000e'

/** Ids that grow, as UUIDv7 do. */
export function idOf(kind: 'lot' | 'request' | 'source', number: number): string {
  const word = { lot: '1', request: '2', source: '3' }[kind]
  return `01900000-0000-7000-8${word}00-${String(number).padStart(12, '0')}`
}

export function emptyWallet(accountId: string): Wallet {
  const hash = { entrySeq: 0n, entryHash: GENESIS_HASH }
  const figures = { balanceNano: 0n, heldNano: 0n, debtNano: 0n, topUpBelowNano: null, topUpDueAt: null }
  return { accountId, currency: 'USD', ...figures, ...hash, lots: [], changes: unchanged() }
}

export function emptyBudget(id: string, period: BudgetPeriod, limitNano: bigint): Budget {
  return { id, accountId: CUSTOMER, period, limitNano, periodStart: 0, spentNano: 0n, heldNano: 0n }
}

/** A request that needs exactly this much on each plane, or nothing. */
export function demandOf(priceNano: bigint, wholesaleNano: bigint): Demand {
  return {
    fit: ({ customerNano, resellerNano }) =>
      priceNano <= customerNano && (resellerNano === null || wholesaleNano <= resellerNano)
        ? { outputTokensMax: 1, priceNano, wholesaleNano, costNano: 0n }
        : null,
    affordableOutputTokens: () => 0,
  }
}

/** The decision functions with a memory: wallets, budgets and holds as the database would keep them between batches. */
export class LedgerWorld {
  readonly customer = emptyWallet(CUSTOMER)
  readonly reseller = emptyWallet(RESELLER)
  readonly entries: { entry: Entry; hash: string }[] = []
  readonly holds = new Map<string, Hold>()
  readonly budgets: Budget[]

  constructor(budgets: Budget[] = []) {
    this.budgets = budgets
  }

  credit(
    wallet: Wallet,
    lotId: string,
    amountNano: bigint,
    promotional: boolean,
    expiresAt: number | null,
    now: number,
  ) {
    const request = {
      accountId: wallet.accountId,
      amountNano,
      kind: 'GRANT',
      sourceId: lotId,
      promotional,
      expiresAt,
    } as const
    credit({ ...request, actorId: null, reason: null }, wallet, lotId, now)
  }

  authorize(requestId: string, priceNano: bigint, wholesaleNano: bigint | null, now: number): Authorization {
    const locked: LockedForAuthorize = {
      wallet: this.customer,
      reseller: wholesaleNano === null ? null : this.reseller,
      budgets: this.budgets,
    }
    const { authorization, hold } = authorize(
      {
        requestId,
        accountId: CUSTOMER,
        resellerId: wholesaleNano === null ? null : RESELLER,
        budgetIds: this.budgets.map((budget) => budget.id),
        projectId: CUSTOMER,
        accessKeyId: CUSTOMER,
        model: 'm',
        surface: 's',
        streaming: false,
        demand: demandOf(priceNano, wholesaleNano ?? 0n),
        deadlineAt: now,
      },
      locked,
      CUSTOMER,
      now,
    )
    if (hold) this.holds.set(requestId, hold)
    return authorization
  }

  /** Returns what no lot could cover. */
  resolve(requestId: string, priceNano: bigint, wholesaleNano: bigint, now: number): bigint {
    const hold = this.holds.get(requestId)
    if (!hold) throw new Error(`no hold of ${requestId}`)
    this.holds.delete(requestId)
    const { accountId, resellerId, budgetIds } = hold
    const resolution = {
      requestId,
      accountId,
      resellerId,
      budgetIds,
      event: null,
      attempts: [],
      priceNano,
      wholesaleNano,
    }
    const reseller = resellerId === null ? null : this.reseller
    return resolve(resolution, hold, { wallet: this.customer, reseller, budgets: this.budgets }, now)
  }

  /** What the open holds reserve on each plane. */
  heldNano(): { customer: bigint; reseller: bigint } {
    let customer = 0n
    let reseller = 0n
    for (const hold of this.holds.values()) {
      customer += hold.amountNano
      reseller += hold.resellerAmountNano
    }
    return { customer, reseller }
  }

  /** What a COMMIT does: the entries are kept, and the next batch reads only lots with credit left. */
  commit(): void {
    for (const wallet of [this.customer, this.reseller]) {
      this.entries.push(...wallet.changes.entries)
      wallet.lots.splice(0, wallet.lots.length, ...wallet.lots.filter((lot) => lot.remainingNano > 0n))
      Object.assign(wallet, { changes: unchanged() })
    }
  }
}

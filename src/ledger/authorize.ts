import { type Budget, rollOver, roomNano } from './budget.ts'
import type { Hold } from './hold.ts'
import type { Authorization, AuthorizeRequest, RefusalReason, Room } from './operations.ts'
import { availableNano, bookDueExpiries, reserve, type Wallet } from './wallet.ts'

export interface LockedForAuthorize {
  wallet: Wallet
  reseller: Wallet | null
  budgets: readonly Budget[]
}

/**
 * Decides a reservation under the locks: the customer's wallet, its budgets and the reseller's wallet must all cover
 * it, or nothing is reserved anywhere.
 */
export function authorize(
  request: AuthorizeRequest,
  locked: LockedForAuthorize,
  instanceId: string,
  now: number,
): { authorization: Authorization; hold: Hold | null } {
  const { wallet, reseller, budgets } = locked
  bookDueExpiries(wallet, now)
  if (reseller) bookDueExpiries(reseller, now)
  for (const budget of budgets) rollOver(budget, now)

  const room = roomFor(locked)
  const indebted = wallet.debtNano > 0n || (reseller !== null && reseller.debtNano > 0n)
  const fit = indebted ? null : request.demand.fit(room)
  if (fit === null) return { authorization: refusal(request, locked, room), hold: null }

  const hold: Hold = {
    requestId: request.requestId,
    accountId: request.accountId,
    amountNano: fit.priceNano,
    lots: reserve(wallet, fit.priceNano),
    budgetIds: request.budgetIds,
    resellerId: request.resellerId,
    resellerAmountNano: reseller ? fit.wholesaleNano : 0n,
    resellerLots: reseller ? reserve(reseller, fit.wholesaleNano) : [],
    instanceId,
    projectId: request.projectId,
    accessKeyId: request.accessKeyId,
    model: request.model,
    surface: request.surface,
    streaming: request.streaming,
    costBoundNano: fit.costNano,
    outputTokensMax: fit.outputTokensMax,
    authorizedAt: now,
    deadlineAt: request.deadlineAt,
  }
  for (const budget of budgets) budget.heldNano += fit.priceNano
  return { authorization: grantOf(hold), hold }
}

/** The answer to whoever asked for the hold. */
export function grantOf(hold: Pick<Hold, 'outputTokensMax' | 'amountNano' | 'costBoundNano'>): Authorization {
  const { outputTokensMax, amountNano, costBoundNano } = hold
  return { granted: true, outputTokensMax, heldNano: amountNano, costBoundNano }
}

function roomFor({ wallet, reseller, budgets }: LockedForAuthorize): Room {
  let customerNano = availableNano(wallet)
  for (const budget of budgets) {
    const room = roomNano(budget)
    if (room < customerNano) customerNano = room
  }
  return { customerNano, resellerNano: reseller && availableNano(reseller) }
}

/** Names what ran out: debt first, then whichever of wallet, budget and reseller would not have sufficed alone. */
function refusal(request: AuthorizeRequest, locked: LockedForAuthorize, room: Room): Authorization {
  const { wallet, reseller, budgets } = locked
  const walletNano = availableNano(wallet)
  const refused = (reason: RefusalReason, available: bigint, affordable: number, budgetId: string | null = null) =>
    ({ granted: false, reason, availableNano: available, affordableOutputTokens: affordable, budgetId }) as const

  if (wallet.debtNano > 0n) return refused('debt_outstanding', wallet.balanceNano, 0)
  if (reseller && reseller.debtNano > 0n) return refused('reseller_credits_exhausted', walletNano, 0)
  const affordable = request.demand.affordableOutputTokens(room)
  const fits = (customerNano: bigint) => request.demand.fit({ customerNano, resellerNano: null }) !== null
  if (!fits(walletNano)) return refused('insufficient_credits', walletNano, affordable)
  const exhausted = budgets.find((budget) => !fits(roomNano(budget)))
  if (exhausted) return refused('budget_exceeded', roomNano(exhausted), affordable, exhausted.id)
  return refused('reseller_credits_exhausted', walletNano, affordable)
}

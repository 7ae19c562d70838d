import { SETTLEMENTS, type Settlement, settle } from '../../../orders/manual/settle.ts'
import type { PaymentOrder } from '../../../orders/order.ts'
import { inMoney, nanoInMoney } from './in-money.ts'

/** One way to approve what arrived, in words with its amounts. */
export interface SettlementChoice {
  readonly settlement: Settlement
  readonly title: string
  readonly explanation: string
  /** On the button: what is turned into credits. Minor units. */
  readonly totalMinor: bigint
}

const TITLES: Readonly<Record<Settlement, string>> = {
  EXACT: 'Approve as ordered',
  REDUCE: 'Make the order smaller',
  CREDIT_EXCESS: 'Give credits for all of it',
  RETURN_EXCESS: 'Approve as ordered and return the rest',
}

/** The ways that fit what has arrived. None = nothing has arrived that could be approved. */
export function settlementChoices(order: PaymentOrder): SettlementChoice[] {
  return SETTLEMENTS.flatMap((settlement) => {
    const settled = settle(order, settlement)
    if (!settled.ok) return []
    const { amounts, owedBackMinor } = settled
    const { currency, receivedMinor, totalMinor, bonusNano } = order
    const money = (minor: bigint) => inMoney(minor, currency)
    const credits = nanoInMoney(amounts.creditNano, currency)
    const bonus = amounts.bonusNano > 0n ? ` and a bonus of ${nanoInMoney(amounts.bonusNano, currency)}` : ''
    const lost =
      settlement === 'REDUCE' && bonusNano > 0n ? ' The bonus is for the full price only, and is not given.' : ''
    const explanations: Readonly<Record<Settlement, string>> = {
      EXACT: `What arrived is the total, ${money(totalMinor)}. The account gets credits of ${credits}${bonus}.`,
      REDUCE: `${money(receivedMinor)} arrived, ${money(totalMinor - receivedMinor)} less than the total. The order becomes as much smaller: the account gets credits of ${credits}, and the invoice is over ${money(amounts.totalMinor)}.${lost}`,
      CREDIT_EXCESS: `${money(receivedMinor)} arrived, ${money(receivedMinor - totalMinor)} more than the total. The order becomes as much larger: the account gets credits of ${credits}${bonus}, and the invoice is over ${money(amounts.totalMinor)}.`,
      RETURN_EXCESS: `${money(receivedMinor)} arrived. The account gets what was ordered, credits of ${credits}${bonus}; ${money(owedBackMinor)} is owed back, and has to be transferred by you.`,
    }
    return [
      { settlement, title: TITLES[settlement], explanation: explanations[settlement], totalMinor: amounts.totalMinor },
    ]
  })
}

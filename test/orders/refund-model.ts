import type { DisputeFact } from '../../src/orders/disputes/dispute-fact.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import type { RefundFact } from '../../src/orders/refunds/refund-fact.ts'

/** Half up, for values that are never negative. */
const rounded = (numerator: bigint, denominator: bigint) => (2n * numerator + denominator) / (2n * denominator)
const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n)

const STATUS_ORDER = ['pending', 'succeeded', 'failed']

/** What an order should come to, told by nothing but the facts that have been heard of it. */
export class OrderModel {
  readonly refunds = new Map<string, { amountMinor: bigint; status: RefundFact['status'] }>()
  readonly disputes = new Map<string, { amountMinor: bigint; heard: Set<DisputeFact['status']> }>()
  readonly order: PaymentOrder

  constructor(order: PaymentOrder) {
    this.order = order
  }

  hearRefund(id: string, amountMinor: bigint, status: RefundFact['status']): void {
    const known = this.refunds.get(id)?.status ?? 'pending'
    const last = STATUS_ORDER.indexOf(known) < STATUS_ORDER.indexOf(status) ? status : known
    this.refunds.set(id, { amountMinor, status: last })
  }

  hearDispute(id: string, amountMinor: bigint, status: DisputeFact['status']): void {
    const heard = this.disputes.get(id)?.heard ?? new Set()
    this.disputes.set(id, { amountMinor, heard: heard.add(status) })
  }

  refundedMinor(): bigint {
    const made = [...this.refunds.values()].filter(({ status }) => status === 'succeeded')
    const all = sum(made.map(({ amountMinor }) => amountMinor))
    return all < this.order.totalMinor ? all : this.order.totalMinor
  }

  withdrawnNano(): bigint {
    const { netMinor, taxMinor, totalMinor, creditNano } = this.order
    const back = this.refundedMinor()
    const refundedNano = rounded((back - rounded(back * taxMinor, totalMinor)) * creditNano, netMinor)
    const lost = [...this.disputes.values()].filter(({ heard }) => heard.has('lost') && !heard.has('won'))
    const lostNano = sum(lost.map(({ amountMinor }) => rounded(amountMinor * creditNano, totalMinor)))
    return refundedNano + lostNano < creditNano ? refundedNano + lostNano : creditNano
  }

  state(): string {
    const contested = [...this.disputes.values()].some(
      ({ heard }) => !heard.has('won') && (heard.has('lost') || heard.has('needs_response')),
    )
    if (contested) return 'DISPUTED'
    if (this.refundedMinor() === 0n) return 'PAID'
    return this.refundedMinor() < this.order.totalMinor ? 'PARTIALLY_REFUNDED' : 'REFUNDED'
  }
}

import type { DeliveryState, WebhookDelivery } from '../../notifications/webhook-deliveries.ts'
import { type BadgeTone, badge, type StatusBadge } from '../status-badge.ts'

const STATES: Readonly<Record<DeliveryState, readonly [word: string, tone: BadgeTone]>> = {
  PENDING: ['On its way', 'waiting'],
  DELIVERED: ['Delivered', 'done'],
  FAILED: ['Given up', 'failed'],
  CANCELED: ['Canceled', 'over'],
}

export interface ShownDelivery extends WebhookDelivery {
  readonly badge: StatusBadge
  readonly answer: string
  readonly mayResend: boolean
}

export function shownDelivery(of: WebhookDelivery): ShownDelivery {
  const answer = of.lastError ?? (of.lastStatus === null ? '–' : `The receiver answered ${of.lastStatus}.`)
  return { ...of, badge: badge(...STATES[of.state]), answer, mayResend: of.state !== 'CANCELED' }
}

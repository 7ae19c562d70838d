import { Counter, type Registry } from 'prom-client'
import type { InboxOutcome } from './stripe/webhook-inbox.ts'

export interface OrderMetrics {
  countWebhook(outcome: InboxOutcome): void
  countJob(event: { kind: string; outcome: string }): void
}

export function createOrderMetrics(registry: Registry): OrderMetrics {
  const webhooks = new Counter({
    name: 'farebox_webhooks_total',
    help: 'Webhooks of payment providers by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const jobs = new Counter({
    name: 'farebox_jobs_total',
    help: 'Background jobs by kind and outcome of each try',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  })
  return {
    countWebhook: (outcome) => webhooks.inc({ outcome }),
    countJob: ({ kind, outcome }) => jobs.inc({ kind, outcome }),
  }
}

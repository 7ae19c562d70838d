import { Counter, Histogram, type Registry } from 'prom-client'

/** What operators watch: no label ever holds anything of a customer's. */
export interface GatewayMetrics {
  requests: Counter<'surface' | 'status'>
  refusals: Counter<'code'>
  chargedNano: Counter
  /** What providers billed above the hold and no lot could cover. */
  overdraftNano: Counter
  /** Answers whose hold was gone when they were to be charged. */
  chargesLost: Counter
  estimated: Counter
  latency: Histogram<'surface'>
}

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry]
  return {
    requests: new Counter({
      name: 'farebox_requests_total',
      help: 'Requests that were forwarded, by how they ended',
      labelNames: ['surface', 'status'],
      registers,
    }),
    refusals: new Counter({
      name: 'farebox_refusals_total',
      help: 'Requests that were refused, by error code',
      labelNames: ['code'],
      registers,
    }),
    chargedNano: new Counter({ name: 'farebox_charged_nano_total', help: 'Charged to customers, in nano', registers }),
    overdraftNano: new Counter({
      name: 'overdraft_nano_total',
      help: 'Billed by providers above the hold and not covered by any credit, in nano',
      registers,
    }),
    chargesLost: new Counter({
      name: 'farebox_charges_lost_total',
      help: 'Requests whose hold had been given back before they could be charged',
      registers,
    }),
    estimated: new Counter({
      name: 'farebox_estimated_total',
      help: 'Requests whose tokens were counted here because the provider reported none',
      registers,
    }),
    latency: new Histogram({
      name: 'farebox_request_seconds',
      help: 'From the first byte of a request to the last of its answer',
      labelNames: ['surface'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
  }
}

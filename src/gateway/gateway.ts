import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { CatalogSnapshot } from '../catalog/catalog-snapshot.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from '../lib/clock.ts'
import type { InFlight } from '../lib/in-flight.ts'
import type { AccessKeyDirectory } from './access-key-directory.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import type { PricePlans } from './price-plans.ts'
import type { Upstreams } from './upstream.ts'

/** The catalog in force, with the prices compiled from it. */
export interface PricedCatalog {
  readonly snapshot: CatalogSnapshot
  readonly plans: PricePlans
}

/** What the gateway's steps work with. */
export interface Gateway {
  readonly ledger: Ledger
  readonly pool: Pool
  readonly directory: AccessKeyDirectory
  /** Always the newest; take it once a request. */
  catalog(): PricedCatalog
  readonly upstreams: Upstreams
  /** Requests that may still have something to book. */
  readonly inFlight: InFlight
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: GatewayMetrics
  readonly currency: string
}

import type { RequestHandler } from 'express'
import type { Pool } from 'pg'
import type { DocumentStorage } from '../invoicing/document-storage.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import type { VisitorOf } from './actor-of-request.ts'

export interface AdminDeps {
  /** For short reads and writes. Lists have a pool of their own, so that a slow one holds up nothing else. */
  readonly pool: Pool
  readonly connectionString: string
  readonly clock: Clock
  readonly logger: Logger
  /** Where the bundled scripts of the pages are kept. */
  readonly dataDirectory: string
  readonly publicUrl: string
  readonly isSandbox: boolean
  /** The platform's currency: of amounts that name none of their own. */
  readonly currency: string
  /** The operator's processing fee: nano per 1,000,000 tokens. */
  readonly processingFeeNano: bigint
  /** Null = the queues live in PostgreSQL. */
  readonly redisUrl: string | null
  readonly storage: DocumentStorage
  /** In minor units: above it, somebody else has to approve. */
  readonly fourEyesLimitMinor: bigint
  /** What the use cases of money in take besides. */
  readonly desk: CashDesk
  /** Finds out who asks, before they are looked at. */
  readonly session: readonly RequestHandler[]
  readonly visitorOf: VisitorOf
  /** What is asked of somebody who was let in, such as a second factor. */
  readonly conditions: readonly RequestHandler[]
}

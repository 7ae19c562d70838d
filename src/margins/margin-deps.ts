import type { Pool, PoolClient } from 'pg'
import type { Clock } from '../lib/clock.ts'
import type { Nano } from '../money/nano.ts'

export interface MarginDeps {
  pool: Pool
  clock: Clock
  /** The operator's processing fee (`PROCESSING_FEE`): nano per 1,000,000 tokens. */
  operatorFeeNano: Nano
  /** Remembers an act of a person, in the transaction of the act itself. */
  record?: RecordAct
}

export type RecordAct = (client: PoolClient, act: Act) => Promise<void>

export interface Act {
  action: string
  subjectKind: string
  subjectId: string
  before: unknown
  after: unknown
}

/** Who asks. A face has checked that the person may; what is whose is checked here. */
export interface Actor {
  userId: string
  /** The reseller that the person acts for: its own rules and customers are all there is. Null = the operator. */
  resellerId: string | null
}

/** A field that cannot be read, and what it should say. */
export interface Problem {
  field: string
  message: string
}

export type Invalid = { ok: false; reason: 'invalid'; problems: Problem[] }
/** Also what is somebody else's. */
export type NotFound = { ok: false; reason: 'not_found' }

export const NOT_FOUND: NotFound = { ok: false, reason: 'not_found' }

export function invalid(field: string, message: string): Invalid {
  return { ok: false, reason: 'invalid', problems: [{ field, message }] }
}

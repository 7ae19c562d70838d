import type { Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Nudge } from '../lib/nudge.ts'

export interface SignInDeps {
  pool: Pool
  clock: Clock
  logger: Logger
  nudge: Nudge
  /** The platform's own; a key for sign-in is derived from it. */
  secret: string
  /** Where people reach us: with https, cookies are for https alone. */
  publicUrl: string
  /** Of wallets that a sign-up opens. */
  currency: string
  /** Accounts that sign up may be granted credits without a payment. */
  isSandbox: boolean
  /** Whether staff have to set up a second factor before anything else. */
  staffNeedSecondFactor: boolean
}

/** From where somebody asks, as far as signing in needs to know. */
export interface Visit {
  cookie: string | undefined
  userAgent: string | undefined
  /** Their network address as the server sees it. */
  ip: string
}

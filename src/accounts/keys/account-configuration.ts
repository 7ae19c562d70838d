import type { ClientBase, Pool } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { AccessError } from './access-error.ts'
import { type AccessDeps, type AccessWrite, accountIdField, actorIdOf, readAsked } from './access-write.ts'
import { outputTokensCap } from './key-fields.ts'

/** A shorter wait than this no model keeps; the gateway itself gives a provider ten minutes. */
export const REQUEST_TIMEOUT_MS = { min: 1_000, max: 600_000 }

const METADATA_KEYS_MAX = 50
const METADATA_KEY = /^[\w.-]{1,40}$/
const METADATA_VALUE_LENGTH_MAX = 500

/** What an account may set of its requests; what is not named is not set. */
export const configurationFields = {
  /** How long a request may wait for its answer to begin. */
  requestTimeoutMs: z
    .int({ error: 'expected whole milliseconds' })
    .min(REQUEST_TIMEOUT_MS.min, { error: `expected at least ${REQUEST_TIMEOUT_MS.min}` })
    .max(REQUEST_TIMEOUT_MS.max, { error: `expected at most ${REQUEST_TIMEOUT_MS.max}` })
    .nullable()
    .default(null),
  /** Of one answer. */
  maxOutputTokens: outputTokensCap.nullable().default(null),
  /** The account's own notes; nothing goes by them. */
  metadata: z
    .record(
      z.string().regex(METADATA_KEY, { error: 'expected up to 40 letters, digits, dots, dashes or underscores' }),
      z
        .string({ error: 'expected text' })
        .max(METADATA_VALUE_LENGTH_MAX, { error: `expected at most ${METADATA_VALUE_LENGTH_MAX} characters` })
        .refine((text) => !text.includes('\0') && text.isWellFormed(), { error: 'expected text' }),
      { error: 'expected an object of texts' },
    )
    .refine((metadata) => Object.keys(metadata).length <= METADATA_KEYS_MAX, {
      error: `expected at most ${METADATA_KEYS_MAX} keys`,
    })
    .default({}),
}

const settings = z.strictObject(configurationFields)
const change = settings.extend({ accountId: accountIdField })
export type ConfigurationSettings = z.output<typeof settings>

export interface AccountConfiguration extends ConfigurationSettings {
  /** 0 = nothing was ever set. */
  readonly version: number
  /** In milliseconds since the epoch. */
  readonly updatedAt: number | null
}

const NOTHING_SET: AccountConfiguration = {
  ...{ requestTimeoutMs: null, maxOutputTokens: null, metadata: {} },
  ...{ version: 0, updatedAt: null },
}

interface Row {
  version: number
  request_timeout_ms: number | null
  max_output_tokens: number | null
  metadata: Record<string, string>
  updated_at: Date
}

export async function readConfiguration(client: ClientBase | Pool, accountId: string): Promise<AccountConfiguration> {
  const { rows } = await client.query<Row>(
    `SELECT version, request_timeout_ms, max_output_tokens, metadata, updated_at FROM account_configuration
     WHERE account_id = $1`,
    [accountId],
  )
  const [row] = rows
  if (!row) return NOTHING_SET
  const { version, metadata, request_timeout_ms: requestTimeoutMs, max_output_tokens: maxOutputTokens } = row
  return { version, requestTimeoutMs, maxOutputTokens, metadata, updatedAt: row.updated_at.getTime() }
}

/**
 * Replaces the configuration of an account, provided that `isExpected` takes the version in force. Every serving process
 * goes by it at once. The same content again makes no new version.
 * @throws AccessError `invalid_request`, `configuration_changed_meanwhile`
 */
export async function setConfiguration(
  { pool, clock }: AccessDeps,
  input: z.input<typeof change>,
  { actor, record }: AccessWrite<AccountConfiguration>,
  isExpected: (version: number) => boolean = () => true,
): Promise<AccountConfiguration> {
  const { accountId, ...wanted } = readAsked(change, input)
  return inTransaction(pool, async (client) => {
    await client.query('SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId])
    const before = await readConfiguration(client, accountId)
    if (!isExpected(before.version)) {
      const message = 'The configuration was changed meanwhile. Read it again, then send your change with its ETag.'
      throw new AccessError('configuration_changed_meanwhile', message, 'If-Match')
    }
    if (isSame(before, wanted)) return before
    await client.query(
      `INSERT INTO account_configuration (account_id, version, request_timeout_ms, max_output_tokens, metadata, updated_by_id,
         updated_at) VALUES ($1, 1, $2, $3, $4, $5, $6)
       ON CONFLICT (account_id) DO UPDATE SET version = account_configuration.version + 1,
         request_timeout_ms = excluded.request_timeout_ms, max_output_tokens = excluded.max_output_tokens,
         metadata = excluded.metadata, updated_by_id = excluded.updated_by_id, updated_at = excluded.updated_at`,
      [
        ...[accountId, wanted.requestTimeoutMs, wanted.maxOutputTokens, JSON.stringify(wanted.metadata)],
        ...[actorIdOf(actor), new Date(clock.now())],
      ],
    )
    const after = await readConfiguration(client, accountId)
    await record?.(client, { before, after })
    return after
  })
}

function isSame(before: AccountConfiguration, wanted: ConfigurationSettings): boolean {
  const inOrder = ({ requestTimeoutMs, maxOutputTokens, metadata }: ConfigurationSettings) =>
    JSON.stringify([requestTimeoutMs, maxOutputTokens, Object.entries(metadata).sort()])
  return inOrder(before) === inOrder(wanted)
}

import type { ClientBase } from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../db/transaction.ts'
import { AccessError } from './access-error.ts'
import { type AccessKey, readKey } from './access-key.ts'
import { type AccessDeps, type AccessWrite, accountIdField, readAsked, refuseWrongExpiry } from './access-write.ts'
import { projectFor } from './create-key.ts'
import { budgetsField, disabledField, expiresAtField, keyFields } from './key-fields.ts'
import { lockWallet, setBudgets } from './spend-budgets.ts'

/** What is not named stays as it is. */
const keyChange = z.strictObject({
  accountId: accountIdField,
  keyId: z.string(),
  projectId: z.string().optional(),
  name: keyFields.name.optional(),
  scopes: keyFields.scopes.optional(),
  allowedModels: keyFields.allowedModels.optional(),
  allowedIps: keyFields.allowedIps.optional(),
  maxOutputTokens: keyFields.maxOutputTokens.optional(),
  expiresAt: expiresAtField.optional(),
  disabled: disabledField.optional(),
  /** All of them: a period that is not named loses its budget. */
  budgets: budgetsField.optional(),
})
export type KeyChange = z.input<typeof keyChange>
type Asked = z.output<typeof keyChange>

const COLUMNS = {
  projectId: 'project_id',
  name: 'name',
  scopes: 'scopes',
  allowedModels: 'allowed_models',
  allowedIps: 'allowed_ips',
  maxOutputTokens: 'max_output_tokens',
  expiresAt: 'expires_at',
  disabledAt: 'disabled_at',
} as const
type Settings = { -readonly [Field in keyof typeof COLUMNS]?: AccessKey[Field] }

/**
 * Changes an access key; every serving process goes by it at once. What is as it was asked for already is not written, and
 * not recorded.
 * @throws AccessError `invalid_request`, `key_not_found`, `key_revoked`, `project_not_found`
 */
export async function updateKey(
  { pool, clock }: AccessDeps,
  input: KeyChange,
  { record }: AccessWrite<AccessKey>,
): Promise<AccessKey> {
  const asked = readAsked(keyChange, input)
  const { accountId, keyId, budgets } = asked
  return inTransaction(pool, async (client) => {
    // The ledger locks wallets before anything else; so does whoever changes budgets.
    if (budgets) await lockWallet(client, accountId)
    const before = await readKey(client, clock, accountId, keyId, { lock: true })
    if (before.revokedAt !== null) throw new AccessError('key_revoked', 'This access key is revoked for ever.', 'id')
    if (asked.expiresAt !== before.expiresAt) refuseWrongExpiry(clock, asked.expiresAt)
    await writeSettings(client, before, await settingsOf(client, asked, before, clock.now()))
    if (budgets) await setBudgets(client, clock, { accountId, accessKeyId: before.id }, budgets)
    const after = await readKey(client, clock, accountId, keyId)
    if (JSON.stringify(before, digits) !== JSON.stringify(after, digits)) await record?.(client, { before, after })
    return after
  })
}

const digits = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)

async function settingsOf(client: ClientBase, asked: Asked, before: AccessKey, now: number): Promise<Settings> {
  const settings: Settings = {}
  if (asked.projectId !== undefined) settings.projectId = await projectFor(client, before.accountId, asked.projectId)
  if (asked.name !== undefined) settings.name = asked.name
  if (asked.scopes !== undefined) settings.scopes = asked.scopes
  if (asked.allowedModels !== undefined) settings.allowedModels = asked.allowedModels
  if (asked.allowedIps !== undefined) settings.allowedIps = asked.allowedIps
  if (asked.maxOutputTokens !== undefined) settings.maxOutputTokens = asked.maxOutputTokens
  if (asked.expiresAt !== undefined) settings.expiresAt = asked.expiresAt
  if (asked.disabled !== undefined) settings.disabledAt = asked.disabled ? (before.disabledAt ?? now) : null
  return settings
}

async function writeSettings(client: ClientBase, before: AccessKey, settings: Settings): Promise<void> {
  const fields = (Object.keys(settings) as (keyof Settings)[]).filter(
    (field) => JSON.stringify(settings[field]) !== JSON.stringify(before[field]),
  )
  if (fields.length === 0) return
  const sets = fields.map((field, index) => `${COLUMNS[field]} = $${index + 2}`)
  const values = fields.map((field) => {
    const value = settings[field]
    const isTime = field === 'expiresAt' || field === 'disabledAt'
    return isTime && typeof value === 'number' ? new Date(value) : value
  })
  await client.query(`UPDATE access_key SET ${sets.join(', ')} WHERE id = $1`, [before.id, ...values])
}

import { BlockList, isIPv6 } from 'node:net'
import type { Pool } from 'pg'
import { type ApiKeyHolder, readApiKeyHolder } from './api-key-holder.ts'
import type { Caller } from './authenticate.ts'
import { type RememberedSecrets, rememberSecrets } from './remembered-secrets.ts'

export interface AccessKeyDirectory extends RememberedSecrets<Caller> {
  /** Credentials of the management API, remembered and forgotten together with the access keys. */
  readonly apiKeys: Pick<RememberedSecrets<ApiKeyHolder>, 'known' | 'find'>
}

interface CallerRow {
  id: string
  account_id: string
  project_id: string
  plan_id: string | null
  reseller_id: string | null
  reseller_plan_id: string | null
  reseller_fee_nano: string | null
  budget_ids: string[]
  scopes: string[]
  allowed_models: string[]
  allowed_ips: string[]
  max_output_tokens: number | null
  request_timeout_ms: number | null
  expires_at: Date | null
  disabled_at: Date | null
  account_disabled: boolean
}

const CALLER_BY_HASH = `
  SELECT key.id, key.account_id, key.project_id, account.plan_id, account.reseller_id,
         reseller.plan_id AS reseller_plan_id, reseller.seller_fee_nano AS reseller_fee_nano,
         least(key.max_output_tokens, configuration.max_output_tokens) AS max_output_tokens,
         configuration.request_timeout_ms, key.scopes, key.allowed_models, key.allowed_ips, key.expires_at, key.disabled_at,
         account.disabled_at IS NOT NULL OR reseller.disabled_at IS NOT NULL AS account_disabled,
         ARRAY(SELECT budget.id::text FROM budget
               WHERE budget.account_id = key.account_id
                 AND (budget.access_key_id = key.id OR budget.project_id = key.project_id
                      OR (budget.access_key_id IS NULL AND budget.project_id IS NULL))) AS budget_ids
  FROM access_key key
  JOIN account ON account.id = key.account_id
  LEFT JOIN account reseller ON reseller.id = account.reseller_id
  LEFT JOIN account_configuration configuration ON configuration.account_id = key.account_id
  WHERE key.secret_hash = decode($1, 'hex')`

/** Access keys and API keys in process memory, invalidated at once by the database's notice of a change. */
export function createAccessKeyDirectory(pool: Pool): AccessKeyDirectory {
  const callers = rememberSecrets(async (secretHash) => {
    const { rows } = await pool.query<CallerRow>({ name: 'caller_by_hash', text: CALLER_BY_HASH, values: [secretHash] })
    return rows[0] ? callerOf(rows[0]) : null
  })
  const apiKeys = rememberSecrets((secretHash) => readApiKeyHolder(pool, secretHash))
  return {
    known: callers.known,
    find: callers.find,
    apiKeys,
    forget() {
      callers.forget()
      apiKeys.forget()
    },
    setTrusted(trusted) {
      callers.setTrusted(trusted)
      apiKeys.setTrusted(trusted)
    },
  }
}

function callerOf(row: CallerRow): Caller {
  return Object.freeze({
    accessKeyId: row.id,
    accountId: row.account_id,
    projectId: row.project_id,
    planId: row.plan_id,
    reseller: row.reseller_id === null ? null : resellerOf(row, row.reseller_id),
    budgetIds: row.budget_ids,
    scopes: row.scopes,
    allowedModels: row.allowed_models,
    allowedIps: blockList(row.allowed_ips),
    outputTokensMax: row.max_output_tokens,
    requestTimeoutMs: row.request_timeout_ms,
    expiresAt: row.expires_at?.getTime() ?? null,
    keyDisabled: row.disabled_at !== null,
    accountDisabled: row.account_disabled,
  })
}

function resellerOf(row: CallerRow, id: string): Caller['reseller'] {
  const feeNano = row.reseller_fee_nano === null ? null : BigInt(row.reseller_fee_nano)
  return { id, planId: row.reseller_plan_id, feeNano }
}

function blockList(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

import { BlockList, isIPv6 } from 'node:net'
import type { Pool } from 'pg'
import type { Caller } from './authenticate.ts'

/** Known keys kept in memory; beyond this the memory is emptied and filled anew by use. */
const CALLERS_MAX = 100_000
/** Unknown keys remembered, so that a client that keeps trying a wrong one costs no query each time. */
const UNKNOWN_MAX = 10_000

export interface AccessKeyDirectory {
  /** The caller, if in memory. */
  known(secretHash: string): Caller | undefined
  /** The caller by the SHA-256 (hex) of the secret, from memory or the database; null = no such key. */
  find(secretHash: string): Promise<Caller | null>
  /** Forgets everything: something about keys, accounts or budgets changed. */
  forget(): void
  /** While nothing would tell of changes, nothing may be kept. */
  setTrusted(trusted: boolean): void
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
  expires_at: Date | null
  disabled_at: Date | null
  account_disabled: boolean
}

const CALLER_BY_HASH = `
  SELECT key.id, key.account_id, key.project_id, account.plan_id, account.reseller_id,
         reseller.plan_id AS reseller_plan_id, reseller.seller_fee_nano AS reseller_fee_nano,
         key.scopes, key.allowed_models, key.allowed_ips, key.max_output_tokens, key.expires_at, key.disabled_at,
         account.disabled_at IS NOT NULL OR reseller.disabled_at IS NOT NULL AS account_disabled,
         ARRAY(SELECT budget.id::text FROM budget
               WHERE budget.account_id = key.account_id
                 AND (budget.access_key_id = key.id OR budget.project_id = key.project_id
                      OR (budget.access_key_id IS NULL AND budget.project_id IS NULL))) AS budget_ids
  FROM access_key key
  JOIN account ON account.id = key.account_id
  LEFT JOIN account reseller ON reseller.id = account.reseller_id
  WHERE key.secret_hash = decode($1, 'hex')`

/** Access keys in process memory, invalidated at once by the database's notice of a change. */
export function createAccessKeyDirectory(pool: Pool): AccessKeyDirectory {
  const callers = new Map<string, Caller>()
  const unknown = new Set<string>()
  let generation = 0
  let trusted = false

  async function load(secretHash: string): Promise<Caller | null> {
    const before = generation
    const { rows } = await pool.query<CallerRow>({ name: 'caller_by_hash', text: CALLER_BY_HASH, values: [secretHash] })
    const caller = rows[0] ? callerOf(rows[0]) : null
    // A change that was told while we asked may be newer than what we read.
    if (trusted && generation === before) remember(secretHash, caller)
    return caller
  }

  function remember(secretHash: string, caller: Caller | null): void {
    if (caller) {
      if (callers.size >= CALLERS_MAX) callers.clear()
      callers.set(secretHash, caller)
    } else {
      if (unknown.size >= UNKNOWN_MAX) unknown.clear()
      unknown.add(secretHash)
    }
  }

  function forget(): void {
    generation += 1
    callers.clear()
    unknown.clear()
  }

  return {
    known: (secretHash) => callers.get(secretHash),
    find: async (secretHash) => callers.get(secretHash) ?? (unknown.has(secretHash) ? null : await load(secretHash)),
    forget,
    setTrusted(now) {
      trusted = now
      forget()
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

import type { ClientBase } from 'pg'
import { ExportError } from '../export-error.ts'
import { NONE } from '../sql/usage-figures.ts'

export interface AccountMoney {
  readonly currency: string
  readonly balanceNano: bigint
  readonly heldNano: bigint
  /** What a new request may reserve. */
  readonly availableNano: bigint
}

/**
 * Lots that are over, but that no booking has reached yet, are not available; nor is what open disputes and refunds claim.
 * `$1` the account, `$2` now.
 */
const MONEY = `
  SELECT w.currency, w.balance_nano::text, w.held_nano::text,
         (SELECT coalesce(sum(greatest(remaining_nano - held_nano - frozen_nano, 0)), 0) FROM credit_lot
          WHERE account_id = $1 AND open AND (expires_at IS NULL OR expires_at > $2))::text AS available_nano
  FROM wallet w WHERE w.account_id = $1`

/** @throws ExportError `account_not_found` */
export async function readAccountMoney(client: ClientBase, accountId: string, now: number): Promise<AccountMoney> {
  const { rows } = await client.query<Record<string, string>>(MONEY, [accountId, new Date(now)])
  const [row] = rows
  if (!row) throw new ExportError('account_not_found', 'There is no such account.', 'accountId')
  return {
    currency: row.currency ?? '',
    balanceNano: BigInt(row.balance_nano ?? 0),
    heldNano: BigInt(row.held_nano ?? 0),
    availableNano: BigInt(row.available_nano ?? 0),
  }
}

export type NamedGroup = 'key' | 'project' | 'provider' | 'model'

const NAMES: Readonly<Record<Exclude<NamedGroup, 'model'>, string>> = {
  key: 'SELECT id, name FROM access_key WHERE id = ANY ($1::uuid[]) AND account_id = $2',
  project: 'SELECT id, name FROM project WHERE id = ANY ($1::uuid[]) AND account_id = $2',
  provider: 'SELECT id, name FROM provider WHERE id = ANY ($1::uuid[]) AND $2::uuid IS NOT NULL',
}

/** The names of an account's groups; an id whose row is gone stands for itself. */
export async function nameAccountGroups(
  client: ClientBase,
  accountId: string,
  group: NamedGroup,
  keys: readonly string[],
): Promise<(key: string) => string> {
  if (group === 'model') return (key) => key
  const { rows } = await client.query<{ id: string; name: string }>(NAMES[group], [keys, accountId])
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (key) => (key === NONE ? 'No provider reached' : (names.get(key) ?? key))
}

import { z } from 'zod'
import type { Actor } from '../accounts/actor.ts'
import { insertAccount } from '../accounts/insert-account.ts'
import { oncePerKey } from '../orders/idempotency.ts'
import { idempotencyKey } from '../orders/read-request.ts'
import { type ActingDeps, actAs, requireMay } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { accountName, flag, id, readInput } from './read-input.ts'
import { accountWithin } from './scope.ts'

export interface AccountDeps extends ActingDeps {
  /** ISO 4217: what new wallets are in. */
  currency: string
  isSandbox: boolean
}

const customer = z.strictObject({
  name: accountName,
  /** Null = the operator's own customer; a reseller's people open accounts of their reseller only. */
  resellerId: id.nullable(),
  development: flag.default(false),
  idempotencyKey,
})
export type CustomerToOpen = z.input<typeof customer>

const reseller = z.strictObject({ name: accountName, idempotencyKey })
export type ResellerToOpen = z.input<typeof reseller>

/**
 * Opens a customer's account. The same key once more gives the same account.
 * @returns its id
 * @throws OfficeError `not_allowed`, `invalid_request`, `account_not_found`, `only_in_sandbox`; OrderError
 *   `idempotency_conflict`
 */
export async function openCustomerFor(deps: AccountDeps, actor: Actor, input: CustomerToOpen): Promise<string> {
  await requireMay(deps, actor, 'open accounts', SUBJECT, 'account.open')
  const { idempotencyKey: key, ...asked } = readInput(customer, input)
  if (asked.development && !deps.isSandbox) throw new OfficeError('only_in_sandbox', { field: 'development' })
  if (asked.resellerId === null && actor.side === 'RESELLER') {
    throw new OfficeError('account_not_found', { field: 'resellerId' })
  }
  if (asked.resellerId !== null) await requireReseller(deps, actor, asked.resellerId)
  return open(deps, actor, { kind: 'CUSTOMER', ...asked }, key)
}

/**
 * Opens a reseller's account, for the operator's administrators.
 * @returns its id
 * @throws OfficeError `not_allowed`, `invalid_request`; OrderError `idempotency_conflict`
 */
export async function openResellerFor(deps: AccountDeps, actor: Actor, input: ResellerToOpen): Promise<string> {
  await requireMay(deps, actor, 'open resellers', SUBJECT, 'account.open-reseller')
  const { idempotencyKey: key, name } = readInput(reseller, input)
  return open(deps, actor, { kind: 'RESELLER', name, resellerId: null, development: false }, key)
}

const SUBJECT = { kind: 'account', id: null, accountId: null }

async function requireReseller({ pool }: ActingDeps, actor: Actor, resellerId: string): Promise<void> {
  const { kind } = await accountWithin(pool, actor, resellerId)
  if (kind !== 'RESELLER') throw new OfficeError('account_not_found', { field: 'resellerId' })
}

function open(
  deps: AccountDeps,
  actor: Actor,
  account: { kind: 'CUSTOMER' | 'RESELLER'; name: string; resellerId: string | null; development: boolean },
  key: string | null,
): Promise<string> {
  const { clock, currency } = deps
  return actAs(
    deps,
    actor,
    account.kind === 'RESELLER'
      ? { permission: 'open resellers', action: 'account.open-reseller', subject: SUBJECT }
      : { permission: 'open accounts', action: 'account.open', subject: SUBJECT },
    async (client) => {
      const call = { scopeId: actor.userId, verb: 'openAccount', key, body: account }
      const { resultId, repeated } = await oncePerKey(client, clock, call, () =>
        insertAccount(client, clock, { ...account, currency }),
      )
      const after = { id: resultId, ...account, currency }
      return { result: resultId, change: repeated ? null : { before: null, after, accountId: resultId } }
    },
  )
}

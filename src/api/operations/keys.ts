import { z } from 'zod'
import { keyNotFound } from '../../accounts/keys/access-error.ts'
import { KEY_STATES, readKey } from '../../accounts/keys/access-key.ts'
import { createKey } from '../../accounts/keys/create-key.ts'
import { disabledField, keyFields } from '../../accounts/keys/key-fields.ts'
import { KEYS_PER_PAGE_MAX, listKeys } from '../../accounts/keys/list-keys.ts'
import { revokeKey } from '../../accounts/keys/revoke-key.ts'
import { updateKey } from '../../accounts/keys/update-key.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { actorOf } from '../api-caller.ts'
import { cursorById, idParams, instant, pageLimit, pageOf } from '../fields.ts'
import { refuseWiderAccess } from '../granted-scopes.ts'
import { onceFor } from '../once.ts'
import { answer, type Operation, operation } from '../operation.ts'
import { budgetLimitsOf, budgetsBody } from './shown-budgets.ts'
import { keyAsShown, modelNames, shownKey } from './shown-key.ts'

const TAG = 'Access keys'
const PAGE = 20
const reading = { scopes: ['keys:read'], accessKey: null } as const
const writing = { scopes: ['keys:write'], accessKey: null } as const

const projectId = z.uuid({ error: 'expected the id of a project' })
const settings = {
  scopes: keyFields.scopes.optional(),
  allowedModels: keyFields.allowedModels.optional().describe('Empty = every model.'),
  allowedIps: keyFields.allowedIps.optional().describe('Addresses and CIDR blocks; empty = from anywhere.'),
  maxOutputTokens: keyFields.maxOutputTokens.optional().describe('Of one answer; null = the most that a model writes.'),
  expiresAt: instant.nullable().optional().describe('Null = never.'),
  budgets: budgetsBody.optional(),
}
const newKey = z
  .strictObject({
    name: keyFields.name,
    projectId: projectId.optional().describe("The account's first project, where none is named."),
    ...settings,
  })
  .meta({ id: 'NewAccessKey', description: 'Without `scopes`, a key calls models and does nothing else.' })
const keyChange = z
  .strictObject({
    name: keyFields.name.optional(),
    projectId: projectId.optional(),
    disabled: disabledField.optional(),
    ...settings,
  })
  .meta({ id: 'AccessKeyChange', description: 'What is not named stays as it is.' })
const createdKey = z
  .object({
    key: shownKey,
    secret: z
      .string()
      .nullable()
      .describe('Shown this once. Null = an earlier request with this Idempotency-Key made it.'),
  })
  .meta({ id: 'CreatedAccessKey' })

const EXAMPLE = {
  name: 'Production',
  allowedIps: ['192.0.2.0/24'],
  budgets: [{ period: 'MONTH', limitCents: 50_000 }],
} as const

/** The keys that call models. */
export function keysOperations({ pool, clock, catalog }: Pick<Gateway, 'pool' | 'clock' | 'catalog'>): Operation[] {
  const deps = { pool, clock }
  const modelsIn = (names: readonly string[] | undefined) => names && modelNames(catalog().snapshot, names)
  return [
    operation({
      ...{ id: 'listKeys', method: 'get', path: '/v1/keys', tag: TAG },
      summary: 'Access keys',
      access: reading,
      query: z.strictObject({
        projectId: projectId.optional(),
        state: z
          .enum(KEY_STATES, { error: `expected ${KEY_STATES.join(', ')}` })
          .optional()
          .describe('Without it, all that are not revoked.'),
        limit: pageLimit(KEYS_PER_PAGE_MAX, PAGE),
        cursor: cursorById.optional(),
      }),
      reply: pageOf(shownKey).meta({ id: 'AccessKeyPage' }),
      replies: [{ status: 200, description: 'The latest first.' }],
      handle: async ({ caller: { accountId }, query: { cursor = null, ...asked } }) => {
        const { keys, next } = await listKeys(deps, { accountId, cursor, ...defined(asked), limit: asked.limit })
        return answer({ data: keys.map((key) => keyAsShown(key, clock.now())), nextCursor: next })
      },
    }),
    operation({
      ...{ id: 'createKey', method: 'post', path: '/v1/keys', tag: TAG, takesIdempotencyKey: true },
      summary: 'Make an access key',
      description: 'The secret is in this reply and nowhere else. Scopes that the API key lacks itself are refused.',
      access: writing,
      body: newKey,
      reply: createdKey,
      replies: [
        { status: 201, description: 'The key and its secret.', headers: { location: 'Where the key is.' } },
        {
          status: 200,
          description: 'An earlier request with this Idempotency-Key made it; its secret was shown then.',
        },
      ],
      errors: ['project_not_found', 'too_many_keys', 'scope_not_yours', 'idempotency_conflict'],
      example: { body: EXAMPLE },
      handle: async (call) => {
        const { caller, body } = call
        refuseWiderAccess(caller, body.scopes)
        const { budgets, ...named } = body
        const { key, secret } = await createKey(
          deps,
          {
            ...defined({ ...named, allowedModels: modelsIn(body.allowedModels) }),
            ...{ accountId: caller.accountId, name: body.name, budgets: budgetLimitsOf(budgets ?? []) },
          },
          { actor: actorOf(caller), once: onceFor(clock, 'createKey', call, body) },
        )
        const headers = { location: `/v1/keys/${key.id}` }
        return answer({ key: keyAsShown(key, clock.now()), secret }, { status: secret === null ? 200 : 201, headers })
      },
    }),
    operation({
      ...{ id: 'getKey', method: 'get', path: '/v1/keys/{id}', tag: TAG },
      summary: 'An access key',
      access: reading,
      params: idParams,
      missing: keyNotFound,
      reply: shownKey,
      replies: [{ status: 200, description: 'The key.' }],
      errors: ['key_not_found'],
      handle: async ({ caller, params }) =>
        answer(keyAsShown(await readKey(pool, clock, caller.accountId, params.id), clock.now())),
    }),
    operation({
      ...{ id: 'updateKey', method: 'patch', path: '/v1/keys/{id}', tag: TAG },
      summary: 'Change an access key',
      description: 'In force everywhere with the reply: requests that are under way end as they began.',
      access: writing,
      params: idParams,
      missing: keyNotFound,
      body: keyChange,
      reply: shownKey,
      replies: [{ status: 200, description: 'The key as it is now.' }],
      errors: ['key_not_found', 'key_revoked', 'project_not_found', 'scope_not_yours'],
      example: { body: { name: 'Staging', budgets: [{ period: 'DAY', limitCents: 1_000 }] } },
      handle: async ({ caller, params, body: { budgets, ...named } }) => {
        refuseWiderAccess(caller, named.scopes)
        const change = {
          ...defined({ ...named, allowedModels: modelsIn(named.allowedModels) }),
          ...(budgets && { budgets: budgetLimitsOf(budgets) }),
        }
        const owned = { accountId: caller.accountId, keyId: params.id }
        const key = await updateKey(deps, { ...change, ...owned }, { actor: actorOf(caller) })
        return answer(keyAsShown(key, clock.now()))
      },
    }),
    operation({
      ...{ id: 'revokeKey', method: 'delete', path: '/v1/keys/{id}', tag: TAG },
      summary: 'Revoke an access key',
      description: 'For ever, and at once in every process. Its usage still names it.',
      access: writing,
      params: idParams,
      missing: keyNotFound,
      reply: shownKey,
      replies: [{ status: 200, description: 'The key as it stays.' }],
      errors: ['key_not_found'],
      handle: async ({ caller, params }) => {
        const named = { accountId: caller.accountId, keyId: params.id }
        return answer(keyAsShown(await revokeKey(deps, named, { actor: actorOf(caller) }), clock.now()))
      },
    }),
  ]
}

type Defined<Fields> = { [Field in keyof Fields]: Exclude<Fields[Field], undefined> }

/** Without what was not named: what is absent stays as it is, or is as it usually is. */
function defined<Fields extends object>(fields: Fields): Partial<Defined<Fields>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Defined<Fields>
  >
}

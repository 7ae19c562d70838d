import { z } from 'zod'
import { API_KEY_SCOPES, type ApiKey } from '../../accounts/api-keys/api-key.ts'
import { apiKeyFields, createApiKey } from '../../accounts/api-keys/create-api-key.ts'
import { listApiKeys } from '../../accounts/api-keys/list-api-keys.ts'
import { revokeApiKey } from '../../accounts/api-keys/revoke-api-key.ts'
import { apiKeyNotFound } from '../../accounts/keys/access-error.ts'
import { KEY_STATES, keyStateAt } from '../../accounts/keys/access-key.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { actorOf } from '../api-caller.ts'
import { idParams, instant, isoOrNull, isoTime, time, uuid } from '../fields.ts'
import { refuseLongerLife, refuseWiderApiKey } from '../granted-scopes.ts'
import { onceFor } from '../once.ts'
import { answer, type Operation, operation } from '../operation.ts'

const TAG = 'API keys'
const PATH = '/v1/api-keys'
const access = { scopes: ['settings:write'], accessKey: null } as const

const shownApiKey = z
  .object({
    id: uuid,
    name: z.string(),
    prefix: z.string().describe('The start of the secret, enough to recognise it by.'),
    state: z.enum(KEY_STATES),
    scopes: z.array(z.enum(API_KEY_SCOPES)),
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable().describe('To the minute; null = never.'),
    createdAt: time,
  })
  .meta({ id: 'ApiKey' })
const newApiKey = z
  .strictObject({ ...apiKeyFields, expiresAt: instant.nullable().optional().describe('Null = never.') })
  .meta({ id: 'NewApiKey' })
const createdApiKey = z
  .object({
    apiKey: shownApiKey,
    secret: z
      .string()
      .nullable()
      .describe('Shown this once. Null = an earlier request with this Idempotency-Key made it.'),
  })
  .meta({ id: 'CreatedApiKey' })

/** The credentials of this very API. */
export function apiKeysOperations({ pool, clock }: Pick<Gateway, 'pool' | 'clock'>): Operation[] {
  const deps = { pool, clock }
  return [
    operation({
      ...{ id: 'listApiKeys', method: 'get', path: PATH, tag: TAG },
      summary: 'API keys',
      access,
      reply: z.object({ data: z.array(shownApiKey) }).meta({ id: 'ApiKeys' }),
      replies: [{ status: 200, description: 'All that are not revoked, the latest first.' }],
      handle: async ({ caller }) =>
        answer({ data: (await listApiKeys(pool, caller.accountId)).map((key) => shown(key, clock.now())) }),
    }),
    operation({
      ...{ id: 'createApiKey', method: 'post', path: PATH, tag: TAG, takesIdempotencyKey: true },
      summary: 'Make an API key',
      description:
        'The secret is in this reply and nowhere else. No scope is given that the API key at work lacks itself, and no ' +
        'life beyond its own.',
      access,
      body: newApiKey,
      reply: createdApiKey,
      replies: [
        { status: 201, description: 'The API key and its secret.' },
        {
          status: 200,
          description: 'An earlier request with this Idempotency-Key made it; its secret was shown then.',
        },
      ],
      errors: ['too_many_api_keys', 'scope_not_yours', 'idempotency_conflict'],
      example: { body: { name: 'Reports', scopes: ['usage:read', 'credits:read'] } },
      handle: async (call) => {
        const { caller, body } = call
        const expiresAt = body.expiresAt ?? null
        refuseWiderApiKey(caller, body.scopes)
        refuseLongerLife(caller, expiresAt)
        const { apiKey, secret } = await createApiKey(
          deps,
          { accountId: caller.accountId, name: body.name, scopes: body.scopes, expiresAt },
          { actor: actorOf(caller), once: onceFor(clock, 'createApiKey', call, body) },
        )
        return answer({ apiKey: shown(apiKey, clock.now()), secret }, { status: secret === null ? 200 : 201 })
      },
    }),
    operation({
      ...{ id: 'revokeApiKey', method: 'delete', path: `${PATH}/{id}`, tag: TAG },
      summary: 'Revoke an API key',
      description: 'For ever, and at once in every process.',
      access,
      params: idParams,
      missing: apiKeyNotFound,
      reply: shownApiKey,
      replies: [{ status: 200, description: 'The API key as it stays.' }],
      errors: ['api_key_not_found'],
      handle: async ({ caller, params }) => {
        const named = { accountId: caller.accountId, apiKeyId: params.id }
        return answer(shown(await revokeApiKey(deps, named, { actor: actorOf(caller) }), clock.now()))
      },
    }),
  ]
}

function shown(key: ApiKey, now: number) {
  return {
    ...{ id: key.id, name: key.name, prefix: key.prefix, state: keyStateAt(key, now), scopes: [...key.scopes] },
    ...{ expiresAt: isoOrNull(key.expiresAt), lastUsedAt: isoOrNull(key.lastUsedAt) },
    createdAt: isoTime(key.createdAt),
  }
}

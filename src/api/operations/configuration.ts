import { z } from 'zod'
import {
  type AccountConfiguration,
  configurationFields,
  readConfiguration,
  setConfiguration,
} from '../../accounts/keys/account-configuration.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { actorOf } from '../api-caller.ts'
import { isoOrNull, time } from '../fields.ts'
import { answer, type Operation, operation } from '../operation.ts'
import { etagOf, expectedVersions } from '../read-request.ts'

const TAG = 'Configuration'
const PATH = '/v1/configuration'

const { requestTimeoutMs, maxOutputTokens, metadata } = configurationFields
const configurationBody = z
  .strictObject({
    requestTimeoutMs: requestTimeoutMs.describe(
      'How long a request may wait for its answer to begin, in milliseconds; then it ends with 504 and is not charged. ' +
        'Null = as long as the gateway waits.',
    ),
    maxOutputTokens: maxOutputTokens.describe('Of one answer, with every key; null = the most that a model writes.'),
    metadata: metadata.describe('Notes of your own; nothing goes by them.'),
  })
  .meta({ id: 'NewConfiguration', description: 'The whole configuration: what is not named is not set.' })
const configurationReply = z
  .object({
    version: z.int().min(0).describe('0 = nothing was ever set.'),
    requestTimeoutMs: z.int().nullable(),
    maxOutputTokens: z.int().nullable(),
    metadata: z.record(z.string(), z.string()),
    updatedAt: time.nullable(),
  })
  .meta({ id: 'Configuration' })
const ETAG = { etag: 'The version in force; send it back in `If-Match`.' }

/** What an account wants of all of its requests; the gateway goes by it. */
export function configurationOperations({ pool, clock }: Pick<Gateway, 'pool' | 'clock'>): Operation[] {
  return [
    operation({
      ...{ id: 'getConfiguration', method: 'get', path: PATH, tag: TAG },
      summary: 'Configuration of the account',
      access: { scopes: ['settings:read'], accessKey: null },
      reply: configurationReply,
      replies: [{ status: 200, description: 'What is set.', headers: ETAG }],
      handle: async ({ caller }) => shown(await readConfiguration(pool, caller.accountId)),
    }),
    operation({
      ...{ id: 'setConfiguration', method: 'put', path: PATH, tag: TAG, takesIfMatch: true },
      summary: 'Set the configuration of the account',
      description: 'In force for every request that begins after the reply.',
      access: { scopes: ['settings:write'], accessKey: null },
      body: configurationBody,
      reply: configurationReply,
      replies: [{ status: 200, description: 'What is set now.', headers: ETAG }],
      errors: ['configuration_changed_meanwhile'],
      example: { body: { requestTimeoutMs: 60_000, maxOutputTokens: 4_096, metadata: { team: 'search' } } },
      handle: async ({ caller, body, request }) => {
        const isExpected = expectedVersions(request, 'configuration')
        const wanted = { accountId: caller.accountId, ...body }
        return shown(await setConfiguration({ pool, clock }, wanted, { actor: actorOf(caller) }, isExpected))
      },
    }),
  ]
}

function shown({ version, requestTimeoutMs, maxOutputTokens, metadata, updatedAt }: AccountConfiguration) {
  return answer(
    { version, requestTimeoutMs, maxOutputTokens, metadata, updatedAt: isoOrNull(updatedAt) },
    { headers: { etag: etagOf(version) } },
  )
}

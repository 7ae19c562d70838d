import { z } from 'zod'
import type { UsageStatus } from '../../ledger/usage-event.ts'
import { formatDecimalNano } from '../../money/nano.ts'
import type { Generation } from '../../reports/usage/generation.ts'
import { count, currency, decimal, isoTime, time, uuid } from '../fields.ts'

export const GENERATION_STATUSES = [
  'COMPLETED',
  'CLIENT_ABORTED',
  'PROVIDER_ABORTED',
  'FAILED',
  'ABANDONED',
] as const satisfies readonly UsageStatus[]

export const shownGeneration = z
  .object({
    id: uuid.describe('The `x-request-id` of the reply.'),
    at: time,
    model: z.string(),
    providerId: uuid.nullable().describe('Null = no provider was reached.'),
    providerName: z.string().nullable(),
    surface: z.string(),
    status: z.enum(GENERATION_STATUSES),
    httpStatus: z.int(),
    errorCode: z.string().nullable(),
    streaming: z.boolean(),
    inputTokens: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    outputTokens: count,
    reasoningTokens: count.describe('A part of the output.'),
    estimated: z.boolean().describe('Tokens were counted here, because the provider reported none.'),
    cost: decimal.describe('What was charged.'),
    market: decimal.nullable().describe("What the provider's public price would have come to; null = there is none."),
    currency,
    ownKey: z.boolean().describe('The provider was called with your own key.'),
    attempts: count,
    latencyMs: count,
    firstByteMs: count.nullable(),
    keyId: uuid,
    keyName: z.string().nullable(),
    projectId: uuid,
    projectName: z.string().nullable(),
    clientIp: z.string().nullable(),
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'Generation', description: 'One request. Prompts and answers are stored nowhere.' })

export function generationAsShown(of: Generation): z.output<typeof shownGeneration> {
  return {
    ...{ id: of.id, at: isoTime(of.at), model: of.model, providerId: of.providerId, providerName: of.providerName },
    ...{ surface: of.surface, status: of.status, httpStatus: of.httpStatus, errorCode: of.errorCode },
    ...{ streaming: of.streaming, inputTokens: of.inputTokens, cacheReadTokens: of.cacheReadTokens },
    ...{ cacheWriteTokens: of.cacheWriteTokens, outputTokens: of.outputTokens, reasoningTokens: of.reasoningTokens },
    ...{ estimated: of.estimated, cost: formatDecimalNano(of.costNano), currency: of.currency, ownKey: of.ownKey },
    market: of.marketNano === null ? null : formatDecimalNano(of.marketNano),
    ...{ attempts: of.attempts, latencyMs: of.latencyMs, firstByteMs: of.firstByteMs },
    ...{ keyId: of.accessKeyId, keyName: of.keyName, projectId: of.projectId, projectName: of.projectName },
    ...{ clientIp: of.clientIp, userAgent: of.userAgent },
  }
}

import { z } from 'zod'
import { formatMoney } from '../../money/format-money.ts'
import { NANO_PER_CENT } from '../../money/nano.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { listPaymentMethods, paymentMethodNotFound } from '../../orders/stripe/payment-methods.ts'
import { disableTopUp, enableTopUp } from '../../orders/top-up/change-top-up.ts'
import { CONSENT_VERSION, consentText } from '../../orders/top-up/consent.ts'
import { readTopUpSettings, type TopUpSettings } from '../../orders/top-up/top-up-settings.ts'
import { amountInMinor, cents, centsOrNull, count, currency, isoOrNull, time } from '../fields.ts'
import { answer, type Operation, operation } from '../operation.ts'

const TAG = 'Automatic top-up'
const PATH = '/v1/auto-top-up'
const PAYMENT_METHOD_LENGTH_MAX = 255

const topUpBody = z
  .discriminatedUnion('enabled', [
    z.strictObject({ enabled: z.literal(false) }),
    z.strictObject({
      enabled: z.literal(true),
      thresholdCents: amountInMinor.describe('Credits are bought when the balance falls below this.'),
      amountCents: amountInMinor.describe('So much is bought.'),
      dailyCapCents: amountInMinor.nullish(),
      monthlyCapCents: amountInMinor.nullish(),
      /** The last saved card, where none is named. */
      paymentMethodId: z.string().min(1).max(PAYMENT_METHOD_LENGTH_MAX).optional(),
      consentVersion: z
        .string({ error: `expected the version of the text that is agreed to: '${CONSENT_VERSION}'` })
        .describe('The version of the text that is agreed to: `consent.version` of the reply to a GET.'),
    }),
  ])
  .meta({ id: 'AutoTopUpChange' })

const consent = z.object({ version: z.string(), text: z.string() }).meta({ id: 'Consent' })
const topUpReply = z
  .object({
    enabled: z.boolean(),
    currency: currency.optional(),
    thresholdCents: cents.optional(),
    amountCents: cents.optional(),
    dailyCapCents: cents.nullable().optional(),
    monthlyCapCents: cents.nullable().optional(),
    paymentMethodId: z.string().optional(),
    suspendedReason: z.string().nullable().optional().describe('Null = it is at work; else a word why not.'),
    suspendedAt: time.nullable().optional(),
    failures: count.optional(),
    nextAttemptAt: time.nullable().optional(),
    lastAttemptAt: time.nullable().optional(),
    lastResult: z.string().nullable().optional(),
    consent,
  })
  .meta({ id: 'AutoTopUp', description: 'Before it was ever set, only `enabled` and `consent`.' })

/** Automatic top-up: what is set, and setting it. */
export function autoTopUpOperations(desk: CashDesk): Operation[] {
  return [
    operation({
      ...{ id: 'getAutoTopUp', method: 'get', path: PATH, tag: TAG },
      summary: 'Automatic top-up',
      access: { scopes: ['billing:read'], accessKey: 'billing' },
      reply: topUpReply,
      replies: [{ status: 200, description: 'What is set.' }],
      handle: async ({ caller }) => answer(shown(await readTopUpSettings(desk.pool, caller.accountId))),
    }),
    operation({
      ...{ id: 'setAutoTopUp', method: 'put', path: PATH, tag: TAG },
      summary: 'Set automatic top-up',
      description: 'Credits are bought with a saved card whenever the balance falls below the threshold.',
      access: { scopes: ['billing:write'], accessKey: 'billing' },
      body: topUpBody,
      reply: topUpReply,
      replies: [{ status: 200, description: 'What is set now.' }],
      errors: ['payment_method_not_found'],
      example: {
        body: { enabled: true, thresholdCents: 5_000, amountCents: 20_000, consentVersion: CONSENT_VERSION },
      },
      handle: async ({ caller, body }) => {
        const { accountId } = caller
        if (!body.enabled) return answer(shown(await disableTopUp(desk, accountId)))
        const settings = await enableTopUp(desk, {
          accountId,
          thresholdMinor: body.thresholdCents,
          amountMinor: body.amountCents,
          dailyCapMinor: body.dailyCapCents ?? null,
          monthlyCapMinor: body.monthlyCapCents ?? null,
          paymentMethodId: body.paymentMethodId ?? (await lastSavedCard(desk, accountId)),
          consentVersion: body.consentVersion,
          actor: { actorId: caller.credentialId, actorKind: caller.kind, clientIp: caller.clientIp },
        })
        return answer(shown(settings))
      },
    }),
  ]
}

async function lastSavedCard(desk: CashDesk, accountId: string): Promise<string> {
  const [last] = await listPaymentMethods(desk.pool, accountId)
  if (!last) throw paymentMethodNotFound()
  return last.id
}

function shown(settings: TopUpSettings | null) {
  if (!settings) return { enabled: false, consent: consentInForce('the amount', 'the threshold') }
  const inWords = (nano: bigint) => formatMoney(nano, settings.currency, 'exact')
  return {
    enabled: settings.enabled,
    currency: settings.currency,
    thresholdCents: Number(settings.thresholdNano / NANO_PER_CENT),
    amountCents: Number(settings.amountMinor),
    dailyCapCents: centsOrNull(settings.dailyCapMinor),
    monthlyCapCents: centsOrNull(settings.monthlyCapMinor),
    paymentMethodId: settings.paymentMethodId,
    suspendedReason: settings.suspendedReason,
    suspendedAt: isoOrNull(settings.suspendedAt),
    failures: settings.failures,
    nextAttemptAt: isoOrNull(settings.nextAttemptAt),
    lastAttemptAt: isoOrNull(settings.lastAttemptAt),
    lastResult: settings.lastResult,
    consent: consentInForce(inWords(settings.amountMinor * NANO_PER_CENT), inWords(settings.thresholdNano)),
  }
}

function consentInForce(amount: string, threshold: string) {
  return { version: CONSENT_VERSION, text: consentText({ amount, threshold }) }
}

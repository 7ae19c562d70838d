import type { Router } from 'express'
import { z } from 'zod'
import { clientAddress } from '../gateway/authenticate.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { formatMoney } from '../money/format-money.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import { listPaymentMethods, paymentMethodNotFound } from '../orders/stripe/payment-methods.ts'
import { disableTopUp, enableTopUp } from '../orders/top-up/change-top-up.ts'
import { CONSENT_VERSION, consentText } from '../orders/top-up/consent.ts'
import { readTopUpSettings, type TopUpSettings } from '../orders/top-up/top-up-settings.ts'
import { amountInMinor, apiRouter, jsonBody, parseBody } from './api-router.ts'

const PAYMENT_METHOD_LENGTH_MAX = 255

const body = z.discriminatedUnion('enabled', [
  z.strictObject({ enabled: z.literal(false) }),
  z.strictObject({
    enabled: z.literal(true),
    thresholdCents: amountInMinor,
    amountCents: amountInMinor,
    dailyCapCents: amountInMinor.nullish(),
    monthlyCapCents: amountInMinor.nullish(),
    /** The last saved card, where none is named. */
    paymentMethodId: z.string().min(1).max(PAYMENT_METHOD_LENGTH_MAX).optional(),
    consentVersion: z.string({ error: `expected the version of the text that is agreed to: '${CONSENT_VERSION}'` }),
  }),
])

/** Automatic top-up: what is set, and setting it. */
export function autoTopUpRouter(gateway: Gateway, desk: CashDesk): Router {
  const { router, caller, finish } = apiRouter(gateway)

  router.get('/v1/auto-top-up', async (request, response) => {
    const { accountId } = await caller(request, 'billing')
    response.json(shown(await readTopUpSettings(desk.pool, accountId)))
  })

  router.put('/v1/auto-top-up', jsonBody, async (request, response) => {
    const { accountId, accessKeyId } = await caller(request, 'billing')
    const change = parseBody(body, request.body)
    if (!change.enabled) {
      response.json(shown(await disableTopUp(desk, accountId)))
      return
    }
    const settings = await enableTopUp(desk, {
      accountId,
      thresholdMinor: change.thresholdCents,
      amountMinor: change.amountCents,
      dailyCapMinor: change.dailyCapCents ?? null,
      monthlyCapMinor: change.monthlyCapCents ?? null,
      paymentMethodId: change.paymentMethodId ?? (await lastSavedCard(desk, accountId)),
      consentVersion: change.consentVersion,
      actor: { actorId: accessKeyId, actorKind: 'access_key', clientIp: clientAddress(request) },
    })
    response.json(shown(settings))
  })
  return finish()
}

async function lastSavedCard(desk: CashDesk, accountId: string): Promise<string> {
  const [last] = await listPaymentMethods(desk.pool, accountId)
  if (!last) throw paymentMethodNotFound()
  return last.id
}

function shown(settings: TopUpSettings | null) {
  const isoOrNull = (time: number | null) => (time === null ? null : new Date(time).toISOString())
  const centsOrNull = (minor: bigint | null) => (minor === null ? null : Number(minor))
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
    /** Null = it is at work; else a word why not. */
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

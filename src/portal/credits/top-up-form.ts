import { NANO_PER_CENT } from '../../money/nano.ts'
import type { SavedPaymentMethod } from '../../orders/stripe/payment-methods.ts'
import type { TopUpChange } from '../../orders/top-up/change-top-up.ts'
import type { TopUpSettings } from '../../orders/top-up/top-up-settings.ts'
import { fieldOf, type Problems } from './form-fields.ts'
import { AMOUNT_EXPECTED, fieldMinor, typedMinor } from './shown-amount.ts'

/** The form's fields as they were typed. */
export interface TopUpForm {
  threshold: string
  amount: string
  dailyCap: string
  monthlyCap: string
  card: string
}

export type TopUpWish = Omit<TopUpChange, 'accountId' | 'actor'>
export type ReadTopUpForm =
  | { ok: true; typed: TopUpForm; wish: TopUpWish }
  | { ok: false; typed: TopUpForm; problems: Problems }

/** What a new agreement proposes: a refill before requests fail, at little risk. */
const THRESHOLD_PROPOSED = '10.00'
const AMOUNT_PROPOSED = '25.00'
const MONTHLY_CAP_PROPOSED = '250.00'

/** The form as it opens: what is agreed to now, or a proposal. */
export function topUpFormOf(
  settings: TopUpSettings | null,
  cards: readonly SavedPaymentMethod[],
  wantedCard: string,
): TopUpForm {
  const capOf = (minor: bigint | null) => (minor === null ? '' : fieldMinor(minor))
  const wanted = [wantedCard, settings?.paymentMethodId].find((id) => cards.some((card) => card.id === id))
  const card = wanted ?? cards[0]?.id ?? ''
  if (!settings) {
    const proposed = { threshold: THRESHOLD_PROPOSED, amount: AMOUNT_PROPOSED, monthlyCap: MONTHLY_CAP_PROPOSED }
    return { ...proposed, dailyCap: '', card }
  }
  return {
    threshold: fieldMinor(settings.thresholdNano / NANO_PER_CENT),
    amount: fieldMinor(settings.amountMinor),
    dailyCap: capOf(settings.dailyCapMinor),
    monthlyCap: capOf(settings.monthlyCapMinor),
    card,
  }
}

/** Reads the form; whether the amounts fit each other and the limits, the use case says. */
export function readTopUpForm(fields: unknown): ReadTopUpForm {
  const typed = {
    ...{ threshold: fieldOf(fields, 'threshold'), amount: fieldOf(fields, 'amount') },
    ...{ dailyCap: fieldOf(fields, 'daily-cap'), monthlyCap: fieldOf(fields, 'monthly-cap') },
    card: fieldOf(fields, 'card'),
  }
  const threshold = typedMinor(typed.threshold)
  const amount = typedMinor(typed.amount)
  const dailyCapMinor = optionalMinor(typed.dailyCap)
  const monthlyCapMinor = optionalMinor(typed.monthlyCap)
  const hasAgreed = fieldOf(fields, 'consent') === 'yes'
  const problems: Problems = {
    ...(threshold === null && { threshold: AMOUNT_EXPECTED }),
    ...(amount === null && { amount: AMOUNT_EXPECTED }),
    ...(dailyCapMinor === undefined && { 'daily-cap': `${AMOUNT_EXPECTED} Leave it empty for no limit.` }),
    ...(monthlyCapMinor === undefined && { 'monthly-cap': `${AMOUNT_EXPECTED} Leave it empty for no limit.` }),
    ...(typed.card === '' && { card: 'Choose the card that is charged.' }),
    ...(!hasAgreed && { consent: 'Without your agreement nothing is charged.' }),
  }
  const isRead = threshold !== null && amount !== null && dailyCapMinor !== undefined && monthlyCapMinor !== undefined
  if (!isRead || Object.keys(problems).length > 0) return { ok: false, typed, problems }
  const consentVersion = fieldOf(fields, 'consent-version')
  const amounts = { thresholdMinor: threshold, amountMinor: amount, dailyCapMinor, monthlyCapMinor }
  return { ok: true, typed, wish: { ...amounts, paymentMethodId: typed.card, consentVersion } }
}

/** Null = no limit; undefined = no amount can be read in it. */
function optionalMinor(typed: string): bigint | null | undefined {
  return typed === '' ? null : (typedMinor(typed) ?? undefined)
}

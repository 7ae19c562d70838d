import { refusalOf } from '../../../back-office/refusal.ts'
import { FormError } from './form-error.ts'

/** A refusal as a page shows it: at the field, or over the form. */
export interface Refused {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly field: string | null
}

/** Refusals that are about who acts. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...['not_allowed', 'approval_by_same_person', 'decision_by_same_person', 'own_wallet', 'own_account'],
  ...['operator_sells', 'disabled_by_operator', 'not_oneself'],
])
/** Somebody was quicker, or the page is of yesterday. */
const STALE: ReadonlySet<string> = new Set([
  ...['adjustment_decided', 'order_changed_meanwhile', 'order_move_refused', 'idempotency_conflict', 'code_redeemed'],
])

/** How fields are called on the forms, where that is another name than the use case's. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ netMinor: 'The amount', totalMinor: 'The amount', amountMinor: 'The amount', amountNano: 'The amount' },
  ...{ taxMinor: 'The tax', creditNano: 'The credits', bonusNano: 'The bonus', receivedOn: 'The day of receipt' },
  ...{ dueDays: 'The days until it is due', expiresAt: 'The new end', accountId: 'The account', lotId: 'The credit' },
  ...{ iban: 'The IBAN', bic: 'The BIC', vatId: 'The VAT id', to: 'The currency', from: 'The day' },
  ...{ rateBps: 'The rate', date: 'The day', seller: 'The seller' },
}
const REPEATED = 'This form was sent before with other contents. Look at what was done, and open the form anew.'

/** What to tell the person who acted; null = this is no refusal but a failure, and nobody's business. */
export function refusedOf(error: unknown): Refused | null {
  if (error instanceof FormError) {
    return { status: 422, code: 'invalid_request', message: error.message, field: error.field }
  }
  const refusal = refusalOf(error)
  if (!refusal) return null
  const { code, field } = refusal
  if (code === 'idempotency_conflict') return { status: 409, code, message: REPEATED, field: null }
  return { status: statusOf(code), code, message: inWords(refusal), field }
}

function statusOf(code: string): number {
  if (FORBIDDEN.has(code)) return 403
  if (code.endsWith('_not_found')) return 404
  if (STALE.has(code)) return 409
  return code === 'payment_provider_unavailable' ? 503 : 422
}

/** Use cases begin with the field's name in the program; people know it by its label. */
function inWords({ message, field }: { message: string; field: string | null }): string {
  if (field === null) return message
  const rest = [`${field} `, `${field}: `].find((start) => message.startsWith(start))
  if (rest === undefined) return message
  const name = field.split('.').at(-1) ?? field
  const label = WORDS[name] ?? `The ${name.replace(/([A-Z])/g, ' $1').toLowerCase()}`
  const said = message.slice(rest.length)
  return rest.endsWith(': ') ? `${label}: ${said}` : `${label} ${said}`
}

/** The `error` object of a refusal, as Stripe sends it. */
export interface RefusalBody {
  type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error'
  message: string
  code?: string
  param?: string
  decline_code?: string
  charge?: string
  payment_intent?: object
  payment_method?: object
  setup_intent?: object
  doc_url?: string
  request_log_url?: string
}

/** Thrown to refuse an API call; nothing that was changed before is taken back. */
export class StripeRefusal extends Error {
  readonly status: number
  readonly body: RefusalBody
  /** Refused before any work began: such a reply is not kept for its idempotency key. */
  readonly isBeforeWork: boolean

  constructor(status: number, body: RefusalBody, isBeforeWork = false) {
    super(body.message)
    this.status = status
    const docs = body.code === undefined ? {} : { doc_url: `https://stripe.com/docs/error-codes/${dashed(body.code)}` }
    this.body = { ...body, ...docs }
    this.isBeforeWork = isBeforeWork
  }
}

function dashed(code: string): string {
  return code.replaceAll('_', '-')
}

/** A request that makes no sense in the present state, or has a wrong value. */
export function invalidRequest(message: string, facts: { code?: string; param?: string } = {}): StripeRefusal {
  return new StripeRefusal(400, { type: 'invalid_request_error', message, ...facts })
}

/** A request that is wrong whatever the state. */
export function invalidParameter(message: string, param: string, code?: string): StripeRefusal {
  const body = { type: 'invalid_request_error' as const, message, param }
  return new StripeRefusal(400, code === undefined ? body : { ...body, code }, true)
}

/** The object in the path does not exist: 404. */
export function noSuchResource(noun: string, id: string, param: string): StripeRefusal {
  return new StripeRefusal(404, missing(noun, id, param))
}

/** An object that a parameter names does not exist: 400, as Stripe has it. */
export function noSuchReference(noun: string, id: string, param: string): StripeRefusal {
  return new StripeRefusal(400, missing(noun, id, param))
}

function missing(noun: string, id: string, param: string): RefusalBody {
  return { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${noun}: '${id}'`, param }
}

/** A card that was declined: 402. */
export function cardRefusal(body: Omit<RefusalBody, 'type'>): StripeRefusal {
  return new StripeRefusal(402, { type: 'card_error', ...body })
}

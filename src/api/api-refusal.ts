/** Refusals that only the management API gives. Stable: callers branch on them. */
export const API_REFUSAL_CODES = [
  'rate_limited',
  'generation_not_found',
  'profile_changed_meanwhile',
  'scope_not_yours',
] as const
export type ApiRefusalCode = (typeof API_REFUSAL_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class ApiRefusal extends Error {
  override name = 'ApiRefusal'
  readonly code: ApiRefusalCode
  readonly field: string | null

  constructor(code: ApiRefusalCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

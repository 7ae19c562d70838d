import { AccessError } from '../../accounts/keys/access-error.ts'
import { PageError } from '../../http/page-error.ts'
import { OrderError } from '../../orders/order-error.ts'

/** Refusals of what the address names, not of what was typed. */
const MISSING = new Set(['key_not_found', 'api_key_not_found'])

/**
 * The sentence of a refusal, by the id of the field that it stands beside.
 * @param fieldOf the page's own id for the use case's name of a field
 * @throws PageError for what is not there; whatever is no refusal
 */
export function problemsOf(error: unknown, fieldOf: (field: string | null) => string): Record<string, string> {
  if (error instanceof OrderError && error.code === 'idempotency_conflict') {
    return { form: 'This form was sent before, and has done its work. Send it once more to do it again.' }
  }
  if (!(error instanceof AccessError)) throw error
  if (MISSING.has(error.code) || (error.code === 'project_not_found' && error.field === 'id'))
    throw new PageError('not found')
  return { [fieldOf(error.field)]: sentenceOf(error.message) }
}

/** The use cases quote names of fields, for programs; beside the field itself the sentence needs none. */
function sentenceOf(message: string): string {
  return message.replace(/^'[^']+': (\w)/, (_all, first: string) => first.toUpperCase())
}

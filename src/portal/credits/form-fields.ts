import { z } from 'zod'
import { OrderError } from '../../orders/order-error.ts'

/** No field of these forms is longer. */
const FIELD_LENGTH_MAX = 500

const field = z.string().max(FIELD_LENGTH_MAX)

/** What a form or an address says in a field; '' where it says nothing, twice, or far too much. */
export function fieldOf(fields: unknown, name: string): string {
  const given = (fields as Record<string, unknown> | null | undefined)?.[name]
  const parsed = field.safeParse(given)
  return parsed.success ? parsed.data.trim() : ''
}

/** What is the matter, by the id of the field that it is about; `form` = of none of them. */
export type Problems = Record<string, string>

/**
 * The sentence of a refusal beside the field of the page.
 * @param fields the page's own ids, by the names that the use case has for them
 * @throws whatever is no refusal of an order's
 */
export function problemsOf(error: unknown, fields: Readonly<Record<string, string>>): Problems {
  if (!(error instanceof OrderError)) throw error
  // The use cases quote the names of the API's fields; beside the field itself the sentence needs none.
  const text = error.message.replace(/^'\w+' must be /, 'This must be ').replace(/^\w+ must be /, 'This must be ')
  return { [fields[error.field ?? ''] ?? 'form']: text }
}

/** 503 where the payment provider is away, else 422. */
export function refusalStatus(error: unknown): number {
  return error instanceof OrderError && error.code === 'payment_provider_unavailable' ? 503 : 422
}

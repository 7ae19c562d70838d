import { APIError } from 'better-auth/api'

/** The library's word for why it refused; null = it failed for another reason. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof APIError)) return null
  return error.body?.code ?? null
}

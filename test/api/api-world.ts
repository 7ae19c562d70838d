import { API_KEY_SCOPES, type ApiKeyScope } from '../../src/accounts/api-keys/api-key.ts'
import { createApiKey } from '../../src/accounts/api-keys/create-api-key.ts'
import { type Customer, type Farebox, PATIENCE } from '../support/farebox.ts'

/** A customer whose program holds an API key. */
export interface ApiCustomer extends Customer {
  readonly apiKeyId: string
  readonly apiKey: string
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

export async function apiKeyFor(
  farebox: Farebox,
  accountId: string,
  scopes: readonly ApiKeyScope[] = API_KEY_SCOPES,
  expiresAt: number | null = null,
): Promise<{ id: string; secret: string }> {
  const asked = { accountId, name: 'Test', scopes: [...scopes], expiresAt }
  const { apiKey, secret } = await createApiKey(farebox, asked, { actor: null })
  return { id: apiKey.id, secret: secret as string }
}

export async function apiCustomer(farebox: Farebox, of: { creditNano?: bigint } = {}): Promise<ApiCustomer> {
  const customer = await farebox.customer(of)
  const { id, secret } = await apiKeyFor(farebox, customer.accountId)
  return { ...customer, apiKeyId: id, apiKey: secret }
}

export interface Sent {
  body?: unknown
  headers?: Record<string, string>
  /** Where else than at the first serving process. */
  url?: string
}

/** Calls the management API with a secret; null = with none. */
export async function call(
  farebox: Farebox,
  secret: string | null,
  method: string,
  path: string,
  { body, headers = {}, url = farebox.url }: Sent = {},
): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(secret !== null && { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /^application\/json(;|$)/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null }
}

export { PATIENCE }

import { expect, vi } from 'vitest'
import { parseDecimalNano } from '../../src/money/nano.ts'
import { type Customer, type Farebox, PATIENCE, PRICE } from '../support/farebox.ts'

/** The stored figures of one account. */
export async function walletOf(farebox: Farebox, accountId: string) {
  const [row] = await farebox.rows<Record<'balance' | 'held' | 'debt', string>>(
    'SELECT balance_nano AS balance, held_nano AS held, debt_nano AS debt FROM wallet WHERE account_id = $1',
    accountId,
  )
  if (!row) throw new Error(`no wallet of ${accountId}`)
  return { balance: BigInt(row.balance), held: BigInt(row.held), debt: BigInt(row.debt) }
}

export const balanceOf = async (farebox: Farebox, { accountId }: Customer) =>
  (await walletOf(farebox, accountId)).balance

export interface StoredEvent {
  id: string
  status: string
  httpStatus: number
  errorCode: string | null
  estimated: boolean
  input: number
  cached: number
  output: number
  price: bigint
  cost: bigint
  exposure: bigint
  attempts: number
}

/** The usage events of an account, oldest first. */
export async function eventsOf(farebox: Farebox, { accountId }: Customer): Promise<StoredEvent[]> {
  const rows = await farebox.rows<Record<string, never>>(
    `SELECT id, status, http_status AS "httpStatus", error_code AS "errorCode", estimated, input_tokens AS input,
            cache_read_tokens AS cached, output_tokens AS output, price_nano AS price, cost_nano AS cost,
            exposure_nano AS exposure, attempts
     FROM usage_event WHERE account_id = $1 ORDER BY id`,
    accountId,
  )
  return rows.map((row) => {
    const { price = 0, cost = 0, exposure = 0 } = row
    return { ...row, price: BigInt(price), cost: BigInt(cost), exposure: BigInt(exposure) } as unknown as StoredEvent
  })
}

/** Waits for the booked end of an account's only request. */
export async function onlyEventOf(farebox: Farebox, customer: Customer): Promise<StoredEvent> {
  await vi.waitFor(async () => expect(await eventsOf(farebox, customer)).toHaveLength(1), PATIENCE)
  const [event] = await eventsOf(farebox, customer)
  return event as StoredEvent
}

/** What an account was debited, request by request, oldest first. */
export async function debitsOf(farebox: Farebox, { accountId }: Customer) {
  const rows = await farebox.rows<{ source_id: string; amount_nano: string }>(
    `SELECT source_id, amount_nano FROM ledger_entry WHERE account_id = $1 AND kind = 'USAGE_DEBIT' ORDER BY seq`,
    accountId,
  )
  return rows.map((row) => ({ requestId: row.source_id, nano: -BigInt(row.amount_nano) }))
}

export function priceOf(tokens: { input?: number; cached?: number; output?: number }): bigint {
  const { input = 0, cached = 0, output = 0 } = tokens
  return BigInt(input) * PRICE.input + BigInt(cached) * PRICE.cacheRead + BigInt(output) * PRICE.output
}

export function chargeOf(response: Response): bigint {
  const charge = response.headers.get('x-farebox-charge')
  if (charge === null) throw new Error('the reply names no charge')
  return parseDecimalNano(charge)
}

/** A request with one user message. */
export function ask<More extends object = object>(content: string, more: More = {} as More) {
  return { model: 'priced', messages: [{ role: 'user' as const, content }], ...more }
}

/** Posts a chat completion as it stands; text is sent unchanged. */
export function post(
  farebox: Farebox,
  secret: string | null,
  body: unknown,
  more: { headers?: Record<string, string>; signal?: AbortSignal; url?: string } = {},
): Promise<Response> {
  return fetch(`${more.url ?? farebox.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret !== null && { authorization: `Bearer ${secret}` }),
      ...more.headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(more.signal && { signal: more.signal }),
  })
}

export interface ErrorBody {
  error: {
    message: string
    type: string
    param: string | null
    code: string | null
    balance?: string
    affordable_output_tokens?: number
    budget_id?: string
  }
}

/** The error of a reply, once its shape has been found to be OpenAI's. */
export async function errorOf(response: Response): Promise<ErrorBody['error']> {
  expect(response.headers.get('content-type')).toBe('application/json')
  const body = (await response.json()) as ErrorBody
  expect(Object.keys(body)).toEqual(['error'])
  const shape = { message: expect.any(String), type: expect.any(String) }
  expect(body.error).toMatchObject(shape)
  expect(body.error).toHaveProperty('param')
  expect(body.error).toHaveProperty('code')
  return body.error
}

/** The data of each event of a stream. */
export async function eventsIn(response: Response): Promise<string[]> {
  const text = await response.text()
  return text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice(6)] : []))
}

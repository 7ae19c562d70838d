import type { Customer, Farebox } from '../support/farebox.ts'

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** Calls the management API as a customer does. */
export async function callApi(
  farebox: Farebox,
  { secret }: Customer,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${farebox.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

export async function balanceCents(farebox: Farebox, customer: Customer): Promise<number> {
  const { body } = await callApi(farebox, customer, 'GET', '/credits/balance')
  return body.balanceCents as number
}

/** A checkout that waits for its payment. */
export async function startedCheckout(
  farebox: Farebox,
  customer: Customer,
  asked: { amount?: number; package?: string; saveCard?: boolean },
): Promise<{ id: string; url: string; orderId: string }> {
  const { status, body } = await callApi(farebox, customer, 'POST', '/credits/checkout-session', asked)
  if (status !== 200) throw new Error(`the checkout was refused: ${JSON.stringify(body)}`)
  const [order] = await farebox.rows<{ id: string }>(
    'SELECT id FROM payment_order WHERE checkout_session_id = $1',
    body.id,
  )
  return { id: body.id as string, url: body.url as string, orderId: order?.id as string }
}

/** Buys credits with a card that pays, up to the balance. */
export async function buy(farebox: Farebox, customer: Customer, amount: number, saveCard = false): Promise<string> {
  const { id, orderId } = await startedCheckout(farebox, customer, { amount, saveCard })
  await farebox.stripe.control.pay(id, { card: '4242424242424242', saveCard })
  await farebox.stripe.control.idle()
  return orderId
}

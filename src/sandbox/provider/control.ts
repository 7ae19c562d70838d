import { ZodError } from 'zod'
import { parseJson } from './chat-request.ts'
import type { Exchange } from './exchange.ts'
import { invalidRequest, type ProviderError, unknownRoute } from './provider-error.ts'
import type { ProviderState } from './provider-state.ts'

/** `/sandbox/requests` and `/sandbox/behaviour`: let another process watch and steer the provider. */
export function handleControl(method: string, path: string, exchange: Exchange, state: ProviderState): void {
  const route = `${method} ${path}`
  if (route === 'GET /sandbox/requests') exchange.sendJson(200, JSON.stringify(state.log.counters()))
  else if (route === 'GET /sandbox/behaviour') exchange.sendJson(200, JSON.stringify(state.behaviour))
  else if (route === 'PUT /sandbox/behaviour') exchange.readBody((body) => putBehaviour(body, exchange, state))
  else exchange.refuse(unknownRoute(method, path))
}

function putBehaviour(body: string, exchange: Exchange, state: ProviderState): void {
  const refusal = changeBehaviour(body, state)
  if (refusal) exchange.refuse(refusal)
  else exchange.sendJson(200, JSON.stringify(state.behaviour))
}

function changeBehaviour(body: string, state: ProviderState): ProviderError | null {
  const json = parseJson(body)
  if (!json.ok) return json.error
  try {
    state.changeBehaviour(json.value)
    return null
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    const [issue] = error.issues
    return invalidRequest(`${issue?.path.join('.') || 'behaviour'}: ${issue?.message}`)
  }
}

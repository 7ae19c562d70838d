import type { IncomingMessage, ServerResponse } from 'node:http'
import { handleChatCompletions } from './chat-completions.ts'
import { handleControl } from './control.ts'
import { handleEmbeddings } from './embeddings.ts'
import { Exchange } from './exchange.ts'
import { handleModels } from './models.ts'
import { unknownRoute } from './provider-error.ts'
import type { ProviderState } from './provider-state.ts'
import { RequestLog } from './request-log.ts'

/** Finds the handler for a request; the control routes under `/sandbox/` are not counted. */
export function routeRequest(request: IncomingMessage, response: ServerResponse, state: ProviderState): void {
  const method = request.method ?? 'GET'
  const path = request.url?.split('?', 1)[0] ?? '/'
  const isControl = path.startsWith('/sandbox/')
  const exchange = new Exchange(request, response, isControl ? new RequestLog() : state.log)
  if (isControl) handleControl(method, path, exchange, state)
  else if (method === 'POST' && path === '/v1/chat/completions') handleChatCompletions(exchange, state)
  else if (method === 'POST' && path === '/v1/embeddings') handleEmbeddings(exchange, state)
  else if (method === 'GET' && /^\/v1\/models(\/|$)/.test(path)) handleModels(path, exchange, state)
  else exchange.refuse(unknownRoute(method, path))
}

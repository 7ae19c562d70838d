import type { ServerResponse } from 'node:http'
import { type AuthorizedRequest, bookRequest, type Receipt, type RequestEnd } from './book-request.ts'
import type { Gateway } from './gateway.ts'
import type { ChatRequest } from './protocols/openai/chat-request.ts'

/** What the steps after the hold hand on to each other. */
export interface ChatExchange {
  readonly gateway: Gateway
  readonly response: ServerResponse
  readonly request: AuthorizedRequest
  readonly chat: ChatRequest
  /** What the provider may bill us if the request ran to its bound. */
  readonly costBoundNano: bigint
  /** The client has gone away before the answer was complete. */
  readonly isAbandoned: boolean
  /** The hold's end has been handed to the ledger. */
  isEnded: boolean
}

export function createChatExchange(
  gateway: Gateway,
  response: ServerResponse,
  request: AuthorizedRequest,
  chat: ChatRequest,
  costBoundNano: bigint,
): ChatExchange {
  return {
    gateway,
    response,
    request,
    chat,
    costBoundNano,
    get isAbandoned() {
      return response.destroyed && !response.writableFinished
    },
    isEnded: false,
  }
}

/** Ends the request in the ledger, once; what is not charged is remembered as exposure. */
export function endRequest(exchange: ChatExchange, end: Omit<RequestEnd, 'exposureNano'>): Promise<Receipt> {
  exchange.isEnded = true
  const mayBeBilled = end.usage === null && (end.status === 'CLIENT_ABORTED' || end.status === 'PROVIDER_ABORTED')
  return bookRequest(exchange.gateway, exchange.request, {
    ...end,
    exposureNano: mayBeBilled ? exchange.costBoundNano : 0n,
  })
}

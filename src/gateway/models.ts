import type { IncomingMessage, ServerResponse } from 'node:http'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { authenticate } from './authenticate.ts'
import { isServed } from './choose-routes.ts'
import type { Gateway } from './gateway.ts'
import { answerError } from './protocols/openai/answers.ts'
import { mayUse } from './resolve-model.ts'

/** `GET /v1/models`: what this key may call now, in the shape of the OpenAI API reference ("List models"). */
export async function listModels(gateway: Gateway, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const caller = await authenticate(incoming, gateway.directory, gateway.clock, 'inference')
    const { snapshot, plans } = gateway.catalog()
    const now = gateway.clock.now()
    const usable = snapshot.models.filter((model) => mayUse(caller, model) && isServed(caller, model, plans, now))
    const data = usable.map((model) => ({
      id: model.name,
      object: 'model',
      created: Math.floor(model.createdAt / 1_000),
      owned_by: model.routes[0]?.provider.slug ?? 'farebox',
      context_window: model.contextWindow,
      max_output_tokens: model.maxOutputTokens,
    }))
    const body = JSON.stringify({ object: 'list', data })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(body)
  } catch (error) {
    answerError(gateway, response, error, uuidV7(gateway.clock))
  }
}

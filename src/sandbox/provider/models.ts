import type { Exchange } from './exchange.ts'
import { MISSING_KEY, unknownModel } from './provider-error.ts'
import type { ProviderState } from './provider-state.ts'

const MODEL_CREATED_SECONDS = 1_735_689_600
/** Listed when the provider serves any name. */
const EXAMPLE_MODELS = ['sandbox-model']

/** `GET /v1/models` and `GET /v1/models/{model}`. */
export function handleModels(path: string, exchange: Exchange, state: ProviderState): void {
  const wanted = path.slice('/v1/models/'.length)
  const data = (state.models ?? EXAMPLE_MODELS).map(describeModel)
  const model = data.find(({ id }) => encodeURIComponent(id) === wanted || id === wanted)
  if (!exchange.facts.hasAuthorization) exchange.refuse(MISSING_KEY)
  else if (!wanted) exchange.sendJson(200, JSON.stringify({ object: 'list', data }))
  else if (model) exchange.sendJson(200, JSON.stringify(model))
  else exchange.refuse(unknownModel(wanted))
}

function describeModel(id: string) {
  return { id, object: 'model', created: MODEL_CREATED_SECONDS, owned_by: 'sandbox' }
}

import type { CatalogModel, CatalogSnapshot } from '../catalog/catalog-snapshot.ts'
import type { Caller } from './authenticate.ts'
import { GatewayError } from './gateway-error.ts'

/** A longer name is no model's; it is not repeated in an error. */
const NAME_SHOWN_MAX = 100

/**
 * The model behind a name or an alias.
 * @throws GatewayError `model_not_found`, or `model_not_allowed` where the access key is limited to others.
 */
export function resolveModel(snapshot: CatalogSnapshot, caller: Caller, name: string): CatalogModel {
  const model = snapshot.modelsByName.get(name)
  if (!model) {
    throw new GatewayError(
      'model_not_found',
      `The model '${name.slice(0, NAME_SHOWN_MAX)}' does not exist. GET /v1/models lists those that do.`,
      { param: 'model' },
    )
  }
  if (!mayUse(caller, model)) {
    throw new GatewayError('model_not_allowed', `This access key may not use the model '${model.name}'.`, {
      param: 'model',
    })
  }
  return model
}

export function mayUse(caller: Caller, model: CatalogModel): boolean {
  return caller.allowedModels.length === 0 || caller.allowedModels.includes(model.name)
}

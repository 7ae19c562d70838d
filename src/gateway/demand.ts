import type { CatalogModel } from '../catalog/catalog-snapshot.ts'
import type { Demand, Fit, Room } from '../ledger/operations.ts'
import { affordableOutputTokens, type PricePlan, quoteBound } from '../pricing/quote.ts'
import type { PricedRoute } from './price-plans.ts'

/** Where the client named no cap, one request takes no more than this part of what is available. */
const SHARE_OF_ROOM = 4n
/** But no less than this many tokens while they can be afforded. */
const OUTPUT_TOKENS_FAIR = 1_024

/** What bounds a request's tokens, whatever its protocol. */
export interface RequestBounds {
  textTokensMax: number
  images: number
  imageBytes: number
  unboundedInput: boolean
  /** The client's cap for one choice; null = none. */
  outputCap: number | null
  choices: number
  predictionTokensMax: number
}

/** The bound of the input: bytes bound text, the model's limit bounds an image, the context window bounds everything. */
export function inputTokensMax(bounds: RequestBounds, model: CatalogModel): number {
  if (bounds.unboundedInput) return model.contextWindow
  let tokens = bounds.textTokensMax
  if (bounds.images > 0) {
    if (model.maxImageTokens === null) return model.contextWindow
    tokens += bounds.images * model.maxImageTokens - bounds.imageBytes
  }
  return Math.min(tokens, model.contextWindow)
}

/** The cap of one choice: the least of the client's, the key's and the model's. */
export function outputTokensWanted(bounds: RequestBounds, model: CatalogModel, keyCap: number | null): number {
  return Math.min(bounds.outputCap ?? model.maxOutputTokens, keyCap ?? model.maxOutputTokens, model.maxOutputTokens)
}

/**
 * How much a request needs on the dearest of its routes. The output of `Fit` is the cap of one choice; the reservation
 * covers all choices.
 */
export function demandOf(
  bounds: RequestBounds,
  model: CatalogModel,
  routes: readonly PricedRoute[],
  keyCap: number | null,
): Demand {
  const inputMax = inputTokensMax(bounds, model)
  const wanted = outputTokensWanted(bounds, model, keyCap)
  const capIsNamed = bounds.outputCap !== null

  const reservationOf = (outputTokensMax: number): Fit => {
    const limits = {
      inputTokensMax: inputMax,
      outputTokensMax: outputTokensMax * bounds.choices + bounds.predictionTokensMax,
    }
    const fit: Fit = { outputTokensMax, priceNano: 0n, wholesaleNano: 0n, costNano: 0n }
    for (const { plan } of routes) {
      const bound = quoteBound(plan, limits)
      if (bound.priceNano > fit.priceNano) fit.priceNano = bound.priceNano
      if (bound.wholesaleNano > fit.wholesaleNano) fit.wholesaleNano = bound.wholesaleNano
      if (bound.costNano > fit.costNano) fit.costNano = bound.costNano
    }
    return fit
  }

  const affordable = (room: Room): number => {
    const all = routes.map(({ plan }) =>
      affordableOn(plan, room, inputMax, wanted * bounds.choices + bounds.predictionTokensMax),
    )
    return Math.max(0, Math.floor((Math.min(...all) - bounds.predictionTokensMax) / bounds.choices))
  }

  return {
    fit(room) {
      const whole = reservationOf(wanted)
      if (capIsNamed) return covers(room, whole) ? whole : null
      const share: Room = {
        customerNano: room.customerNano / SHARE_OF_ROOM,
        resellerNano: room.resellerNano === null ? null : room.resellerNano / SHARE_OF_ROOM,
      }
      if (covers(share, whole)) return whole
      const fair = Math.min(OUTPUT_TOKENS_FAIR, affordable(room))
      const tokens = Math.max(fair, affordable(share))
      return tokens > 0 ? reservationOf(tokens) : null
    },
    affordableOutputTokens: affordable,
  }
}

function affordableOn(plan: PricePlan, room: Room, inputMax: number, outputMax: number): number {
  return affordableOutputTokens(plan, {
    inputTokensMax: inputMax,
    outputTokensMax: outputMax,
    availableNano: room.customerNano,
    resellerAvailableNano: room.resellerNano,
  })
}

function covers(room: Room, fit: Fit): boolean {
  return fit.priceNano <= room.customerNano && (room.resellerNano === null || fit.wholesaleNano <= room.resellerNano)
}

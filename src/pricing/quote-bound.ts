import { divideHalfUp } from '../money/divide.ts'
import type { Nano } from '../money/nano.ts'
import type { PricePlan } from './price-plan.ts'
import type { PricePlane } from './price-plane.ts'
import { assertTokenCount } from './token-usage.ts'

/** What a request can use at most: input of all buckets together, and output. */
export interface UsageLimits {
  inputTokensMax: number
  outputTokensMax: number
}

/** No request within the limits costs more on any plane, in nano. Some request within them costs exactly this. */
export interface Bound {
  listNano: Nano | null
  costNano: Nano
  wholesaleNano: Nano
  priceNano: Nano
}

/**
 * The greatest amount on each plane of any usage within the limits, however its input falls into buckets and tiers.
 * Less input can cost more where a higher tier is cheaper, so every tier that the input can reach is tried.
 */
export function quoteBound(plan: PricePlan, { inputTokensMax, outputTokensMax }: UsageLimits): Bound {
  assertTokenCount(inputTokensMax, 'inputTokensMax')
  assertTokenCount(outputTokensMax, 'outputTokensMax')
  const inputs = inputsOfReachableTiers(plan.thresholds, inputTokensMax)
  const output = BigInt(outputTokensMax)
  const wholesaleNano = boundOf(plan.wholesale, inputs, output)
  return {
    listNano: plan.list === null ? null : boundOf(plan.list, inputs, output),
    costNano: boundOf(plan.cost, inputs, output),
    wholesaleNano,
    priceNano: plan.price === plan.wholesale ? wholesaleNano : boundOf(plan.price, inputs, output),
  }
}

/**
 * The greatest output cap, up to `outputTokensMax`, whose bound both balances cover. 0 also when not even the input
 * is affordable: where a request without output makes sense, compare `quoteBound` with an output of 0.
 *
 * Solved in closed form, tier by tier, rather than searched: the hot path asks it under the wallet's lock.
 *
 * @param limits.resellerAvailableNano null when no reseller pays the wholesale price
 */
export function affordableOutputTokens(
  plan: PricePlan,
  limits: UsageLimits & { availableNano: Nano; resellerAvailableNano: Nano | null },
): number {
  assertTokenCount(limits.inputTokensMax, 'inputTokensMax')
  assertTokenCount(limits.outputTokensMax, 'outputTokensMax')
  const inputs = inputsOfReachableTiers(plan.thresholds, limits.inputTokensMax)
  let output = BigInt(limits.outputTokensMax)
  output = affordableOn(plan.price, inputs, output, limits.availableNano)
  if (limits.resellerAvailableNano !== null) {
    output = affordableOn(plan.wholesale, inputs, output, limits.resellerAvailableNano)
  }
  return Number(output)
}

/** For each tier that the input can reach, the most input it can hold: up to the next tier's threshold. */
function inputsOfReachableTiers(thresholds: readonly number[], inputTokensMax: number): bigint[] {
  const inputs: bigint[] = []
  for (let index = 0; index < thresholds.length; index++) {
    if (index > 0 && inputTokensMax <= thresholds[index]!) break
    inputs.push(BigInt(Math.min(inputTokensMax, thresholds[index + 1] ?? inputTokensMax)))
  }
  return inputs
}

function boundOf(plane: PricePlane, inputs: readonly bigint[], output: bigint): Nano {
  let greatest = 0n
  for (let index = 0; index < inputs.length; index++) {
    const tier = plane.tiers[index]!
    const numerator = tier.perRequest + inputs[index]! * tier.inputMax + output * tier.output
    if (numerator > greatest) greatest = numerator
  }
  return divideHalfUp(greatest, plane.denominator)
}

/** The greatest output, up to `outputMax`, that this plane's balance covers; 0 when none. */
function affordableOn(plane: PricePlane, inputs: readonly bigint[], outputMax: bigint, availableNano: Nano): bigint {
  // n / d rounds half up to at most the balance exactly when n / d < balance + 1/2, that is 2n < (2 × balance + 1) × d.
  const numeratorMax = ((2n * availableNano + 1n) * plane.denominator - 1n) / 2n
  let affordable = outputMax
  for (let index = 0; index < inputs.length; index++) {
    const tier = plane.tiers[index]!
    const rest = numeratorMax - tier.perRequest - inputs[index]! * tier.inputMax
    if (rest < 0n) return 0n
    if (tier.output > 0n && rest / tier.output < affordable) affordable = rest / tier.output
  }
  return affordable
}

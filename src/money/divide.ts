/**
 * Divides and rounds to the nearest integer; an exact half goes away from zero (0.5 → 1, −0.5 → −1), so that a debit
 * and its reversal always cancel.
 *
 * @param denominator greater than zero
 */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 1n) return numerator
  if (denominator <= 0n) throw new RangeError(`Expected a denominator greater than zero, but got ${denominator}.`)
  // Half of an odd denominator rounds down harmlessly: an odd denominator has no exact halves.
  const half = denominator >> 1n
  // BigInt division truncates towards zero, so the half is added with the sign of the numerator.
  return numerator < 0n ? (numerator - half) / denominator : (numerator + half) / denominator
}

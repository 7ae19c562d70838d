import { selectVersion } from '../pricing/price-rule.ts'

interface Version {
  id: string
  effectiveFrom: Date
}

/**
 * Two changes within one millisecond are a millisecond apart, so what begins within this time counts as in force now.
 * Without it, a repeated apply would not see its own work.
 */
const NOW_MS = 1_000

/**
 * What to do with a figure of the file, given the versions that the database has of it:
 * - `same`: the version that would be in force says so already;
 * - `write`: a new version, from then on; `replaces` is the one in force until then;
 * - `refused`: it could never be in force, or would rewrite an immutable version.
 */
export type VersionDecision<T> =
  | { decision: 'same' }
  | { decision: 'write'; effectiveFrom: Date; replaces: T | undefined }
  | { decision: 'refused'; reason: string }

export function decideVersion<T extends Version>(
  versions: readonly T[],
  wanted: { effectiveFrom: Date | undefined; isSameAs: (version: T) => boolean },
  now: Date,
): VersionDecision<T> {
  const from = wanted.effectiveFrom ?? now
  const at = Math.max(from.getTime(), now.getTime() + NOW_MS)
  const inForce = selectVersion(versions, new Date(at))
  if (inForce !== undefined && wanted.isSameAs(inForce)) return { decision: 'same' }
  if (wanted.effectiveFrom === undefined) {
    const effectiveFrom = new Date(Math.max(now.getTime(), (inForce?.effectiveFrom.getTime() ?? 0) + 1))
    return { decision: 'write', effectiveFrom, replaces: inForce }
  }
  if (inForce !== undefined && inForce.effectiveFrom >= from) {
    const at = inForce.effectiveFrom.toISOString()
    return {
      decision: 'refused',
      reason:
        inForce.effectiveFrom.getTime() === from.getTime()
          ? `the version from ${at} has other figures and never changes; expected a later effectiveFrom, or none for now`
          : `it would never be in force, as there is a newer version from ${at}; expected a later effectiveFrom, or none for now`,
    }
  }
  return { decision: 'write', effectiveFrom: from, replaces: inForce }
}

import { selectVersion } from '../pricing/price-rule.ts'

interface VersionRow {
  id: string
  effective_from: number
}

/** The ids of the versions that are in force or will be, sorted. Earlier ones have no say any more. */
export function versionsAhead(rows: readonly VersionRow[], now: Date): string[] {
  const versions = rows.map((row) => ({ id: row.id, effectiveFrom: new Date(row.effective_from) }))
  const inForce = selectVersion(versions, now)
  return versions
    .filter((version) => version.effectiveFrom > now || version === inForce)
    .map((version) => version.id)
    .sort()
}

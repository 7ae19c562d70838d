import type { TaxCategory, TaxGroup } from '../document-snapshot.ts'
import { taxOn } from './tax-amount.ts'

/** What a line says about its tax. */
export interface TaxedLine {
  readonly netMinor: bigint
  readonly category: TaxCategory
  readonly rateBps: number
  readonly exemptionCode: string | null
  readonly exemptionReason: string | null
}

/**
 * The breakdown of a document: one group a category and rate, in order of first appearance, each taxed once on its sum. The
 * reason why nothing is charged is that of the group's first line, as the norm has one a group.
 *
 * @throws RangeError for a document that mixes category O with others, which no e-invoice may (EN 16931, BR-O-11)
 */
export function taxGroups(lines: readonly TaxedLine[]): readonly TaxGroup[] {
  const byTax = Map.groupBy(lines, ({ category, rateBps }) => `${category} ${rateBps}`)
  const groups = [...byTax.values()].map((members): TaxGroup => {
    const { category, rateBps, exemptionCode, exemptionReason } = members[0]!
    const netMinor = members.reduce((sum, line) => sum + line.netMinor, 0n)
    return { category, rateBps, netMinor, taxMinor: taxOn(netMinor, rateBps), exemptionCode, exemptionReason }
  })
  if (groups.length > 1 && groups.some(({ category }) => category === 'O')) {
    throw new RangeError('Expected a document with lines outside the scope of tax to have no others.')
  }
  return groups
}

import { divideHalfUp } from '../money/divide.ts'
import type { DocumentSnapshot, TaxGroup } from './document-snapshot.ts'
import { isTaxWithinTolerance, smallestAmountMinor } from './tax-tolerance.ts'
import { fractionDigits } from './xml/decimal.ts'

const BPS_PER_WHOLE = 10_000n

type Invoiced = Pick<DocumentSnapshot, 'taxes' | 'currency'>
type Amounts = Pick<TaxGroup, 'netMinor' | 'taxMinor'>

/**
 * What one more credit note takes of each group, from what the invoice's earlier ones really took. Each note can be said as
 * an e-invoice, and together they take exactly the invoice's net and tax, in however many parts.
 *
 * Both cannot always be had: notes over one yen bear no tax each, so many of them leave more tax than the last note may say.
 * Then it says what it may, as a document that no receiver takes is worse than a yen of tax that is net: the totals stay
 * exact, and what differs from the invoice is how they part into net and tax.
 *
 * @param earlier the groups of all earlier notes, in any order
 * @param totalMinor at most what is left, tax included
 */
export function creditedGroups(
  invoice: Invoiced,
  earlier: readonly TaxGroup[],
  totalMinor: bigint,
): readonly TaxGroup[] {
  const left = invoice.taxes.map((group) => leftOf(group, earlier))
  const gross = grossOfEach(left.map(grossOf), totalMinor, smallestAmountMinor(invoice.currency))
  return invoice.taxes.flatMap((group, index) => {
    const grossMinor = gross[index] ?? 0n
    if (grossMinor === 0n) return []
    const wantedMinor = wantedNet(group, left[index] ?? group, grossMinor, invoice.currency)
    const netMinor = allowedNet(group, grossMinor, wantedMinor, invoice.currency)
    return [{ ...group, netMinor, taxMinor: grossMinor - netMinor }]
  })
}

function leftOf(group: TaxGroup, earlier: readonly TaxGroup[]): Amounts {
  let { netMinor, taxMinor } = group
  for (const taken of earlier) {
    if (taken.category !== group.category || taken.rateBps !== group.rateBps) continue
    netMinor -= taken.netMinor
    taxMinor -= taken.taxMinor
  }
  return { netMinor, taxMinor }
}

/** The total in proportion to what is left of each group, none of which gives more than it has. */
function grossOfEach(left: readonly bigint[], totalMinor: bigint, smallestMinor: bigint): bigint[] {
  const allLeft = left.reduce((sum, one) => sum + one, 0n)
  let leftUpTo = 0n
  let takenUpTo = 0n
  return left.map((one) => {
    leftUpTo += one
    // Rounded on the running sum, so that the groups together take exactly what is credited.
    const upTo = leftUpTo === allLeft ? totalMinor : rounded(totalMinor * leftUpTo, allLeft, smallestMinor)
    const taken = upTo - takenUpTo
    takenUpTo = upTo
    return taken
  })
}

/** How much net keeps what the notes took so far, and what they leave, in line with the invoice. */
function wantedNet(group: TaxGroup, left: Amounts, grossMinor: bigint, currency: string): bigint {
  const staysMinor = grossOf(left) - grossMinor
  // Without a minor unit the rest must be right by itself: it may be the next note's, which has less than one unit to give.
  if (fractionDigits(currency) === 0) return left.netMinor - netIn(staysMinor, group.rateBps, 1n)
  // All notes so far together bear tax at the invoice's own ratio.
  const invoicedMinor = grossOf(group)
  const takenGrossMinor = invoicedMinor - staysMinor
  const smallest = smallestAmountMinor(currency)
  const taxMinor = rounded(takenGrossMinor * group.taxMinor, invoicedMinor, smallest) - (group.taxMinor - left.taxMinor)
  return grossMinor - taxMinor
}

/**
 * The net next to the wanted one that leaves a line and a tax the norm allows. A line of tax alone cannot be written, so
 * there is at least some net.
 */
function allowedNet({ rateBps }: TaxGroup, grossMinor: bigint, wantedMinor: bigint, currency: string): bigint {
  const isAllowed = (netMinor: bigint) =>
    netMinor > 0n &&
    netMinor <= grossMinor &&
    isTaxWithinTolerance({ netMinor, taxMinor: grossMinor - netMinor, rateBps }, currency)
  const smallest = smallestAmountMinor(currency)
  // From the net that is right by itself, which is allowed at any rate below 99 %, towards the wanted one: a handful of steps at most.
  let netMinor = netIn(grossMinor, rateBps, smallest) || grossMinor
  while (netMinor + smallest <= wantedMinor && isAllowed(netMinor + smallest)) netMinor += smallest
  while (netMinor - smallest >= wantedMinor && isAllowed(netMinor - smallest)) netMinor -= smallest
  return netMinor
}

function grossOf({ netMinor, taxMinor }: Amounts): bigint {
  return netMinor + taxMinor
}

/** The net of an amount that contains its tax. */
function netIn(grossMinor: bigint, rateBps: number, smallestMinor: bigint): bigint {
  return rateBps === 0
    ? grossMinor
    : rounded(grossMinor * BPS_PER_WHOLE, BPS_PER_WHOLE + BigInt(rateBps), smallestMinor)
}

/** Half up to the smallest amount that can be said. */
function rounded(numerator: bigint, denominator: bigint, smallestMinor: bigint): bigint {
  return divideHalfUp(numerator, denominator * smallestMinor) * smallestMinor
}

import type { DocumentSnapshot } from '../document-snapshot.ts'
import { converted } from '../national-tax.ts'
import { snapshotHash } from '../snapshot-json.ts'

/** A document's columns, which must say what its snapshot says. */
export interface StoredFigures {
  kind: string
  number: string
  currency: string
  netMinor: bigint
  taxMinor: bigint
  totalMinor: bigint
  issueDate: string
  snapshotSha256: Buffer
}

/** What does not agree within one document, each as a sentence. */
export function snapshotFindings(snapshot: DocumentSnapshot, stored: StoredFigures): string[] {
  const findings: string[] = []
  const expect = (isSo: boolean, sentence: string) => {
    if (!isSo) findings.push(sentence)
  }
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
  expect(snapshotHash(snapshot).equals(stored.snapshotSha256), 'its content is not what its hash was made of')
  for (const field of ['kind', 'number', 'currency', 'netMinor', 'taxMinor', 'totalMinor', 'issueDate'] as const) {
    expect(
      snapshot[field] === stored[field],
      `${field} is ${stored[field]} in its row and ${snapshot[field]} in its content`,
    )
  }
  const { lines, taxes, netMinor, taxMinor, totalMinor, prepaidMinor, dueMinor } = snapshot
  expect(sum(lines.map((line) => line.netMinor)) === netMinor, 'its lines do not add up to its net')
  expect(sum(taxes.map((group) => group.netMinor)) === netMinor, 'its tax groups do not add up to its net')
  expect(sum(taxes.map((group) => group.taxMinor)) === taxMinor, 'its tax groups do not add up to its tax')
  expect(netMinor + taxMinor === totalMinor, 'net and tax do not add up to its total')
  expect(prepaidMinor + dueMinor === totalMinor, 'what was paid and what is due do not add up to its total')
  const { nationalTax } = snapshot
  if (nationalTax !== undefined) {
    const { currency, taxMinor: stated } = nationalTax
    expect(stated === converted(snapshot, nationalTax), `its tax in ${currency} is not its tax at the rate it names`)
  }
  return findings
}

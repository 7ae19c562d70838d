import type { DocumentSnapshot } from '../document-snapshot.ts'
import { otherTaxCurrency } from '../national-tax.ts'

interface Missing {
  count: number
  firstNumber: string
}

/** Gathers documents whose tax is not stated in the currency of its country, by the pair of currencies without a rate. */
export function createMissingRates() {
  const byPair = new Map<string, Missing>()
  return {
    look(snapshot: DocumentSnapshot): void {
      const needed = otherTaxCurrency(snapshot)
      if (needed === null || snapshot.nationalTax?.currency === needed) return
      const pair = `${snapshot.currency} to ${needed}`
      const known = byPair.get(pair)
      if (known) known.count += 1
      else byPair.set(pair, { count: 1, firstNumber: snapshot.number })
    },
    /** One a pair. */
    warnings(): { check: string; row: string; message: string }[] {
      return [...byPair].map(([pair, { count, firstNumber }]) => ({
        check: 'national-tax',
        row: pair,
        message: `${count} ${count === 1 ? 'document, ' : 'documents, first '}${firstNumber}: tax not stated in ${pair.slice(-3)}, as no exchange rate was known on its day`,
      }))
    },
  }
}

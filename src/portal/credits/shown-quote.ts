import { CREDIT_DAYS } from '../../orders/open-order.ts'
import { VOUCHER_TEXT } from '../../orders/order-tax.ts'
import type { CreditPackage } from '../../orders/packages.ts'
import { isOwnAmount, type PurchaseQuote } from './quote-purchase.ts'
import { fieldMinor, shownBalance, shownMinor } from './shown-amount.ts'

/** A package as it can be chosen. */
export interface ShownOffer {
  slug: string
  name: string
  description: string
  /** Null = its buyer names the amount. */
  price: string | null
  bonus: string | null
  isChosen: boolean
}

export function shownOffer(offer: CreditPackage, isChosen: boolean): ShownOffer {
  const { slug, name, description, currency, priceMinor, bonusNano } = offer
  return {
    ...{ slug, name, description, isChosen },
    price: isOwnAmount(offer) || priceMinor === null ? null : shownMinor(priceMinor, currency),
    bonus: bonusNano > 0n ? shownBalance(bonusNano, currency).text : null,
  }
}

/** What is paid for what, before anybody pays. */
export interface ShownQuote {
  credits: string
  bonus: string | null
  net: string
  /** Null where nothing comes on top. */
  tax: { label: string; amount: string } | null
  total: string
  /** Minor units: what the buyer saw, sent back with the payment. */
  totalMinor: string
  /** Sentences about the tax. */
  notes: readonly string[]
  /** Theirs: of the invoice to come, which need not be the page's. */
  notesLanguage: string
  takesTransfers: boolean
  creditDays: number
}

export function shownQuote(quote: PurchaseQuote, currency: string, hasProfile: boolean): ShownQuote {
  const { creditNano, bonusNano, netMinor, taxMinor, totalMinor, taxDecision, takesTransfers } = quote
  const rate = taxDecision && taxDecision.rateBps > 0 ? ` (${ratePercent(taxDecision.rateBps)})` : ''
  return {
    credits: shownBalance(creditNano, currency).text,
    bonus: bonusNano > 0n ? `+ ${shownBalance(bonusNano, currency).text}` : null,
    net: shownMinor(netMinor, currency),
    tax: taxDecision || taxMinor > 0n ? { label: `Tax${rate}`, amount: shownMinor(taxMinor, currency) } : null,
    total: shownMinor(totalMinor, currency),
    totalMinor: totalMinor.toString(),
    notes: notesOf(quote, hasProfile),
    notesLanguage: taxDecision?.language ?? 'en',
    ...{ takesTransfers, creditDays: CREDIT_DAYS },
  }
}

function notesOf({ taxPoint, taxDecision }: PurchaseQuote, hasProfile: boolean): string[] {
  if (taxPoint === 'USAGE') return [VOUCHER_TEXT]
  if (taxDecision === null) {
    const address = hasProfile ? '' : ' Add your billing address to see it here, and to have a tax id count.'
    return [`Whatever tax is due is contained in this total; the invoice says how much.${address}`]
  }
  const { exemptionReason, notes } = taxDecision
  return [...new Set([...(exemptionReason === null ? [] : [exemptionReason]), ...notes])]
}

/** Basis points as a percentage: "19%", "8.1%". */
function ratePercent(bps: number): string {
  return `${fieldMinor(BigInt(bps)).replace(/\.?0+$/, '')}%`
}

import type { Pool } from 'pg'
import type { Actor } from '../../../accounts/actor.ts'
import { accountWithin } from '../../../back-office/scope.ts'
import { inTransaction } from '../../../db/transaction.ts'
import { sellerTo } from '../../../invoicing/seller.ts'
import { NANO_PER_CENT } from '../../../money/nano.ts'
import { taxOnOrder, VOUCHER_TEXT } from '../../../orders/order-tax.ts'
import { type CreditPackage, listPackages } from '../../../orders/packages.ts'
import type { View } from './acting.ts'
import { soldByOperator } from './why-not.ts'
import { readWrittenAmount, type WrittenAmount } from './written-amount.ts'

/** What an order of somebody can be over, and who sells to them. */
export const newOrder: View = {
  may: 'create manual orders',
  async read({ pool, currency, fourEyesLimitMinor }, actor, { account }) {
    const packages = await listPackages(pool)
    const offered = { packages, limitMinor: fourEyesLimitMinor }
    if (account === undefined || account === '') return { ...offered, account: null, currency }
    const { id, name, kind } = await accountWithin(pool, actor, account)
    const seller = await sellerTo(pool, id)
    return {
      ...offered,
      account: { id, name, kind },
      currency: await currencyOf(pool, id),
      seller: seller && { legalName: seller.legalName, hasBank: seller.bank !== null },
      // A reseller's people ask the operator for an amount, and set no terms.
      setsTerms: !(await soldByOperator(pool, actor, [id])).has(id),
    }
  },
}

/** What the buyer would be asked for: the tax is as it will be decided, unless the form names one. */
export const orderPreview: View = {
  may: 'create manual orders',
  async read(
    { pool, clock },
    actor: Actor,
    { account = '', packageId = '', netMinor = '', bonusNano = '', taxMinor = '' },
  ) {
    const { id } = await accountWithin(pool, actor, account)
    const currency = await currencyOf(pool, id)
    const chosen = (await listPackages(pool)).find((one) => one.id === packageId) ?? null
    const net = netOf(chosen, netMinor, currency)
    if (!net.ok) return { problem: netMinor.trim() === '' ? null : net.problem }
    if (net.units === 0n) return { problem: 'Enter an amount above zero.' }
    const bonus = bonusNano.trim() === '' ? null : readWrittenAmount(bonusNano, 9, currency)
    if (bonus && !bonus.ok) return { problem: bonus.problem }
    const named = taxMinor.trim() === '' ? null : readWrittenAmount(taxMinor, 2, currency)
    if (named && !named.ok) return { problem: named.problem }
    const decided = await inTransaction(pool, (client) =>
      taxOnOrder(client, clock, { accountId: id, currency, netMinor: net.units }),
    )
    const tax = named?.units ?? decided.taxMinor
    return {
      ...{ problem: null, currency, netMinor: net.units, taxMinor: tax, totalMinor: net.units + tax },
      creditNano: chosen?.creditNano ?? net.units * NANO_PER_CENT,
      bonusNano: bonus?.units ?? chosen?.bonusNano ?? 0n,
      taxText: taxText(decided, named !== null),
    }
  },
}

function netOf(chosen: CreditPackage | null, written: string, currency: string): WrittenAmount {
  if (chosen?.priceMinor !== null && chosen?.priceMinor !== undefined) return { ok: true, units: chosen.priceMinor }
  return readWrittenAmount(written, 2, currency)
}

function taxText({ taxPoint, taxDecision }: Awaited<ReturnType<typeof taxOnOrder>>, isNamed: boolean): string {
  if (isNamed) return 'as entered'
  if (taxPoint === 'USAGE') return VOUCHER_TEXT
  if (taxDecision === null) return 'It is not known yet where the buyer is: what is paid contains the tax.'
  const { category, rateBps } = taxDecision
  return `decided by where the buyer is: category ${category}, ${rateBps / 100} %`
}

export async function currencyOf(pool: Pool, accountId: string): Promise<string> {
  const { rows } = await pool.query<{ currency: string }>('SELECT currency FROM wallet WHERE account_id = $1', [
    accountId,
  ])
  if (!rows[0]) throw new Error(`account ${accountId} has no wallet`)
  return rows[0].currency
}

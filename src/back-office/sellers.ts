import type { Actor } from '../accounts/actor.ts'
import { addTaxRate } from '../invoicing/add-tax-rate.ts'
import { readSeller, type Seller, writeSeller } from '../invoicing/seller.ts'
import type { NewSeller } from '../invoicing/seller-schema.ts'
import type { TaxRateRow } from '../invoicing/tax/tax-rate-table.ts'
import { readTaxRates } from '../invoicing/tax-of-sale.ts'
import { type ActingDeps, actAs, requireMay } from './acting.ts'
import { OfficeError } from './office-error.ts'
import { findAccountWithin } from './scope.ts'

/**
 * Sets up who issues invoices, or changes it: the operator (null) or a reseller; a reseller's people their own.
 * @throws OfficeError `not_allowed`, `seller_not_found`; InvoicingError `invalid_request`
 */
export async function writeSellerFor(
  deps: ActingDeps,
  actor: Actor,
  resellerId: string | null,
  input: NewSeller,
): Promise<Seller> {
  const asked = { permission: 'change sellers', action: 'seller.write' } as const
  const subject = { kind: 'seller', id: resellerId ?? 'operator', accountId: resellerId }
  await requireMay(deps, actor, asked.permission, subject, asked.action)
  const account = resellerId === null ? null : await findAccountWithin(deps.pool, actor, resellerId)
  const isTheirs = resellerId === null ? actor.side === 'OPERATOR' : account?.kind === 'RESELLER'
  if (!isTheirs) throw new OfficeError('seller_not_found')
  return actAs(deps, actor, { ...asked, subject: { ...subject, id: null } }, async (client) => {
    // Of two who set the same one up at once, the second changes what the first has written.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('seller ' || $1, 0))`, [subject.id])
    const before = await readSeller(client, resellerId)
    const after = await writeSeller(client, deps.clock, resellerId, input)
    const { invoicePattern, creditNotePattern, numberReset } = input
    const series = { invoicePattern, creditNotePattern, numberReset }
    return { result: after, change: { before, after: { ...after, ...series } } }
  })
}

/**
 * Adds a tax rate that holds from a day on, or mends the one of that day.
 * @throws OfficeError `not_allowed`; InvoicingError `invalid_request`
 */
export function addTaxRateFor(deps: ActingDeps, actor: Actor, input: unknown): Promise<TaxRateRow> {
  const subject = { kind: 'tax_rate', id: null, accountId: null }
  return actAs(deps, actor, { permission: 'change tax rates', action: 'tax-rate.write', subject }, async (client) => {
    const known = await readTaxRates(client)
    const after = await addTaxRate(client, deps.clock, input)
    const before = known.find(({ territory, from }) => territory === after.territory && from === after.from) ?? null
    return { result: after, change: { before, after, subjectId: `${after.territory} ${after.from}` } }
  })
}

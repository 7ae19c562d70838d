import { freeCreditNano } from '../../../adjustments/wallet-reads.ts'
import { listLots } from '../../../back-office/list-lots.ts'
import { OFFICE_SENTENCES } from '../../../back-office/office-error.ts'
import { accountWithin, isOwnAccount } from '../../../back-office/scope.ts'
import { NANO_PER_CENT } from '../../../money/nano.ts'
import type { View } from './acting.ts'
import { inMoney, nanoInMoney } from './in-money.ts'
import { currencyOf } from './new-order-view.ts'
import { readWrittenAmount } from './written-amount.ts'

/** Whom an adjustment would be for, and what there is to adjust. */
export const adjust: View = {
  may: 'adjust credits',
  async read({ pool, clock, fourEyesLimitMinor }, actor, { account = '' }) {
    const { id, name } = await accountWithin(pool, actor, account)
    return {
      account: { id, name },
      currency: await currencyOf(pool, id),
      availableNano: await freeCreditNano(pool, id, clock.now()),
      lots: await listLots(pool, 'account_id = $1 AND open AND expires_at > $2', [id, new Date(clock.now())]),
      limitMinor: fourEyesLimitMinor,
      whyNot: isOwnAccount(actor, id) ? OFFICE_SENTENCES.own_wallet : null,
    }
  },
}

/** What an adjustment would do, as the wallet is now. */
export const adjustmentPreview: View = {
  may: 'adjust credits',
  async read({ pool, clock, fourEyesLimitMinor }, actor, { account = '', kind = '', amount = '' }) {
    const { id } = await accountWithin(pool, actor, account)
    const currency = await currencyOf(pool, id)
    const written = readWrittenAmount(amount, 9, currency)
    if (!written.ok) return { problem: amount.trim() === '' ? null : written.problem }
    if (written.units === 0n) return { problem: 'Enter an amount above zero.' }
    const { rows } = await pool.query<{ balance: string }>(
      'SELECT balance_nano AS balance FROM wallet WHERE account_id = $1',
      [id],
    )
    const balanceNano = BigInt(rows[0]?.balance ?? 0)
    const availableNano = await freeCreditNano(pool, id, clock.now())
    if (kind === 'DEBIT' && written.units > availableNano) {
      return {
        problem: `At most ${nanoInMoney(availableNano, currency)} can be taken now: no more credit of the account is free.`,
      }
    }
    const afterNano = kind === 'DEBIT' ? balanceNano - written.units : balanceNano + written.units
    return {
      ...{ problem: null, currency, amountNano: written.units, balanceNano, afterNano },
      waits: written.units > fourEyesLimitMinor * NANO_PER_CENT,
      limit: inMoney(fourEyesLimitMinor, currency),
    }
  },
}

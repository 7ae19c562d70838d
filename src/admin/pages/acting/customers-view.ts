import type { Actor } from '../../../accounts/actor.ts'
import { may } from '../../../accounts/permissions.ts'
import { resellerCustomers } from '../../../back-office/reseller-customers.ts'
import type { View } from './acting.ts'

/** A reseller's customers, with what they used and brought it. */
export const customers: View = {
  may: 'look',
  async read({ pool, clock }, actor: Actor, { reseller }) {
    const resellerId = actor.resellerId ?? reseller ?? ''
    const overview = await resellerCustomers(pool, clock, actor, resellerId)
    return { resellerId, ...overview, can: { open: may(actor, 'open accounts') } }
  },
}

/** For whom an account can be opened. */
export const openAccount: View = {
  may: 'open accounts',
  async read({ pool, isSandbox }, actor) {
    if (actor.side === 'RESELLER') return { resellers: [], ownId: actor.resellerId, canOpenReseller: false, isSandbox }
    const { rows } = await pool.query(
      `SELECT id, name FROM account WHERE kind = 'RESELLER' AND disabled_at IS NULL ORDER BY name, id LIMIT 500`,
    )
    return { resellers: rows, ownId: null, canOpenReseller: may(actor, 'open resellers'), isSandbox }
  },
}

/** The ledger's reads under lock. Rows come back as arrays, in the order of the columns named here. */

/** Locks wallets in id order, so that two batches can never wait for each other in a circle. */
export const lockWallets = {
  name: 'lock_wallets',
  text: `SELECT account_id, currency, balance_nano, held_nano, debt_nano, entry_seq, encode(entry_hash, 'hex'),
                top_up_below_nano, (extract(epoch FROM top_up_due_at) * 1000)::bigint
         FROM wallet WHERE account_id = ANY ($1::uuid[]) ORDER BY account_id FOR UPDATE`,
}

export const openLots = {
  name: 'open_lots',
  text: `SELECT id, account_id, priority, granted_nano, remaining_nano, held_nano,
                (extract(epoch FROM expires_at) * 1000)::bigint, (extract(epoch FROM created_at) * 1000)::bigint,
                frozen_nano
         FROM credit_lot WHERE open AND account_id = ANY ($1::uuid[])`,
}

export const budgetsById = {
  name: 'budgets_by_id',
  text: `SELECT id, account_id, period, limit_nano, (extract(epoch FROM period_start) * 1000)::bigint, spent_nano, held_nano
         FROM budget WHERE id = ANY ($1::uuid[])`,
}

/** The guard of a capture: the one who deletes the hold's row books the charge. */
export const takeHolds = {
  name: 'take_holds',
  text: `DELETE FROM hold WHERE request_id = ANY ($1::uuid[])
         RETURNING request_id, account_id, amount_nano, lot_ids::text, lot_amounts_nano::text, budget_ids::text,
                   reseller_id, reseller_amount_nano, reseller_lot_ids::text, reseller_lot_amounts_nano::text, cost_bound_nano`,
}

export const bookedEvents = {
  name: 'booked_events',
  text: `SELECT id, price_nano, wholesale_nano FROM usage_event WHERE id = ANY ($1::uuid[])`,
}

export const bookedHolds = {
  name: 'booked_holds',
  text: 'SELECT request_id, amount_nano, output_tokens_max, cost_bound_nano FROM hold WHERE request_id = ANY ($1::uuid[])',
}

export const bookedCredits = {
  name: 'booked_credits',
  text: `SELECT kind, source_id, account_id, amount_nano FROM ledger_entry
         WHERE (kind, source_id, account_id) IN
               (SELECT * FROM unnest($1::entry_kind[], $2::uuid[], $3::uuid[]))`,
}

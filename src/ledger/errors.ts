/** The ledger refuses: the call contradicts what is already booked, or names what does not exist. A bug of the caller. */
export class LedgerConflict extends Error {
  override name = 'LedgerConflict'
}

/** PostgreSQL cannot be asked now. Nothing was decided; the caller may try again later. */
export class LedgerUnavailable extends Error {
  override name = 'LedgerUnavailable'
}

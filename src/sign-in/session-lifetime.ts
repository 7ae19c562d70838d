const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * One rule for everybody, made for those who handle money: OWASP (Session Management) wants hours of idleness and a
 * latest end for such pages. A working day may be idle over lunch; a week begins with a new sign-in.
 */
export const SESSION_IDLE_MS = 12 * HOUR_MS
export const SESSION_LIFETIME_MS = 7 * 24 * HOUR_MS

/** That somebody was seen is written at most this often: a page is no reason to write. */
export const SESSION_SEEN_MS = 5 * MINUTE_MS

/** SQLSTATE classes: the server starts or stops, the connection failed, resources ran out (manual, appendix A). */
const SERVER_AWAY = /^(57P|08|53)/
/** The driver and its pool have no codes of their own. */
const DRIVER_AWAY = /connection|timeout exceeded/i

/** Whether an error says that the database cannot be asked now, rather than that the question was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: string }
  return 'syscall' in error || SERVER_AWAY.test(code ?? '') || DRIVER_AWAY.test(error.message)
}

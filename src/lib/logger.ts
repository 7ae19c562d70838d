import { type Logger, pino } from 'pino'

export type { Logger }

/** Structured lines on standard error; standard output is for people. Credentials are never written. */
export function createLogger(level: string): Logger {
  return pino(
    { level, redact: ['*.authorization', '*.apiKey', '*.secret', '*.password', 'headers.authorization'] },
    pino.destination({ fd: 2, sync: false }),
  )
}

import { randomInt } from 'node:crypto'

const COUNT = 10
/** No letters and digits that are taken for each other: 31 signs, almost 5 bits each. */
const SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'
const HALF_LENGTH = 5

/** Codes for the day on which the phone is gone: 49 bits of chance each, good for one sign-in. */
export function createBackupCodes(): string[] {
  return Array.from({ length: COUNT }, () => `${half()}-${half()}`)
}

function half(): string {
  return Array.from({ length: HALF_LENGTH }, () => SIGNS[randomInt(SIGNS.length)]).join('')
}

/** As it was shown, however it was typed. */
export function normalizeBackupCode(typed: string): string {
  const signs = typed.toLowerCase().replace(/[^a-z0-9]/g, '')
  return `${signs.slice(0, HALF_LENGTH)}-${signs.slice(HALF_LENGTH)}`
}

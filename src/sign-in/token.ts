import { createHash, randomBytes } from 'node:crypto'

/** 256 bits of chance: nobody guesses one, and a plain SHA-256 is enough to keep it by. */
const TOKEN_BYTES = 32
const TOKEN = /^[\w-]{43}$/

export interface NewToken {
  /** Leaves in a mail, and is kept nowhere else. */
  token: string
  hash: Buffer
}

export function createToken(): NewToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return { token, hash: hash(token) }
}

/** What a token is looked up by; null = nothing that we have ever made. */
export function tokenHash(token: string): Buffer | null {
  return TOKEN.test(token) ? hash(token) : null
}

const hash = (token: string): Buffer => createHash('sha256').update(token).digest()

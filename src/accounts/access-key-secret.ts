import { createHash, randomBytes } from 'node:crypto'

/** 256 bits of chance: nobody guesses one, and a plain SHA-256 is enough to keep it by. */
const SECRET_BYTES = 32
const SECRET_START = 'sk-farebox-'
/** Enough to recognise a key by, too little to use it. */
const PREFIX_LENGTH = SECRET_START.length + 4

export interface AccessKeySecret {
  /** Shown once. */
  secret: string
  prefix: string
  hash: Buffer<ArrayBuffer>
}

export function createAccessKeySecret(): AccessKeySecret {
  return describeSecret(SECRET_START + randomBytes(SECRET_BYTES).toString('base64url'))
}

/** What is kept of a secret. */
export function describeSecret(secret: string): AccessKeySecret {
  return {
    secret,
    prefix: secret.slice(0, PREFIX_LENGTH),
    hash: Buffer.from(createHash('sha256').update(secret).digest()),
  }
}

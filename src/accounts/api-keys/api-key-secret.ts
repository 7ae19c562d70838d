import { createHash, randomBytes } from 'node:crypto'
import type { AccessKeySecret } from '../access-key-secret.ts'

/** By it everybody, and every scanner of leaked secrets, can tell one from an access key. */
export const API_KEY_START = 'fbm-'

/** 256 bits of chance: nobody guesses one, and a plain SHA-256 is enough to keep it by. */
const SECRET_BYTES = 32
/** Enough to recognise a key by, too little to use it. */
const PREFIX_LENGTH = API_KEY_START.length + 6

export function createApiKeySecret(): AccessKeySecret {
  const secret = API_KEY_START + randomBytes(SECRET_BYTES).toString('base64url')
  const hash = Buffer.from(createHash('sha256').update(secret).digest())
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), hash }
}

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** OWASP Password Storage Cheat Sheet: N = 2^17, r = 8, p = 1. */
const COST = 2 ** 17
const BLOCK_SIZE = 8
const PARALLELIZATION = 1
const KEY_BYTES = 32
const SALT_BYTES = 16
/** scrypt needs 128 · N · r bytes; Node allows 32 MiB unless told otherwise. */
const MEMORY_MAX = 256 * COST * BLOCK_SIZE

function derive(password: string, salt: Buffer): Promise<Buffer> {
  const options = { N: COST, r: BLOCK_SIZE, p: PARALLELIZATION, maxmem: MEMORY_MAX }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** `scrypt$salt$key`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await derive(password, salt)
  return `scrypt$${salt.toString('base64url')}$${key.toString('base64url')}`
}

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, salt, key] = stored.split('$')
  if (scheme !== 'scrypt' || !salt || !key) return false
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url')), Buffer.from(key, 'base64url'))
}
